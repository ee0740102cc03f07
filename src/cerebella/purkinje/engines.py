"""Engines of the Purkinje cell, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.purkinje.integrate import integrate_with_neuron
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.result import PurkinjeResult
from cerebella.purkinje.synaptic_events import SynapticEvents
from cerebella.runs.engines import Engine
from cerebella.runs.progress import Reporter

Integrate = Callable[[Any, PurkinjeRequest, Morphology, SynapticEvents, Reporter], PurkinjeResult]


def integrate_with_numba(
    engine: Numba,
    request: PurkinjeRequest,
    morphology: Morphology,
    events: SynapticEvents,
    reporter: Reporter,
) -> PurkinjeResult:
    """Integrate in this process, with code that numba compiles on first use."""
    from cerebella.purkinje.own_engine.legs import integrate

    in_doubles = _in_doubles(engine)
    return integrate(request, morphology, events, reporter, in_doubles=in_doubles)


def _in_doubles(engine: Numba) -> bool:
    if engine.threads not in (None, 1):
        raise InputError(
            f"`threads` is {engine.threads}, but a Purkinje cell uses one thread",
            remedy="Omit it; run several trials at once in separate processes",
        )
    return engine.precision == "double"


ENGINES: dict[type[Engine], Integrate] = {
    Numba: integrate_with_numba,
    CoreNeuron: integrate_with_neuron,
    Neuron: integrate_with_neuron,
}
"""Function that integrates the cell, by the type of the engine, in the order of preference."""


def integrate_beginning(
    engine: Engine,
    request: PurkinjeRequest,
    morphology: Morphology,
    events: Sequence[SynapticEvents],
) -> list[Callable[[], PurkinjeResult]]:
    """Integrate the common beginning of several runs, with the engine of this package.

    Parameters
    ----------
    engine : Engine
        Engine; others than `Numba` integrate each run as a whole.
    request : PurkinjeRequest
        The run, apart from its trial.
    morphology : Morphology
        The cell.
    events : sequence of SynapticEvents
        Synapses and events of each run.

    Returns
    -------
    list of callable
        For each run, integrates the rest and returns the result, which is that of the engine in
        `ENGINES`.
    """
    if isinstance(engine, Numba):
        from cerebella.purkinje.own_engine.legs import integrate_beginning as of_own_engine

        return of_own_engine(request, morphology, events, in_doubles=_in_doubles(engine))
    integrate = ENGINES[type(engine)]
    return [
        partial(integrate, engine, request, morphology, of_run, Reporter()) for of_run in events
    ]
