"""Engines: values that select the program that integrates a model, and its settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, ClassVar, Protocol, runtime_checkable

from cerebella.errors import InputError, MachineError


@runtime_checkable
class Engine(Protocol):
    """An engine; immutable, so that equal engines give equal runs.

    Attributes
    ----------
    name : str
        Name on the command line and in manifests.
    cite : tuple of str
        Keys of references.bib.
    extra : str
        Extra of the package that installs its libraries; empty if they always are.
    """

    name: ClassVar[str]
    cite: ClassVar[tuple[str, ...]]
    extra: ClassVar[str]

    def versions(self) -> dict[str, str]:
        """Return the versions of the libraries used, by name."""
        ...

    def is_available(self) -> bool:
        """Return whether these libraries are installed."""
        ...

    def settings(self) -> dict[str, Any]:
        """Return the settings in use, as the manifest keeps them."""
        ...


@runtime_checkable
class OnDevice(Engine, Protocol):
    """An engine that needs more than libraries."""

    def unavailable(self) -> str:
        """Return why it cannot be used, with the remedy."""
        ...


AUTO = "auto"
"""Name that stands for the first engine of a level that is installed and takes the settings."""


def engine_of(asked: Engine | str, engines: Iterable[type[Engine]], **settings: Any) -> Any:
    """Return the engine that was requested by value or by name.

    Parameters
    ----------
    asked : Engine or str
        An engine, the name of one, or `AUTO`.
    engines : iterable of type
        Engines of a level, by their type, in the order of preference.
    **settings
        Settings of an engine requested by name, such as ``ranks=2``; those that are None keep
        their default.

    Returns
    -------
    Engine
        An engine of the level.

    Raises
    ------
    InputError
        The level has no such engine, or the engine has no such setting.
    MachineError
        The libraries of the engine are not installed.
    """
    engine = requested_engine(asked, engines, **settings)
    if not engine.is_available():
        raise MachineError(_unavailable(engine))
    return engine


def _unavailable(engine: Engine) -> str:
    """Return why an engine cannot be used, with the remedy."""
    if isinstance(engine, OnDevice):
        return f"engine {engine.name}: {engine.unavailable()}"
    install = f" Install it: `pip install 'cerebella[{engine.extra}]'`" if engine.extra else ""
    return f"engine {engine.name} is not installed.{install}"


def requested_engine(asked: Engine | str, engines: Iterable[type[Engine]], **settings: Any) -> Any:
    """Return the engine that was requested, which may not be installed; see `engine_of`."""
    by_name = {engine.name: engine for engine in engines}
    if asked == AUTO:
        asked = _preferred(by_name, settings)
    engine = _by_name(by_name, asked, settings) if isinstance(asked, str) else asked
    if type(engine) not in by_name.values():
        shown = type(engine).__name__
        raise InputError(
            f"`engine` {shown} is not an engine of this level", remedy=_choices(by_name)
        )
    return engine


def _preferred(known: Mapping[str, type[Engine]], settings: Mapping[str, Any]) -> str:
    """Return the name of the first engine that is installed and takes the settings."""
    given = {name for name, value in settings.items() if value is not None}
    suitable = [kind for kind in known.values() if given <= _settings_of(kind)] or known.values()
    installed = [kind.name for kind in suitable if kind().is_available()]
    return next(iter(installed), next(iter(suitable)).name)


def _settings_of(kind: type[Engine]) -> set[str]:
    return {field.name for field in fields(kind)}  # type: ignore[arg-type]


def _by_name(known: Mapping[str, type[Engine]], name: str, settings: Mapping[str, Any]) -> Engine:
    if name not in known:
        raise InputError(f"`engine` {name!r} is unknown", remedy=_choices(known))
    given = {key: value for key, value in settings.items() if value is not None}
    for key in given:
        if key not in _settings_of(known[name]):
            able = [other for other, kind in known.items() if key in _settings_of(kind)]
            choice = f", or choose `engine` {' or '.join(able)}" if able else ""
            raise InputError(f"engine {name} does not take `{key}`", remedy=f"Leave it out{choice}")
    return known[name](**given)


def _choices(known: Mapping[str, type[Engine]]) -> str:
    return f"Choose from {', '.join([AUTO, *known])}"
