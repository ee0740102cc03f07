"""The Purkinje cell on NEURON and CoreNEURON: setup, event delivery, integration, recording."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.machine import peak_memory_MB
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.neuron_backend.electrodes import clamp_voltage, inject_current
from cerebella.neuron_backend.engines import CoreNeuron, Neuron
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.own_mechanisms import add_mechanisms, read_mechanisms
from cerebella.neuron_backend.session import NeuronSession, initialize, solve_until
from cerebella.neuron_backend.workers import Parcel, run_worker
from cerebella.purkinje.calcium_pools import POOLS
from cerebella.purkinje.cell import build_purkinje_cell
from cerebella.purkinje.nmodl.calcium import is_unrolled
from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms
from cerebella.purkinje.own_channels import channels_of
from cerebella.purkinje.quantities import POOL, PUMP, Variable
from cerebella.purkinje.recordings import Recording, plan_recordings
from cerebella.purkinje.request import PurkinjeRequest, pack, unpack
from cerebella.purkinje.result import PurkinjeResult
from cerebella.purkinje.stimulation import clamping_of, injection_of
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents
from cerebella.runs.progress import Reporter
from cerebella.stimuli.injection import pieces_of

# Each leg transfers the model to CoreNEURON and back; recordings are downsampled between legs.
_LEG_MS = 30.0


def integrate_with_neuron(
    engine: Neuron,
    request: PurkinjeRequest,
    morphology: Morphology,
    events: SynapticEvents,
    reporter: Reporter,
) -> PurkinjeResult:
    """Integrate a cell in a worker process."""
    if engine.ranks != 1:
        raise InputError(
            f"`ranks` is {engine.ranks}, but a Purkinje cell runs in one process",
            remedy="Give 1",
        )
    mechanisms = add_mechanisms(
        purkinje_mechanisms(channels_of(request.parameters.cell)),
        read_mechanisms(request.mechanisms or None),
        coreneuron=isinstance(engine, CoreNeuron),
    )
    library = ensure_mechanisms(mechanisms, announce=reporter.announce)
    parcel = run_worker(__name__, library, pack(request, morphology, events), on_progress=reporter)
    return PurkinjeResult(dict(parcel.arrays), **parcel.values, library=library.key)


def integrate_parcel(
    neuron: NeuronSession, request: Parcel, on_progress: Callable[[float], None]
) -> Parcel:
    """Integrate a packed request in this process; see `run_worker`."""
    result = run_purkinje(neuron, *unpack(request), on_progress=on_progress)
    values = {"timings_s": result.timings_s, "peak_memory_MB": result.peak_memory_MB}
    return Parcel(values, result.samples)


class _Recorder:
    """One recording, downsampled after each leg to save memory."""

    def __init__(self, h: Any, recording: Recording, segments: list[Any]) -> None:
        self._recording = recording
        self._vectors = [
            h.Vector().record(_reference(segments[compartment], REGIONS[region], variable))
            for variable in recording.variables
            for compartment, region in zip(
                recording.compartments.tolist(), recording.regions.tolist(), strict=True
            )
        ]
        self._n_seen = 0
        self._kept: list[npt.NDArray[np.floating]] = []

    def collect(self) -> None:
        """Keep the samples of the steps since the last call."""
        # The lengths of CoreNEURON's vectors can differ by one; the rest follows in the next leg.
        n = min(int(vector.size()) for vector in self._vectors)
        samples = slice(-self._n_seen % self._recording.every, n, self._recording.every)
        rows = np.stack([vector.as_numpy()[samples] for vector in self._vectors])
        by_variable = rows.reshape(len(self._recording.variables), -1, rows.shape[1])
        self._kept.append(self._recording.values_of(by_variable.transpose(0, 2, 1)))
        for vector in self._vectors:
            vector.remove(0, n - 1)
        self._n_seen += n

    def values(self) -> npt.NDArray[np.floating]:
        """Return all samples so far, shape (n_samples, n_columns)."""
        return np.concatenate(self._kept)


def _reference(segment: Any, region: str, variable: Variable) -> Any:
    """Return NEURON's reference to a variable of a compartment."""
    if not variable.mechanism:
        return getattr(segment, f"_ref_{variable.state}")
    if variable.mechanism != POOL:
        prefix = "" if variable.of_user else "pc_"
        mechanism = getattr(segment, f"{prefix}{variable.mechanism}")
        return getattr(mechanism, f"_ref_{variable.state}")
    pool = next(pool for pool in POOLS if pool.region == region)
    mechanism = getattr(segment, pool.mechanism)
    if variable == PUMP:
        return getattr(mechanism, f"_ref_{variable.state}")
    if is_unrolled(pool):
        return getattr(mechanism, f"_ref_{variable.state}_{variable.shell}")
    return getattr(mechanism, f"_ref_{variable.state}")[variable.shell]


def run_purkinje(
    neuron: NeuronSession,
    request: PurkinjeRequest,
    morphology: Morphology,
    events: SynapticEvents,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> PurkinjeResult:
    """Build the cell and simulate it in this process."""
    start = time.perf_counter()
    h = neuron.h
    sections = build_purkinje_cell(h, morphology, request.parameters.cell)
    segments = [segment for section in sections for segment in section]
    synapses, deliver = _build_synapses(h, request, events, segments)
    electrodes = _place_electrodes(h, request, morphology, segments)
    detector = _give_gid(neuron, sections[0])
    recorders = {
        recording.name: _Recorder(h, recording, segments)
        for recording in plan_recordings(request, morphology)
    }
    initialize(
        neuron,
        engine=request.engine,
        time_step_ms=request.parameters.time_step_ms,
        temperature_C=request.parameters.cell.temperature_C,
        initial_v_mV=request.parameters.cell.initial_v_mV,
    )
    set_up_s, set_up_cpu_s = time.perf_counter() - start, time.process_time()
    _advance(neuron, request, events, deliver, recorders, on_progress)
    solve_s = time.perf_counter() - start - set_up_s
    solve_cpu_s = time.process_time() - set_up_cpu_s
    del synapses, electrodes, detector  # NEURON required them until here
    return PurkinjeResult(
        {name: recorder.values() for name, recorder in recorders.items()},
        {"set_up": set_up_s, "solve": solve_s, "solve_cpu": solve_cpu_s},
        peak_memory_MB(),
    )


def _build_synapses(
    h: Any, request: PurkinjeRequest, events: SynapticEvents, segments: list[Any]
) -> tuple[list[Any], list[Callable[[float], None]]]:
    """Create the synapse objects and, for each, a function that delivers an event at a time."""
    kinetics = [getattr(request.parameters.connections, kind) for kind in KINDS]
    settings = [(k.tau_rise_ms, k.tau_decay_ms, k.reversal_mV) for k in kinetics]
    new_synapse, new_entry = h.DoubleExponentialSynapse, h.NetCon
    synapses, deliver = [], []
    for compartment, kind, weight_uS in zip(
        events.synapse_compartment.tolist(),
        events.synapse_kind.tolist(),
        events.weight_uS.tolist(),
        strict=True,
    ):
        synapse = new_synapse(segments[compartment])
        synapse.tau_rise, synapse.tau_decay, synapse.e = settings[kind]
        entry = new_entry(None, synapse)
        entry.weight[0] = weight_uS
        synapses.append(synapse)
        deliver.append(entry.event)
    return synapses, deliver


def _place_electrodes(
    h: Any, request: PurkinjeRequest, morphology: Morphology, segments: list[Any]
) -> list[tuple[Any, ...]]:
    """Place the electrodes of stimuli."""
    step_ms = request.parameters.time_step_ms
    n_steps = round(request.duration_ms / step_ms)
    injection, clamping = injection_of(request, morphology), clamping_of(request, morphology)
    currents_nA, commands = injection.currents_nA(0, n_steps), clamping.commands(0, n_steps)
    electrodes = [
        inject_current(h, segments[compartment], *pieces_of(currents_nA[:, column], step_ms))
        for column, compartment in enumerate(injection.place.tolist())
    ]
    return electrodes + [
        clamp_voltage(
            h,
            segments[compartment],
            *(pieces_of(values[:, column], step_ms) for values in commands),
        )
        for column, compartment in enumerate(clamping.place.tolist())
    ]


def _give_gid(neuron: NeuronSession, soma: Any) -> Any:
    """Give the cell a spike source with a gid, which CoreNEURON requires."""
    h, pc = neuron
    pc.gid_clear()
    pc.set_gid2node(0, int(pc.id()))
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    pc.cell(0, detector)
    return detector


def _advance(
    neuron: NeuronSession,
    request: PurkinjeRequest,
    events: SynapticEvents,
    deliver: list[Callable[[float], None]],
    recorders: dict[str, _Recorder],
    on_progress: Callable[[float], None],
) -> None:
    n_legs = max(1, round(request.duration_ms / _LEG_MS))
    n_steps = round(request.duration_ms / request.parameters.time_step_ms)
    bounds_ms = np.round(np.linspace(0, n_steps, n_legs + 1)) * request.parameters.time_step_ms
    for start_ms, stop_ms in zip(bounds_ms[:-1].tolist(), bounds_ms[1:].tolist(), strict=True):
        first, last = np.searchsorted(events.event_time_ms, [start_ms, stop_ms])
        for synapse, time_ms in zip(
            events.event_synapse[first:last].tolist(),
            events.event_time_ms[first:last].tolist(),
            strict=True,
        ):
            deliver[synapse](time_ms)
        solve_until(neuron, stop_ms)
        for recorder in recorders.values():
            recorder.collect()
        on_progress(stop_ms / request.duration_ms)
