"""`simulate_purkinje`: one run of the Purkinje cell, from the network's spikes to its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from cerebella.citations import citation_keys
from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.morphology.recording_sites import MORPHOLOGY_FILE, SECTIONS_FILE
from cerebella.morphology.swc import save_morphology
from cerebella.network.network import Network
from cerebella.neuron_backend.mechanism_sets import purkinje_mechanisms
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary, ensure_mechanisms
from cerebella.neuron_backend.workers import run_worker
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.integrate import PurkinjeResult
from cerebella.purkinje.job import Engine, PurkinjeJob, Recorded, save_job
from cerebella.purkinje.pf_table import read_pf_table
from cerebella.purkinje.placement import Placement, place_synapses
from cerebella.purkinje.presynaptic_network import NetworkSide
from cerebella.purkinje.synaptic_events import collect_events, network_cells
from cerebella.purkinje.worker import load_result
from cerebella.results.condition import Condition, HasSpikes
from cerebella.results.manifest import condition_of
from cerebella.results.run_directory import Run, write_run
from cerebella.results.spikes import Population, SpikeTrains, merge_spike_trains
from cerebella.results.traces import Traces

PUBLISHED_DURATION_MS = 299.0


@dataclass(frozen=True, eq=False)
class PurkinjeSimulation:
    """The result of `simulate_purkinje`.

    Attributes
    ----------
    spikes : those of the network that drove the cell, and population PC: the peaks of its soma.
    traces : ``soma_v``, ``calcium`` and ``v``, as far as they were recorded.
    manifest : everything that was asked for and how it went.
    morphology : the cell's shape.
    """

    spikes: SpikeTrains
    manifest: Mapping[str, Any]
    morphology: Morphology
    traces: Mapping[str, Traces] = field(default_factory=dict)
    name: str = "simulation"

    @property
    def condition(self) -> Condition:
        """Synchrony level, trial, network, morphology and scales."""
        return condition_of(self.manifest)

    def save(self, path: Path | str, *, force: bool = False) -> Run:
        """Write a run directory at `path`; see `write_run`."""
        return write_run(
            path,
            self.manifest,
            self.spikes,
            self.traces,
            force=force,
            write_more=lambda folder: save_morphology(
                self.morphology, folder / MORPHOLOGY_FILE, folder / SECTIONS_FILE
            ),
        )

    def __repr__(self) -> str:
        c, n = self.condition, len(self.spikes.of("PC"))
        return (
            f"<PurkinjeSimulation of {c.morphology}, network {c.network}, CF synchrony "
            f"{c.cf_sync}, trial {c.trial}: {n} spikes in {self.spikes.duration_ms:g} ms>"
        )


def simulate_purkinje(
    spikes: HasSpikes | SpikeTrains,
    *,
    network: Network | Mapping[str, int] | None = None,
    morphology: Morphology | None = None,
    pf_table: Path | str | None = None,
    trial: int | None = None,
    pf_scale: float | None = None,
    cf_scale: float | None = None,
    cf_time_ms: float | None = None,
    duration_ms: float | None = None,
    seed: int = 0,
    engine: Engine = "coreneuron",
    record: Iterable[Recorded] = ("soma_v", "calcium"),
    record_dt_ms: float = 0.1,
    parameters: PurkinjeParameters | None = None,
    replay_published: bool = False,
    on_progress: Callable[[float], None] = lambda fraction: None,
    announce: Callable[[str], None] = lambda message: None,
) -> PurkinjeSimulation:
    """Simulate a Purkinje cell that the spikes of a molecular layer network drive.

    The simulation runs in a process of its own, so that it can neither crash nor change the
    caller's.

    Parameters
    ----------
    spikes : of the network: a run of it, a simulation, or spikes alone.
    network : the network, or the number of its cells of each type; needed only where `spikes`
        does not say.
    morphology : the cell's shape; the default cell if not given.
    pf_table : published table of PF contacts of this morphology; contacts are placed anew
        without it.
    trial : names the streams of PFs that are not of the network; that of `spikes` by default.
    pf_scale, cf_scale, cf_time_ms : short cuts to these parameters.
    duration_ms : simulated time; that of `spikes` by default.
    seed : names all random streams, placement included.
    engine : ``"coreneuron"`` or ``"neuron"``.
    record : what to keep of ``"soma_v"``, ``"calcium"`` and ``"v"`` (of all compartments).
    record_dt_ms : sampling step of calcium and v; soma_v has every time step.
    parameters : the model's numbers.
    replay_published : use the published streams and stopping time of park2026, in
        which PF trains do not depend on the trial.
    on_progress : called with the fraction done, from 0 to 1.
    announce : called with a line before something that takes long and is not the simulation.

    Raises
    ------
    InputError : an argument does not fit the others, or is out of range.
    MachineError : no compiler.
    SimulationError : the process failed; the message names its log.
    """
    start = time.perf_counter()
    source = NetworkSide.of(spikes, network)
    if duration_ms is None:
        whole = source.spikes.duration_ms
        duration_ms = min(whole, PUBLISHED_DURATION_MS) if replay_published else whole
    job = _check_job(
        source,
        parameters=_with(
            parameters or PurkinjeParameters(),
            pf_scale=pf_scale,
            cf_scale=cf_scale,
            cf_time_ms=cf_time_ms,
        ),
        duration_ms=duration_ms,
        trial=(1 if source.condition.trial is None else source.condition.trial)
        if trial is None
        else trial,
        seed=seed,
        engine=engine,
        record=tuple(dict.fromkeys(record)),
        record_dt_ms=record_dt_ms,
    )
    morphology = morphology or load_default_morphology()
    placement = _place(morphology, job, source, pf_table, replay_published)
    events = collect_events(
        placement,
        source.spikes,
        source.cell_counts,
        job.parameters,
        duration_ms=job.duration_ms,
        trial=job.trial,
        seed=job.seed,
        published_streams=replay_published,
    )
    library = ensure_mechanisms(purkinje_mechanisms(), announce=announce)
    result = run_worker(
        "cerebella.purkinje.worker",
        library,
        write_job=lambda folder: save_job(folder, job, morphology, events),
        read_result=load_result,
        on_progress=on_progress,
    )
    purkinje = Population("PC", sum(source.cell_counts.values()), 1)
    return PurkinjeSimulation(
        _spikes(source.spikes, result, purkinje, job),
        _manifest(source, job, morphology, placement, pf_table, replay_published, library)
        | {
            "timings_s": {**result.timings_s, "total": time.perf_counter() - start},
            "peak_memory_MB": result.peak_memory_MB,
        },
        morphology,
        _traces(result, morphology, purkinje, job),
    )


def _with(parameters: PurkinjeParameters, **short_cuts: float | None) -> PurkinjeParameters:
    given = {name: value for name, value in short_cuts.items() if value is not None}
    for name, value in given.items():
        if not (np.isfinite(value) and value >= 0):
            raise InputError(f"{name} is {value}", remedy="Give a number of 0 or more")
    connections = parameters.connections.model_copy(update=given)
    return parameters.model_copy(update={"connections": connections})


def _check_job(source: NetworkSide, **asked: Any) -> PurkinjeJob:
    """Validate what was asked for, in the caller's words."""
    try:
        job = PurkinjeJob(**asked)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{name} is {first['input']!r}: {first['msg']}") from None
    step = job.parameters.time_step_ms
    ratio = job.record_dt_ms / step
    if ratio < 0.5 or abs(ratio - round(ratio)) > 1e-6:
        raise InputError(
            f"record_dt_ms {job.record_dt_ms:g} is no multiple of the time step {step:g} ms",
            remedy=f"Take {max(round(ratio), 1) * step:g}",
        )
    if job.duration_ms > source.spikes.duration_ms + 1:
        raise InputError(
            f"a duration of {job.duration_ms:g} ms, but the spikes end at "
            f"{source.spikes.duration_ms:g} ms",
            remedy="Simulate the network for longer first",
        )
    return job


def _place(
    morphology: Morphology,
    job: PurkinjeJob,
    source: NetworkSide,
    pf_table: Path | str | None,
    replay_published: bool,
) -> Placement:
    connections = job.parameters.connections
    _, _, shared_pf = network_cells(source.cell_counts)
    placement = place_synapses(
        morphology,
        connections,
        n_network_pf=len(shared_pf),
        seed=job.seed,
        published_streams=replay_published,
    )
    if pf_table is None:
        return placement
    compartment, shared = read_pf_table(pf_table, morphology, connections)
    if shared.max() >= len(shared_pf):
        raise InputError(
            f"shares {int(shared.max()) + 1} contacts with the network, which has "
            f"{len(shared_pf)} fibers that contact Purkinje cells",
            file=pf_table,
            column="pf_index",
            remedy="Give the table of this network",
        )
    return Placement(compartment, shared, placement.mli_compartment, placement.cf_compartment)


def _spikes(
    spikes: SpikeTrains, result: PurkinjeResult, purkinje: Population, job: PurkinjeJob
) -> SpikeTrains:
    from scipy.signal import find_peaks  # takes two seconds, which a refusal need not wait for

    inside = spikes.times_ms <= job.duration_ms
    drove = SpikeTrains(
        spikes.times_ms[inside], spikes.gids[inside], spikes.populations, job.duration_ms
    )
    peaks, _ = find_peaks(result.soma_v, height=job.parameters.cell.spike_threshold_mV)
    times = _on_grid(peaks, job.parameters.time_step_ms)
    own = SpikeTrains(times, np.full(len(times), purkinje.first_gid), (purkinje,), job.duration_ms)
    return merge_spike_trains([drove, own])


def _traces(
    result: PurkinjeResult, morphology: Morphology, purkinje: Population, job: PurkinjeJob
) -> dict[str, Traces]:
    traces = {}
    step = job.parameters.time_step_ms
    if "soma_v" in job.record:
        traces["soma_v"] = Traces(
            _on_grid(np.arange(len(result.soma_v)), step),
            result.soma_v[:, None],
            np.array([purkinje.first_gid]),
            np.array([morphology.section_names[0]]),
            np.array([0.5]),
            "v",
            "mV",
        )
    compartments = compute_compartments(morphology)
    names = np.array(morphology.section_names)[compartments.section]
    for name, values, variable, unit in (
        ("calcium", result.calcium, "cai", "mM"),
        ("v", result.v, "v", "mV"),
    ):
        if name in job.record:
            every = round(job.record_dt_ms / step)
            traces[name] = Traces(
                _on_grid(every * np.arange(len(values)), step),
                values,
                np.full(len(names), purkinje.first_gid),
                names,
                compartments.x,
                variable,
                unit,
            )
    return traces


def _on_grid(steps: npt.NDArray[np.integer], time_step_ms: float) -> npt.NDArray[np.float64]:
    return np.round(steps.astype(np.float64) * time_step_ms, 9)


def _manifest(
    source: NetworkSide,
    job: PurkinjeJob,
    morphology: Morphology,
    placement: Placement,
    pf_table: Path | str | None,
    replay_published: bool,
    library: MechanismLibrary,
) -> dict[str, Any]:
    connections = job.parameters.connections
    manifest = {
        "kind": "purkinje",
        "cerebella": version("cerebella"),
        "network": {
            "name": source.condition.network or "network",
            "cell_counts": dict(source.cell_counts),
        },
        "cf_sync": source.condition.cf_sync,
        "w2_pS": source.condition.w2_pS,
        "trial": job.trial,
        "pf_scale": connections.pf_scale,
        "cf_scale": connections.cf_scale,
        "cf_time_ms": connections.cf_time_ms,
        "duration_ms": job.duration_ms,
        "seed": job.seed,
        "engine": job.engine,
        "record_dt_ms": job.record_dt_ms,
        "replay_published": replay_published,
        "pf_table": None if pf_table is None else Path(pf_table).name,
        "morphology": {
            "name": morphology.name,
            "n_sections": morphology.n_sections,
            "n_compartments": int(morphology.n_compartments.sum()),
        },
        "synapses": {
            "pf_contacts": len(placement.pf_compartment),
            "shared_pf_contacts": int((placement.pf_shared >= 0).sum()),
            "mli_sites": len(placement.mli_compartment),
            "cf_synapses": len(placement.cf_compartment),
        },
        "parameters": job.parameters.model_dump(),
        "versions": {name: version(name) for name in ("neuron", "numpy", "h5py")},
        "mechanisms": library.key,
    }
    return {**manifest, "cite": citation_keys(manifest)}
