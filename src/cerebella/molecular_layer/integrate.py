"""The network on NEURON and CoreNEURON: setup, input delivery, integration, recording."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.machine import peak_memory_MB
from cerebella.molecular_layer.build import BuiltNetwork, build_network
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.molecular_layer.own_channels import own_channels_of
from cerebella.molecular_layer.recordings import states_of
from cerebella.molecular_layer.request import MLIRequest, pack, unpack
from cerebella.molecular_layer.result import NetworkResult
from cerebella.molecular_layer.stimulation import clamping_of, injection_of
from cerebella.molecular_layer.wiring import (
    RankWiring,
    input_delays_ms,
    schedule_input_events,
    wire_rank,
)
from cerebella.network.network import Network
from cerebella.neuron_backend.electrodes import clamp_voltage, inject_current
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.neuron_backend.launcher import ranks_of_launcher
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.own_mechanisms import add_mechanisms, read_mechanisms
from cerebella.neuron_backend.session import (
    NeuronSession,
    initialize,
    restored,
    solve_until,
    start_neuron,
)
from cerebella.neuron_backend.workers import Parcel, run_worker
from cerebella.results.spikes import SpikeTrains
from cerebella.results.time_grid import on_grid_ms
from cerebella.runs.progress import Reporter
from cerebella.stimuli.injection import pieces_of

_ARRAYS = ("times_ms", "gids", "recorded_gids", "voltage_mV", "gates")
"""Fields of `NetworkResult` that are arrays."""

_FIRST_LEG_MS = 25.0
_LONGEST_LEG_MS = 1000.0
_LEAST_WALL_PER_LEG_S = 2.0
_WALL_PER_LEG_IN_SET_UPS = 4.0


def integrate_with_neuron(
    engine: Neuron,
    request: MLIRequest,
    network: Network,
    inputs: SpikeTrains,
    reporter: Reporter,
) -> NetworkResult:
    """Integrate in worker processes or, under an MPI launcher, on its ranks."""
    mechanisms = add_mechanisms(
        molecular_layer_mechanisms(own_channels_of(request.parameters.cell)),
        read_mechanisms(request.mechanisms or None),
        coreneuron=isinstance(engine, CoreNeuron),
    )
    library = ensure_mechanisms(mechanisms, announce=reporter.announce)
    launched = ranks_of_launcher()
    if launched > 1:
        neuron = start_neuron(library)
        with restored(neuron):
            result = run_network(prepare_network(neuron, request, network), inputs, reporter)
        ranks = launched
    else:
        parcel = run_worker(
            __name__,
            library,
            pack(request, network, inputs),
            ranks=engine.ranks,
            on_progress=reporter,
        )
        fields: dict[str, Any] = {**parcel.values, **parcel.arrays}
        result, ranks = NetworkResult(**fields), engine.ranks
    return replace(result, ranks=ranks, library=library.key)


def integrate_parcel(
    neuron: NeuronSession, request: Parcel, on_progress: Callable[[float], None]
) -> Parcel:
    """Integrate a packed request on this rank; see `run_worker`."""
    unpacked, network, inputs = unpack(request)
    result = run_network(prepare_network(neuron, unpacked, network), inputs, on_progress)
    arrays = {name: getattr(result, name) for name in _ARRAYS}
    values = {"timings_s": result.timings_s, "peak_memory_MB": result.peak_memory_MB}
    return Parcel(values, arrays)


class PreparedNetwork(NamedTuple):
    """The network of one rank with recordings, not yet initialized."""

    neuron: NeuronSession
    request: MLIRequest
    network: Network
    wiring: RankWiring
    built: BuiltNetwork
    electrodes: list[Any]
    spikes: tuple[Any, Any]
    voltages: dict[int, Any]
    gates: dict[int, Any]
    set_up_s: float


def prepare_network(
    neuron: NeuronSession, request: MLIRequest, network: Network
) -> PreparedNetwork:
    """Build the network and its recordings; call on every rank with the same arguments.

    NEURON takes longer to delete a large network than to build it; a process that is about to exit
    should keep the result until then.
    """
    start = time.perf_counter()
    h, pc = neuron
    wiring = wire_rank(
        network,
        request.parameters,
        seed=request.seed,
        trial=request.trial,
        published_ranks=request.published_ranks,
        rank=int(pc.id()),
        n_ranks=int(pc.nhost()),
    )
    built = build_network(neuron, wiring, request.parameters)
    electrodes = _place_electrodes(neuron, request, network, wiring, built)
    spikes = h.Vector(), h.Vector()
    pc.spike_record(-1, *spikes)
    voltages = {
        gid: h.Vector().record(cell.soma(0.5)._ref_v)
        for gid, cell in zip(wiring.gid.tolist(), built.cells, strict=True)
        if gid in request.record_v
    }
    soma = dict(zip(wiring.gid.tolist(), (cell.soma(0.5) for cell in built.cells), strict=True))
    states = states_of(request.parameters.cell)
    gates = {
        column: h.Vector().record(getattr(getattr(soma[gid], mechanism), f"_ref_{state}"))
        for column, (gid, gate) in enumerate(request.record_gates)
        for state, mechanism in [states[gate]]
        if gid in soma
    }
    set_up_s = pc.allreduce(time.perf_counter() - start, 2)
    return PreparedNetwork(
        *(neuron, request, network, wiring, built, electrodes, spikes, voltages, gates, set_up_s)
    )


def _place_electrodes(
    neuron: NeuronSession,
    request: MLIRequest,
    network: Network,
    wiring: RankWiring,
    built: BuiltNetwork,
) -> list[Any]:
    """Place the electrodes of stimuli on the cells of this rank."""
    injection, clamping = injection_of(request, network), clamping_of(request, network)
    step_ms = request.parameters.time_step_ms
    n_steps = round(request.duration_ms / step_ms)
    soma = dict(zip(wiring.gid.tolist(), (cell.soma(0.5) for cell in built.cells), strict=True))
    electrodes: list[Any] = []
    if any(gid in soma for gid in injection.place.tolist()):
        currents_nA = injection.currents_nA(0, n_steps)
        electrodes += [
            inject_current(neuron.h, soma[gid], *pieces_of(currents_nA[:, column], step_ms))
            for column, gid in enumerate(injection.place.tolist())
            if gid in soma
        ]
    electrodes += [
        clamp_voltage(
            neuron.h, soma[gid], *(pieces_of(values[:, column], step_ms) for values in commands)
        )
        for commands in [clamping.commands(0, n_steps)]
        for column, gid in enumerate(clamping.place.tolist())
        if gid in soma
    ]
    return electrodes


def run_network(
    prepared: PreparedNetwork,
    inputs: SpikeTrains,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> NetworkResult:
    """Simulate; call on every rank with the same arguments. All ranks return the same result.

    Parameters
    ----------
    inputs : SpikeTrains
        Spikes of PFs and CFs at their sources.
    on_progress : callable
        Called with the completed fraction of the simulated time.
    """
    start = time.perf_counter()
    pc, request = prepared.neuron.pc, prepared.request
    initialize(
        prepared.neuron,
        engine=request.engine,
        time_step_ms=request.parameters.time_step_ms,
        temperature_C=request.parameters.cell.temperature_C,
        initial_v_mV=request.parameters.cell.initial_v_mV,
    )
    events = _input_events(request, prepared.network, inputs, prepared.wiring)
    # The fixed cost of a leg, the transfer to CoreNEURON, grows with the network, as setup does.
    wall_per_leg_s = max(_LEAST_WALL_PER_LEG_S, _WALL_PER_LEG_IN_SET_UPS * prepared.set_up_s)
    _advance(
        prepared.neuron, request.duration_ms, events, prepared.built, wall_per_leg_s, on_progress
    )
    solve_s = pc.allreduce(time.perf_counter() - start, 2)
    times, gids = prepared.spikes
    parts = pc.py_allgather(
        (
            times.as_numpy().copy(),  # np.array fails for empty vectors with numpy before 2.4
            gids.as_numpy().astype(np.int64),
            {gid: np.array(v) for gid, v in prepared.voltages.items()},
            {column: np.array(gate) for column, gate in prepared.gates.items()},
            peak_memory_MB(),
        )
    )
    all_times, all_gids, traces, of_gates, memory = zip(*parts, strict=True)
    return NetworkResult(
        on_grid_ms(np.concatenate(all_times), request.parameters.time_step_ms),
        np.concatenate(all_gids),
        *_side_by_side({gid: v for part in traces for gid, v in part.items()}),
        _side_by_side({column: gate for part in of_gates for column, gate in part.items()})[1],
        {"set_up": prepared.set_up_s, "solve": solve_s},
        max(memory),
    )


def _advance(
    neuron: NeuronSession,
    duration_ms: float,
    events: tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]],
    built: BuiltNetwork,
    wall_per_leg_s: float,
    on_progress: Callable[[float], None],
) -> None:
    """Integrate in legs of a few seconds to keep the event queue short and report progress."""
    synapse, arrival_ms = events
    now_ms, leg_ms, step_ms = 0.0, _FIRST_LEG_MS, neuron.h.dt
    while now_ms < duration_ms:
        start = time.perf_counter()
        stop_ms = min(now_ms + round(leg_ms / step_ms) * step_ms, duration_ms)
        first, last = np.searchsorted(arrival_ms, [now_ms, stop_ms])
        for index, time_ms in zip(
            synapse[first:last].tolist(), arrival_ms[first:last].tolist(), strict=True
        ):
            built.inputs[index](time_ms)
        solve_until(neuron, stop_ms)
        wall_s = neuron.pc.allreduce(time.perf_counter() - start, 2)
        leg_ms = (stop_ms - now_ms) * wall_per_leg_s / wall_s
        leg_ms = min(max(leg_ms, _FIRST_LEG_MS), _LONGEST_LEG_MS)
        now_ms = stop_ms
        on_progress(now_ms / duration_ms)


def _input_events(
    request: MLIRequest, network: Network, inputs: SpikeTrains, wiring: RankWiring
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the events of input spikes on this rank: synapse objects and sorted times in ms."""
    delay_ms = input_delays_ms(request.parameters, network, inputs.gids)
    synapse, arrival_ms = schedule_input_events(wiring, inputs.gids, inputs.times_ms + delay_ms)
    order = np.argsort(arrival_ms, kind="stable")
    return synapse[order], arrival_ms[order]


def _side_by_side(
    voltages: dict[int, npt.NDArray[np.float64]],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    gids = np.array(sorted(voltages), dtype=np.int64)
    if not len(gids):
        return gids, np.empty((0, 0))
    return gids, np.stack([voltages[gid] for gid in gids.tolist()], axis=1)
