"""Engines and parameters of runs with mechanisms of the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from cerebella.errors import InputError
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.neuron_backend.own_mechanisms import OwnMechanisms
from cerebella.neuron_backend.translation import check_translation, why_not_coreneuron
from cerebella.parameters.own_mechanisms import with_mechanisms, without_replaced
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.settings import parameters_from
from cerebella.runs.engines import AUTO, Engine, engine_of, requested_engine

P = TypeVar("P", bound=Parameters)


def engine_for(
    asked: Engine | str, engines: Iterable[type[Engine]], own: OwnMechanisms, **settings: Any
) -> Any:
    """Return the engine that was requested, or by default one that runs the user's mechanisms.

    Parameters
    ----------
    asked, engines, **settings
        See `engine_of`.
    own : OwnMechanisms
        Mechanisms of the user.

    Returns
    -------
    Engine

    Raises
    ------
    InputError
        The engine cannot run NMODL, or not these files; or a file is not valid NMODL.
    MachineError
        NEURON is not installed.
    """
    if not own.described:
        return engine_of(asked, engines, **settings)
    able = [kind for kind in engines if issubclass(kind, Neuron)]
    if asked != AUTO and not isinstance(requested_engine(asked, engines, **settings), Neuron):
        name = asked if isinstance(asked, str) else asked.name
        raise InputError(
            f"engine {name} cannot run NMODL",
            remedy=f"Leave `engine` out, or choose {' or '.join(kind.name for kind in able)}; "
            "channels described by formulas run on every engine (docs/channels.md)",
        )
    chosen = engine_of(asked, able, **settings)
    check_translation(own)
    reason = why_not_coreneuron(own) if isinstance(chosen, CoreNeuron) else ""
    if not reason:
        return chosen
    if asked != AUTO:
        raise InputError(
            f"engine {chosen.name} cannot run {reason}",
            remedy=f"Choose engine {Neuron.name}, or leave it out",
        )
    return engine_of(Neuron.name, able, **settings)


def describe_choice(engine: Engine, own: OwnMechanisms) -> list[str]:
    """Return lines that say which engine runs the user's mechanisms, and why.

    Parameters
    ----------
    engine : Engine
        An engine of `engine_for`.
    own : OwnMechanisms
        Mechanisms of the user.
    """
    if not own.described:
        return []
    can = isinstance(engine, CoreNeuron)
    reason = "" if can else why_not_coreneuron(own)
    because = f", since CoreNEURON cannot run {reason}" if reason else ""
    return [
        f"{file} is left out: it is a {kind}, not a density mechanism"
        for file, kind in own.left_out.items()
    ] + [f"NMODL of the user is run by {engine.name}{because}"]


def parameters_with(
    kind: type[P],
    given: P | Mapping[str, Any] | None,
    own: OwnMechanisms,
    channels: Mapping[str, Iterable[str]],
) -> P:
    """Return parameters in which mechanisms of the user have their values.

    Parameters
    ----------
    kind, given
        See `parameters_from`.
    own : OwnMechanisms
        Mechanisms of the user.
    channels : mapping of str to iterable of str
        Paths of the densities of each channel of the package, which they may replace.

    Raises
    ------
    InputError
        See `with_mechanisms` and `without_replaced`.
    """
    base = with_mechanisms(kind(), own.described)
    parameters = with_mechanisms(parameters_from(kind, given, base=base), own.described)
    return without_replaced(parameters, channels)
