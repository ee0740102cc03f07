"""The network on the engine of this package: setup, integration in legs, recording."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.synaptic_events import Events
from cerebella.machine import peak_memory_MB
from cerebella.molecular_layer.channels import temperature_factors
from cerebella.molecular_layer.own_channels import own_channels_of
from cerebella.molecular_layer.own_engine.arrays import (
    Connections,
    Constants,
    Electrodes,
    NetworkState,
    n_gates_of,
)
from cerebella.molecular_layer.own_engine.layout import (
    LANES,
    SOMA,
    Layout,
    Trees,
    lay_out,
    node_lanes,
    place_of,
)
from cerebella.molecular_layer.own_engine.procedures import procedures_of
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.result import NetworkResult
from cerebella.molecular_layer.stimulation import clamping_of, injection_of
from cerebella.molecular_layer.wiring import (
    KINDS,
    RankWiring,
    input_delays_ms,
    input_weights_uS,
    schedule_input_events,
    step_of,
    wire_whole,
)
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.mli_synapses import SynapseParameters
from cerebella.parameters.own_mechanisms import refuse_mechanisms
from cerebella.results.spikes import SpikeTrains
from cerebella.results.time_grid import times_of_steps
from cerebella.runs.progress import Reporter

_LEG_MS = 25.0
"""Simulated time between two reports of progress, which are also the moments of interruption."""

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def integrate(
    request: MLIRequest,
    network: Network,
    inputs: SpikeTrains,
    reporter: Reporter,
) -> NetworkResult:
    """Integrate in this process, on one core."""
    start = time.perf_counter()
    parameters = request.parameters
    step_ms = parameters.time_step_ms
    wiring, layout, connections = _wired(network, request)
    trees = layout.trees
    constants = _constants(parameters)
    events = _input_events(request, network, inputs, wiring, layout)
    refuse_mechanisms(parameters)
    own = own_channels_of(parameters.cell)
    state = _initial_state(layout, connections, parameters, n_gates_of(own))
    compiled = procedures_of(own)
    compiled.start(trees, state)
    recorded = np.array(sorted(set(request.record_v)), dtype=np.int64)
    recorded_lanes = node_lanes(trees, recorded, np.full(len(recorded), SOMA))
    recorded_gates = _gate_places(trees, request, n_gates_of(own))
    trees, electrodes_of = _electrodes(request, network, trees)
    set_up_s = time.perf_counter() - start

    n_steps = round(request.duration_ms / step_ms)
    leg = max(1, round(_LEG_MS / step_ms))
    times, gids = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    voltages = [state.v_mV[recorded_lanes][np.newaxis]]
    gates = [state.gates.ravel()[recorded_gates][np.newaxis]]
    for first in range(0, n_steps, leg):
        stop = min(first + leg, n_steps)
        spikes = np.empty((2, ((stop - first) // 2 + 1) * layout.trees.gid.size), np.int64)
        samples = np.empty((stop - first, len(recorded)))
        gate_samples = np.empty((stop - first, len(recorded_gates)))
        due = slice(*np.searchsorted(events.step, [first, stop]))
        now = Events(events.step[due], events.synapse[due], events.amount_uS[due])
        electrodes = electrodes_of(first, stop)
        compiled.advance(
            *(first, stop, trees, constants, now, electrodes, connections, state, spikes),
            *(recorded_lanes, samples, recorded_gates, gate_samples),
        )
        n_spikes = state.counts[1]
        times.append(times_of_steps(spikes[0, :n_spikes], step_ms))
        gids.append(spikes[1, :n_spikes].copy())
        voltages.append(samples)
        gates.append(gate_samples)
        reporter(stop / n_steps)
    return NetworkResult(
        np.concatenate(times),
        np.concatenate(gids),
        recorded,
        np.concatenate(voltages),
        np.concatenate(gates),
        {"set_up": set_up_s, "solve": time.perf_counter() - start - set_up_s},
        peak_memory_MB(),
    )


def _gate_places(trees: Trees, request: MLIRequest, n_gates: int) -> Ints:
    """Return the places of recorded gates in the gates of all groups."""
    gid, gate = np.array(request.record_gates, np.int64).reshape(-1, 2).T
    group, lane = place_of(trees, gid)
    return (group * n_gates + gate) * LANES + lane


def _electrodes(
    request: MLIRequest, network: Network, trees: Trees
) -> tuple[Trees, Callable[[int, int], Electrodes]]:
    """Return the cells with a diagonal of their own, and a function of the stimuli of steps."""
    injection, clamping = injection_of(request, network), clamping_of(request, network)
    lanes, clamped = (
        node_lanes(trees, place, np.full(len(place), SOMA))
        for place in (injection.place, clamping.place)
    )
    constant_uS = trees.constant_uS[clamped]

    def of_steps(first: int, stop: int) -> Electrodes:
        currents_nA = injection.currents_nA(first, stop)
        return Electrodes(lanes, currents_nA, clamped, constant_uS, *clamping.commands(first, stop))

    if len(clamped):  # clamps change the diagonal, which later runs of the network share
        trees = trees._replace(constant_uS=trees.constant_uS.copy())
    return trees, of_steps


class _Wired(NamedTuple):
    """A network with its cells as arrays; the same at all levels of synchrony in a trial."""

    wiring: RankWiring
    layout: Layout
    connections: Connections


def _wired(network: Network, request: MLIRequest) -> _Wired:
    """Return the wiring of a trial; the last one of a network is kept."""
    parameters = request.parameters
    wiring = wire_whole(
        network,
        parameters,
        seed=request.seed,
        trial=request.trial,
        published_ranks=request.published_ranks,
    )
    kept = network.derived.get(__name__)
    if kept is None or kept.wiring is not wiring:
        layout = lay_out(wiring, parameters)
        kept = _Wired(wiring, layout, _connections(wiring, layout, parameters))
        network.derived[__name__] = kept
    return kept


def _constants(parameters: MLIParameters) -> Constants:
    cell, connections, step_ms = parameters.cell, parameters.connections, parameters.time_step_ms
    soma_um2 = np.pi * cell.soma_length_um * cell.soma_diameter_um
    factors, own = temperature_factors(cell.temperature_C), own_channels_of(cell)
    synapses: list[SynapseParameters] = [getattr(connections, kind) for kind in KINDS]

    def conductance_uS(channel: str) -> float:
        """Return that of a channel of the package, 0 if one of the user takes its place."""
        density = 0.0 if channel in cell.channels else getattr(cell, f"{channel}_S_per_cm2")
        return 1e-2 * soma_um2 * density

    densities = [[parameters.own_density(kind, c.name) for kind in ("MLI1", "MLI2")] for c in own]
    own_factors = [channel.own_factor(cell.temperature_C) for channel in own]
    return Constants(
        leak_mV=cell.leak_reversal_mV,
        na_mV=cell.na_reversal_mV,
        k_mV=cell.k_reversal_mV,
        calva_mV=cell.calva_reversal_mV,
        na_uS=conductance_uS("na"),
        kv_uS=conductance_uS("kv"),
        ka_uS=conductance_uS("ka"),
        calva_uS=conductance_uS("calva"),
        hcn_mV=cell.hcn_reversal_mV,
        own_uS=1e-2 * soma_um2 * np.array(densities, dtype=np.float64).reshape(-1, 2),
        own_step=step_ms * np.array(own_factors, dtype=np.float64),
        na_step=step_ms * factors.na,
        kv_step=step_ms * factors.kv,
        ka_step=step_ms * factors.ka,
        calva_m_step=step_ms * factors.calva_m,
        calva_h_step=step_ms * factors.calva_h,
        gap_uS=1e-3 * connections.gap_conductance_nS,
        threshold_mV=cell.spike_threshold_mV,
        reversal_mV=np.array([one.reversal_mV for one in synapses]),
        decay_A=np.exp([-step_ms / one.tau_rise_ms for one in synapses]),
        decay_B=np.exp([-step_ms / one.tau_decay_ms for one in synapses]),
    )


def _input_events(
    request: MLIRequest,
    network: Network,
    inputs: SpikeTrains,
    wiring: RankWiring,
    layout: Layout,
) -> Events:
    """Return the events of input spikes."""
    connections = request.parameters.connections
    arrival_ms = inputs.times_ms + input_delays_ms(request.parameters, network, inputs.gids)
    synapse, time_ms = schedule_input_events(wiring, inputs.gids, arrival_ms)
    scales = [getattr(connections, kind).normalization for kind in KINDS]
    amount_uS = input_weights_uS(request.parameters) * scales
    step = step_of(time_ms, request.parameters.time_step_ms)
    order = np.argsort(step, kind="stable")
    kind = wiring.synapse_kind[synapse]
    return Events(step[order], layout.synapse[synapse][order], amount_uS[kind][order])


def _connections(wiring: RankWiring, layout: Layout, parameters: MLIParameters) -> Connections:
    delay = step_of(wiring.mli_delay_ms, parameters.time_step_ms)
    order = np.lexsort((delay, wiring.mli_source))
    n_mli = int(layout.trees.gid.max(initial=-1)) + 1
    scale = parameters.connections.inhibition.normalization
    return Connections(
        np.searchsorted(wiring.mli_source[order], np.arange(n_mli + 1)),
        delay[order],
        layout.synapse[wiring.mli_synapse][order],
        scale * wiring.mli_weight_uS[order],
    )


def _initial_state(
    layout: Layout, connections: Connections, parameters: MLIParameters, n_gates: int
) -> NetworkState:
    v_mV = np.full(len(layout.trees.constant_uS), parameters.cell.initial_v_mV)
    width = LANES * layout.trees.parent.shape[1]
    # A cell fires at most every second step.
    most = layout.trees.gid.size * (int(connections.delay.max(initial=0)) // 2 + 2)
    return NetworkState(
        v_mV=v_mV,
        current_nA=np.zeros(len(v_mV)),
        gates=np.zeros((len(layout.trees.gid), n_gates, LANES)),
        synapses=np.zeros(layout.n_sites),
        above=np.zeros(layout.trees.gid.shape, dtype=np.int64),
        travelling=np.zeros((3, most), dtype=np.int64),
        counts=np.zeros(2, dtype=np.int64),
        diagonal=np.zeros(width),
        right=np.zeros(width),
        factor=np.zeros(2 * width),
    )
