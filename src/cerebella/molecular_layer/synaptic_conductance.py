"""Conductance of all synapses of an interneuron, for probes: from the spikes of a run."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from cerebella.molecular_layer.recordings import ProbeRecording
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.result import NetworkResult
from cerebella.molecular_layer.wiring import (
    KINDS,
    RankWiring,
    contacts_of_spikes,
    input_delays_ms,
    input_weights_uS,
    schedule_input_events,
    step_of,
    wire_whole,
)
from cerebella.network.network import Network
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.synaptic_conductance import Arrivals, conductance_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def synaptic_conductances(
    planned: Iterable[ProbeRecording],
    request: MLIRequest,
    network: Network,
    inputs: SpikeTrains,
    result: NetworkResult,
) -> dict[str, Floats]:
    """Return the conductance of all synapses of a kind on each recorded cell.

    Parameters
    ----------
    planned : iterable of ProbeRecording
        Probes of a run.
    request : MLIRequest
        The request that was integrated.
    network : Network
        The network.
    inputs : SpikeTrains
        Spikes of PFs and CFs that reach synapses.
    result : NetworkResult
        Spikes of the interneurons.

    Returns
    -------
    dict of str to ndarray of float64, shape (n_samples, n_cells)
        Conductances in nS by name of the probe, for those of synapses.
    """
    wanted = [one for one in planned if one.quantity.synapse]
    if not wanted:
        return {}
    wiring = wire_whole(
        network,
        request.parameters,
        seed=request.seed,
        trial=request.trial,
        published_ranks=request.published_ranks,
    )
    synapse, step, weight_uS = _events(request, network, inputs, result, wiring)
    kind, cell = wiring.synapse_kind[synapse], wiring.synapse_cell[synapse]
    step_ms = request.parameters.time_step_ms
    n_steps = round(request.duration_ms / step_ms)
    conductances = {}
    for one in wanted:
        name = one.quantity.synapse
        own = (kind == KINDS.index(name)) & np.isin(cell, one.gids)
        arrivals = Arrivals(step[own], np.searchsorted(one.gids, cell[own]), weight_uS[own])
        kinetics = getattr(request.parameters.connections, name)
        shape = n_steps // one.every + 1, len(one.gids)
        conductances[one.name] = conductance_of(arrivals, kinetics, step_ms, one.every, shape)
    return conductances


def _events(
    request: MLIRequest,
    network: Network,
    inputs: SpikeTrains,
    result: NetworkResult,
    wiring: RankWiring,
) -> tuple[Ints, Ints, Floats]:
    """Return synapse, step and weight in µS of each event."""
    step_ms = request.parameters.time_step_ms
    arrival_ms = inputs.times_ms + input_delays_ms(request.parameters, network, inputs.gids)
    of_inputs, time_ms = schedule_input_events(wiring, inputs.gids, arrival_ms)
    input_weight_uS = input_weights_uS(request.parameters)[wiring.synapse_kind[of_inputs]]

    # Engines and ranks order spikes of equal times differently, and sums depend on the order.
    in_order = np.lexsort((result.gids, result.times_ms))
    fired = np.round(result.times_ms[in_order] / step_ms).astype(np.int64)
    by_source = np.argsort(wiring.mli_source, kind="stable")
    sources = wiring.mli_source[by_source]
    spike, contact = contacts_of_spikes(sources, result.gids[in_order])
    row = by_source[contact]
    mli_step = fired[spike] + step_of(wiring.mli_delay_ms[row], step_ms)
    return (
        np.concatenate([of_inputs, wiring.mli_synapse[row]]),
        np.concatenate([step_of(time_ms, step_ms), mli_step]),
        np.concatenate([input_weight_uS, wiring.mli_weight_uS[row]]),
    )
