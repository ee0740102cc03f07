"""Integrate the Purkinje cell: set up, deliver the events, advance, collect."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.memory import peak_memory_MB
from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.session import Neuron, initialize
from cerebella.purkinje.cell import build_purkinje_cell
from cerebella.purkinje.job import PurkinjeJob
from cerebella.purkinje.synaptic_events import KINDS, SynapticEvents

# A leg hands everything over to CoreNEURON and back; between legs recordings are thinned out.
_LEG_MS = 30.0


@dataclass(frozen=True)
class PurkinjeResult:
    """What comes out of a run.

    Attributes
    ----------
    soma_v : (n_steps + 1,) mV at every time step, at the center of the soma.
    calcium, v : (n_samples, n_compartments) float32, mM and mV; empty if not asked for.
    timings_s, peak_memory_MB : of the process.
    """

    soma_v: npt.NDArray[np.float64]
    calcium: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    timings_s: dict[str, float]
    peak_memory_MB: float


class _Recorder:
    """One variable of many compartments, thinned out after each leg to spare memory."""

    def __init__(self, h: Any, references: list[Any], every: int) -> None:
        self._vectors = [h.Vector().record(reference) for reference in references]
        self._every = every
        self._n_seen = 0
        self._kept: list[npt.NDArray[np.float32]] = []

    def collect(self) -> None:
        """Keep what the sampling step wants of the steps since the last call."""
        if not self._vectors:
            return
        # CoreNEURON's vectors can differ by a sample; what is behind comes with the next leg.
        n = min(int(vector.size()) for vector in self._vectors)
        wanted = slice(-self._n_seen % self._every, n, self._every)
        self._kept.append(
            np.stack([vector.as_numpy()[wanted] for vector in self._vectors], 1).astype(np.float32)
        )
        for vector in self._vectors:
            vector.remove(0, n - 1)
        self._n_seen += n

    def values(self) -> npt.NDArray[np.float32]:
        """All samples so far: (n_samples, n_compartments)."""
        return np.concatenate(self._kept) if self._kept else np.empty((0, 0), dtype=np.float32)


def run_purkinje(
    neuron: Neuron,
    job: PurkinjeJob,
    morphology: Morphology,
    events: SynapticEvents,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> PurkinjeResult:
    """Build the cell and simulate it in this process."""
    start = time.perf_counter()
    h = neuron.h
    sections = build_purkinje_cell(h, morphology, job.parameters.cell)
    segments = [segment for section in sections for segment in section]
    synapses, deliver = _build_synapses(h, job, events, segments)
    detector = _give_gid(neuron, sections[0])
    soma_v = h.Vector().record(sections[0](0.5)._ref_v)
    every = round(job.record_dt_ms / job.parameters.time_step_ms)
    recorders = {
        name: _Recorder(h, [getattr(s, f"_ref_{of}") for s in segments], every)
        for name, of in (("calcium", "cai"), ("v", "v"))
        if name in job.record
    }
    initialize(
        neuron,
        engine=job.engine,
        time_step_ms=job.parameters.time_step_ms,
        temperature_C=job.parameters.cell.temperature_C,
        initial_v_mV=job.parameters.cell.initial_v_mV,
    )
    set_up_s, set_up_cpu_s = time.perf_counter() - start, time.process_time()
    _advance(neuron, job, events, deliver, recorders, on_progress)
    solve_s = time.perf_counter() - start - set_up_s
    solve_cpu_s = time.process_time() - set_up_cpu_s
    del synapses, detector  # until here they had to exist
    empty = np.empty((0, 0), dtype=np.float32)
    values = {name: recorder.values() for name, recorder in recorders.items()}
    return PurkinjeResult(
        np.array(soma_v),
        values.get("calcium", empty),
        values.get("v", empty),
        {"set_up": set_up_s, "solve": solve_s, "solve_cpu": solve_cpu_s},
        peak_memory_MB(),
    )


def _build_synapses(
    h: Any, job: PurkinjeJob, events: SynapticEvents, segments: list[Any]
) -> tuple[list[Any], list[Callable[[float], None]]]:
    """Create the synapse objects and, for each, what delivers an event at a time (ms)."""
    kinetics = [getattr(job.parameters.connections, kind) for kind in KINDS]
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


def _give_gid(neuron: Neuron, soma: Any) -> Any:
    """Make the cell one that CoreNEURON takes: it wants a spike source with a gid."""
    h, pc = neuron
    pc.gid_clear()
    pc.set_gid2node(0, int(pc.id()))
    detector = h.NetCon(soma(0.5)._ref_v, None, sec=soma)
    pc.cell(0, detector)
    return detector


def _advance(
    neuron: Neuron,
    job: PurkinjeJob,
    events: SynapticEvents,
    deliver: list[Callable[[float], None]],
    recorders: dict[str, _Recorder],
    on_progress: Callable[[float], None],
) -> None:
    n_legs = max(1, round(job.duration_ms / _LEG_MS))
    n_steps = round(job.duration_ms / job.parameters.time_step_ms)
    bounds_ms = np.round(np.linspace(0, n_steps, n_legs + 1)) * job.parameters.time_step_ms
    for start_ms, stop_ms in zip(bounds_ms[:-1].tolist(), bounds_ms[1:].tolist(), strict=True):
        first, last = np.searchsorted(events.event_time_ms, [start_ms, stop_ms])
        for synapse, time_ms in zip(
            events.event_synapse[first:last].tolist(),
            events.event_time_ms[first:last].tolist(),
            strict=True,
        ):
            deliver[synapse](time_ms)
        neuron.pc.psolve(stop_ms)
        for recorder in recorders.values():
            recorder.collect()
        on_progress(stop_ms / job.duration_ms)
