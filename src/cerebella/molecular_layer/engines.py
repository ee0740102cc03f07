"""Engines of the molecular layer, in one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.molecular_layer.integrate import integrate_with_neuron
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.result import NetworkResult
from cerebella.network.network import Network
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.neuron_backend.launcher import ranks_of_launcher
from cerebella.neuron_backend.own_mechanisms import NONE, OwnMechanisms
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.mechanisms import engine_for
from cerebella.runs.progress import Reporter

Integrate = Callable[[Any, MLIRequest, Network, SpikeTrains, Reporter], NetworkResult]


def integrate_with_numba(
    engine: Numba, request: MLIRequest, network: Network, inputs: SpikeTrains, reporter: Reporter
) -> NetworkResult:
    """Integrate in this process, with code that numba compiles on first use."""
    from cerebella.molecular_layer.own_engine.integrate import integrate

    _refuse_threads(engine)
    return integrate(request, network, inputs, reporter)


def _refuse_threads(engine: Numba) -> None:
    if engine.threads not in (None, 1):
        raise InputError(
            f"`threads` is {engine.threads}, but the molecular layer uses one thread",
            remedy="Omit it; run several trials at once in separate processes",
        )


ENGINES: dict[type[Engine], Integrate] = {
    Numba: integrate_with_numba,
    CoreNeuron: integrate_with_neuron,
    Neuron: integrate_with_neuron,
}
"""Function that integrates the network, by the type of the engine, in the order of preference."""


def integrate_beginning(
    engine: Engine, request: MLIRequest, network: Network, inputs: Sequence[SpikeTrains]
) -> list[Callable[[], NetworkResult]]:
    """Integrate the common beginning of several runs, with the engine of this package.

    Parameters
    ----------
    engine : Engine
        Engine; others than `Numba` integrate each run as a whole.
    request : MLIRequest
        The run.
    network : Network
        The network.
    inputs : sequence of SpikeTrains
        Spikes of PFs and CFs of each run.

    Returns
    -------
    list of callable
        For each run, integrates the rest and returns the result, which is that of the engine in
        `ENGINES`.
    """
    if isinstance(engine, Numba):
        from cerebella.molecular_layer.own_engine.integrate import (
            integrate_beginning as of_own_engine,
        )

        _refuse_threads(engine)
        return of_own_engine(request, network, inputs)
    integrate = ENGINES[type(engine)]
    return [partial(integrate, engine, request, network, of_run, Reporter()) for of_run in inputs]


def choose_engine(
    asked: Engine | str, own: OwnMechanisms = NONE, *, ranks: int | None = None, **settings: Any
) -> Engine:
    """Return the engine that was requested; by default one that uses the MPI ranks, if any.

    Parameters
    ----------
    asked : Engine or str
        An engine, the name of one, or ``"auto"``.
    own : OwnMechanisms
        Mechanisms of the user, which only NEURON runs.
    ranks : int, optional
        MPI ranks to start; engines that do not take them are not chosen.
    **settings
        Further settings; see `engine_for`.
    """
    if asked == AUTO and ranks is None and ranks_of_launcher() > 1:
        ranks = 1
    return engine_for(asked, ENGINES, own, ranks=ranks, **settings)
