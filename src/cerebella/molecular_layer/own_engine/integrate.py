"""The network on the engine of this package: setup, integration in legs, recording."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.synaptic_events import Events, first_difference
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
    first_of_groups,
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
    fixed, run = _begin(request, network, [inputs])
    _advance(fixed, run, fixed.n_steps, reporter)
    return _result_of(fixed, run)


def integrate_beginning(
    request: MLIRequest, network: Network, inputs: Sequence[SpikeTrains]
) -> list[Callable[[], NetworkResult]]:
    """Integrate up to the first difference between the inputs of several runs.

    Parameters
    ----------
    request, network
        As in `integrate`, the same for all runs.
    inputs : sequence of SpikeTrains
        Spikes of PFs and CFs of each run.

    Returns
    -------
    list of callable
        For each run, integrates its rest and returns its result, which is that of `integrate`. They
        may be called in several threads.
    """
    fixed, run = _begin(request, network, inputs)
    _advance(fixed, run, min(first_difference(fixed.events), fixed.n_steps), Reporter())

    def finish(number: int) -> NetworkResult:
        # Voltage clamps change the diagonal, which runs in several threads would share.
        trees = fixed.trees._replace(constant_uS=fixed.trees.constant_uS.copy())
        own, rest = fixed._replace(trees=trees), _continued(run, number)
        _advance(own, rest, own.n_steps, Reporter())
        return _result_of(own, rest)

    return [partial(finish, number) for number in range(len(inputs))]


class _Fixed(NamedTuple):
    """What does not change in an integration; `events` has those of each run."""

    n_steps: int
    step_ms: float
    trees: Trees
    constants: Constants
    connections: Connections
    advance: Callable[..., int]
    events: Sequence[Events]
    electrodes_of: Callable[[int, int], Electrodes]
    recorded: Ints
    recorded_lanes: Ints
    recorded_gates: Ints


@dataclass
class _Integration:
    """A run that has been integrated up to a step, with spikes and samples until then."""

    number: int
    state: NetworkState
    times: list[Floats]
    gids: list[Ints]
    voltages: list[Floats]
    gates: list[Floats]
    set_up_s: float
    step: int = 0
    solve_s: float = 0.0


def _begin(
    request: MLIRequest, network: Network, inputs: Sequence[SpikeTrains]
) -> tuple[_Fixed, _Integration]:
    """Return the first of several runs at its start, and what they have in common."""
    start = time.perf_counter()
    parameters = request.parameters
    refuse_mechanisms(parameters)
    wiring, layout, connections = _wired(network, request)
    trees = layout.trees
    own = own_channels_of(parameters.cell)
    state = _initial_state(layout, connections, parameters, n_gates_of(own))
    compiled = procedures_of(own)
    compiled.start(trees, state)
    recorded = np.array(sorted(set(request.record_v)), dtype=np.int64)
    recorded_lanes = node_lanes(trees, recorded, np.full(len(recorded), SOMA))
    recorded_gates = _gate_places(trees, request, n_gates_of(own))
    trees, electrodes_of = _electrodes(request, network, trees)
    fixed = _Fixed(
        round(request.duration_ms / parameters.time_step_ms),
        parameters.time_step_ms,
        trees,
        _constants(parameters),
        connections,
        compiled.advance,
        [_input_events(request, network, of_run, wiring, layout) for of_run in inputs],
        electrodes_of,
        *(recorded, recorded_lanes, recorded_gates),
    )
    return fixed, _Integration(
        0,
        state,
        [np.zeros(0)],
        [np.zeros(0, dtype=np.int64)],
        [state.v_mV[recorded_lanes][np.newaxis]],
        [state.gates.ravel()[recorded_gates][np.newaxis]],
        time.perf_counter() - start,
    )


def _advance(fixed: _Fixed, run: _Integration, until: int, reporter: Reporter) -> None:
    """Integrate up to a step."""
    began = time.perf_counter()
    events, state = fixed.events[run.number], run.state
    leg = max(1, round(_LEG_MS / fixed.step_ms))
    while run.step < until:
        first, stop = run.step, min(run.step + leg, until)
        spikes = np.empty((2, ((stop - first) // 2 + 1) * fixed.trees.gid.size), np.int64)
        samples = np.empty((stop - first, len(fixed.recorded)))
        gate_samples = np.empty((stop - first, len(fixed.recorded_gates)))
        due = slice(*np.searchsorted(events.step, [first, stop]))
        now = Events(events.step[due], events.synapse[due], events.amount_uS[due])
        fixed.advance(
            *(first, stop, fixed.trees, fixed.constants, now, fixed.electrodes_of(first, stop)),
            *(fixed.connections, state, spikes),
            *(fixed.recorded_lanes, samples, fixed.recorded_gates, gate_samples),
        )
        n_spikes = state.counts[1]
        run.times.append(times_of_steps(spikes[0, :n_spikes], fixed.step_ms))
        run.gids.append(spikes[1, :n_spikes].copy())
        run.voltages.append(samples)
        run.gates.append(gate_samples)
        run.step = stop
        reporter(stop / fixed.n_steps)
    run.solve_s += time.perf_counter() - began


def _continued(run: _Integration, number: int) -> _Integration:
    """Return a run with another number and the beginning of this one."""
    return replace(
        run,
        number=number,
        state=NetworkState._make(values.copy() for values in run.state),
        times=run.times.copy(),
        gids=run.gids.copy(),
        voltages=run.voltages.copy(),
        gates=run.gates.copy(),
    )


def _result_of(fixed: _Fixed, run: _Integration) -> NetworkResult:
    """Return the result of a finished run; its times include those of a common beginning."""
    return NetworkResult(
        np.concatenate(run.times),
        np.concatenate(run.gids),
        fixed.recorded,
        np.concatenate(run.voltages),
        np.concatenate(run.gates),
        {"set_up": run.set_up_s, "solve": run.solve_s},
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
    (lane, by_lane), (clamped, by_clamped) = (
        _sorted_lanes(trees, place) for place in (injection.place, clamping.place)
    )
    starts = (first_of_groups(trees, lane), first_of_groups(trees, clamped))
    constant_uS = trees.constant_uS[clamped]

    def of_steps(first: int, stop: int) -> Electrodes:
        currents_nA = injection.currents_nA(first, stop).take(by_lane, axis=1)
        commands = (one.take(by_clamped, axis=1) for one in clamping.commands(first, stop))
        return Electrodes(*starts, lane, currents_nA, clamped, constant_uS, *commands)

    if len(clamped):  # clamps change the diagonal, which later runs of the network share
        trees = trees._replace(constant_uS=trees.constant_uS.copy())
    return trees, of_steps


def _sorted_lanes(trees: Trees, gid: Ints) -> tuple[Ints, Ints]:
    """Return the lanes of the somata of cells, sorted, and the order of the cells."""
    lanes = node_lanes(trees, gid, np.full(len(gid), SOMA))
    order = np.argsort(lanes, kind="stable")
    return lanes[order], order


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
        gap_nA=np.zeros(len(layout.trees.gap_own)),
        gates=np.zeros((len(layout.trees.gid), n_gates, LANES)),
        synapses=np.zeros(layout.n_sites),
        above=np.zeros(layout.trees.gid.shape, dtype=np.int64),
        travelling=np.zeros((3, most), dtype=np.int64),
        counts=np.zeros(2, dtype=np.int64),
        current_nA=np.zeros(width),
        diagonal=np.zeros(width),
        right=np.zeros(width),
        factor=np.zeros(2 * width),
    )
