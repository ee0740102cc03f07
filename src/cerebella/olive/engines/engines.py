"""All engines of the olivocerebellar loop."""

from __future__ import annotations

from typing import Any

from cerebella.errors import InputError, MachineError
from cerebella.olive.engines.engine import Engine
from cerebella.olive.engines.numba_engine import Numba
from cerebella.olive.engines.numpy_engine import Numpy

ENGINES: tuple[type[Engine], ...] = (Numba, Numpy)
"""Types of engines; the first is the default."""


def engine_from(given: Engine | str, **settings: Any) -> Engine:
    """Return an engine from a value or a name.

    Parameters
    ----------
    given : Engine or str
        An engine, or the name of one.
    **settings
        Settings of an engine that is given by name; those that are None are left out.

    Returns
    -------
    Engine
        The engine.

    Raises
    ------
    InputError
        There is no engine of this name, or it does not have such a setting.
    MachineError
        The libraries of the engine are not installed.
    """
    engine = _by_name(given, settings) if isinstance(given, str) else given
    if not isinstance(engine, ENGINES):
        raise InputError(f"{given!r} is not an engine of the loop", remedy=_choices())
    if not engine.is_available():
        raise MachineError(f"engine {engine.name} is not installed. Choose another engine")
    return engine


def _by_name(name: str, settings: dict[str, Any]) -> Engine:
    known = {engine.name: engine for engine in ENGINES}
    if name not in known:
        raise InputError(f"there is no engine {name!r}", remedy=_choices())
    chosen = {key: value for key, value in settings.items() if value is not None}
    try:
        return known[name](**chosen)
    except TypeError:
        raise InputError(f"engine {name} does not take {', '.join(chosen)}") from None


def _choices() -> str:
    return f"Choose from {', '.join(engine.name for engine in ENGINES)}"
