"""`simulate_mli`: one run of the molecular layer network, from a network to spikes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from cerebella.citations import citation_keys
from cerebella.errors import InputError
from cerebella.molecular_layer.inputs import cf_spikes_of_level, draw_pf_spikes
from cerebella.molecular_layer.integrate import RankResult, prepare_network, run_network
from cerebella.molecular_layer.job import Engine, MLIJob, save_job
from cerebella.molecular_layer.published_streams import check_replay
from cerebella.molecular_layer.worker import load_result
from cerebella.network.network import Network
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary, ensure_mechanisms
from cerebella.neuron_backend.session import ranks_of_launcher, start_neuron
from cerebella.neuron_backend.workers import run_worker
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.condition import Condition
from cerebella.results.manifest import condition_of
from cerebella.results.run_directory import Run, write_run
from cerebella.results.spikes import SpikeTrains, merge_spike_trains
from cerebella.results.traces import Traces


@dataclass(frozen=True, eq=False)
class MLISimulation:
    """The result of `simulate_mli`.

    Attributes
    ----------
    spikes : of all populations; MLI times are grid times.
    traces : ``{"voltage": Traces}`` if voltages were recorded.
    manifest : everything that was asked for and how it went.
    """

    spikes: SpikeTrains
    manifest: Mapping[str, Any]
    traces: Mapping[str, Traces] = field(default_factory=dict)
    name: str = "simulation"

    @property
    def condition(self) -> Condition:
        """Synchrony level, weight, trial and network."""
        return condition_of(self.manifest)

    def save(self, path: Path | str, *, force: bool = False) -> Run:
        """Write a run directory at `path`; see `write_run`."""
        return write_run(path, self.manifest, self.spikes, self.traces, force=force)

    def __repr__(self) -> str:
        c = self.condition
        return (
            f"<MLISimulation of {c.network}, CF synchrony {c.cf_sync}, trial {c.trial}: "
            f"{self.spikes!r}>"
        )


def simulate_mli(
    network: Network,
    *,
    cf_sync: int | None = None,
    cf_spikes: SpikeTrains | None = None,
    pf_spikes: SpikeTrains | None = None,
    trial: int = 1,
    w2_pS: float | None = None,
    duration_ms: float = 300.0,
    seed: int = 0,
    ranks: int = 1,
    engine: Engine = "coreneuron",
    record_v: Iterable[int] = (),
    parameters: MLIParameters | None = None,
    replay_published: bool = False,
    published_ranks: int | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
    announce: Callable[[str], None] = lambda message: None,
) -> MLISimulation:
    """Simulate the network of molecular layer interneurons.

    The simulation runs in a process of its own (in `ranks` processes under MPI), so that it
    can neither crash nor change the caller's. Under an MPI launcher (``mpiexec -n N python
    script.py``) the ranks that are there run it together; all return the same result.

    Parameters
    ----------
    network : see `generate_network`, `load_network`.
    cf_sync : climbing-fiber synchrony level of the network, 0..8; 8 if neither this nor
        `cf_spikes` is given.
    cf_spikes : CF spikes to use instead of a level.
    pf_spikes : PF spikes to use instead of independent Poisson trains.
    trial, seed : name the random streams; the same pair gives the same spikes, on any number
        of ranks and with either engine.
    w2_pS : MLI2→MLI1 peak conductance; a short cut to this one parameter.
    duration_ms : simulated time.
    ranks : MPI processes to start.
    engine : ``"coreneuron"`` or ``"neuron"``.
    record_v : gids of MLIs whose soma voltage is recorded at every time step.
    parameters : the model's numbers.
    replay_published : draw bias currents, inhibitory delays and PF trains from the random
        streams of the published run of this trial. PF trains are those of the published spike
        files. MLI spikes could not be compared with them, because the published synaptic table
        was not at hand.
    published_ranks : MPI ranks of the published run, 12 by default, on which its bias currents
        and delays depend; our own number of ranks has no effect.
    on_progress : called with the fraction done, from 0 to 1.
    announce : called with a line before something that takes long and is not the simulation.

    Raises
    ------
    InputError : an argument does not fit the network, or is out of range.
    MachineError : no compiler, or no mpiexec although `ranks` > 1.
    SimulationError : the process failed; the message names its log.
    """
    start = time.perf_counter()
    parameters = _with_w2(parameters or MLIParameters(), w2_pS)
    job = _check_job(
        network,
        ranks,
        parameters=parameters,
        duration_ms=duration_ms,
        trial=trial,
        seed=seed,
        engine=engine,
        record_v=tuple(record_v),
        published_ranks=check_replay(replay_published, published_ranks, seed),
    )
    if cf_spikes is None:
        cf_sync = 8 if cf_sync is None else cf_sync
        cf_spikes = cf_spikes_of_level(network, cf_sync, duration_ms)
    elif cf_sync is not None:
        raise InputError("give cf_sync or cf_spikes, not both")
    if pf_spikes is None:
        pf_spikes = draw_pf_spikes(
            network, parameters, duration_ms, seed, trial, published_streams=replay_published
        )
    inputs = merge_spike_trains(
        [
            _input_population(network, "PF", pf_spikes, duration_ms),
            _input_population(network, "CF", cf_spikes, duration_ms),
        ]
    )
    library = ensure_mechanisms(announce=announce)
    launched = ranks_of_launcher()
    if launched > 1:
        neuron = start_neuron(library)
        result = run_network(prepare_network(neuron, job, network), inputs, on_progress)
        neuron.pc.gid_clear()  # the script's next initialization would miss the junctions
    else:
        result = run_worker(
            "cerebella.molecular_layer.worker",
            library,
            write_job=lambda folder: save_job(folder, job, network, inputs),
            read_result=load_result,
            ranks=ranks,
            on_progress=on_progress,
        )
    mlis = SpikeTrains(
        result.times_ms,
        result.gids,
        tuple(network.population(name) for name in ("MLI1", "MLI2")),
        duration_ms,
    )
    return MLISimulation(
        merge_spike_trains([mlis, inputs]),
        _manifest(network, job, cf_sync, max(ranks, launched), library, result, start),
        {"voltage": _voltage_traces(job, result)} if job.record_v else {},
    )


def _with_w2(parameters: MLIParameters, w2_pS: float | None) -> MLIParameters:
    if w2_pS is None:
        return parameters
    if not (np.isfinite(w2_pS) and w2_pS >= 0):
        raise InputError(f"w2 is {w2_pS} pS", remedy="Give a conductance of 0 pS or more")
    connections = parameters.connections.model_copy(update={"mli2_to_mli1_weight_pS": w2_pS})
    return parameters.model_copy(update={"connections": connections})


def _check_job(network: Network, ranks: int, **asked: Any) -> MLIJob:
    """Validate what was asked for, in the caller's words."""
    try:
        job = MLIJob(**asked)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{name} is {first['input']!r}: {first['msg']}") from None
    if ranks < 1:
        raise InputError(f"{ranks} ranks", remedy="Give 1 or more")
    launched = ranks_of_launcher()
    if launched > 1 and ranks not in (1, launched):
        raise InputError(
            f"{ranks} ranks asked for inside a launch of {launched}",
            remedy="Leave the number of ranks to mpiexec",
        )
    n_mli = sum(network.population(name).n_cells for name in ("MLI1", "MLI2"))
    if n_mli == 0:
        raise InputError(f"network {network.name} has no MLI", remedy="Give a network with cells")
    strangers = [gid for gid in job.record_v if not 0 <= gid < n_mli]
    if strangers:
        raise InputError(
            f"cannot record the voltage of gid {strangers[0]}",
            remedy=f"MLIs of this network have gids 0 to {n_mli - 1}",
        )
    return job


def _input_population(
    network: Network, name: str, spikes: SpikeTrains, duration_ms: float
) -> SpikeTrains:
    """Input spikes within the run, checked to come from the population they should."""
    population = network.population(name)
    outside = (spikes.gids < population.first_gid) | (
        spikes.gids >= population.first_gid + population.n_cells
    )
    if outside.any():
        raise InputError(
            f"gid {spikes.gids[outside][0]} is not a {name} of network {network.name}",
            remedy=f"Its {name}s have gids {population.first_gid} to {population.gids[-1]}"
            if population.n_cells
            else f"It has no {name}",
        )
    inside = (spikes.times_ms >= 0) & (spikes.times_ms <= duration_ms)
    return SpikeTrains(spikes.times_ms[inside], spikes.gids[inside], (population,), duration_ms)


def _voltage_traces(job: MLIJob, result: RankResult) -> Traces:
    n_samples, n_recorded = result.voltage_mV.shape
    return Traces(
        times_ms=np.arange(n_samples, dtype=np.float64) * job.parameters.time_step_ms,
        values=result.voltage_mV,
        gids=result.recorded_gids,
        sections=np.full(n_recorded, "soma"),
        positions=np.full(n_recorded, 0.5),
        variable="v",
        unit="mV",
    )


def _manifest(
    network: Network,
    job: MLIJob,
    cf_sync: int | None,
    ranks: int,
    library: MechanismLibrary,
    result: RankResult,
    start: float,
) -> dict[str, Any]:
    manifest = {
        "kind": "mli",
        "cerebella": version("cerebella"),
        "network": {
            "name": network.name,
            "cell_counts": dict(network.cell_counts),
            "n_synapses": len(network.synapses),
            "n_gap_junctions": len(network.gap_junctions),
        },
        "cf_sync": cf_sync,
        "trial": job.trial,
        "w2_pS": job.parameters.connections.mli2_to_mli1_weight_pS,
        "duration_ms": job.duration_ms,
        "seed": job.seed,
        "replay_published": job.published_ranks is not None,
        "published_ranks": job.published_ranks,
        "engine": job.engine,
        "ranks": ranks,
        "parameters": job.parameters.model_dump(),
        "timings_s": {**result.timings_s, "total": time.perf_counter() - start},
        "peak_memory_MB": result.peak_memory_MB,
        "versions": {name: version(name) for name in ("neuron", "numpy", "h5py")},
        "mechanisms": library.key,
    }
    return {**manifest, "cite": citation_keys(manifest)}
