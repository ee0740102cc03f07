"""`simulate_purkinje`: one run of the Purkinje cell, driven by the spikes of a network."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cerebella.citations import citation_keys
from cerebella.compiled.compilation import announcing_compilation
from cerebella.morphology.morphology import Morphology
from cerebella.network.network import Network
from cerebella.neuron_backend.own_mechanisms import (
    Mechanisms,
)
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.engines import ENGINES
from cerebella.purkinje.planned_run import PlannedRun, plan_run
from cerebella.purkinje.recordings import SOMA_V, traces_of
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.result import PurkinjeResult
from cerebella.purkinje.synaptic_events import (
    cf_times_ms,
)
from cerebella.results.maxima import find_maxima
from cerebella.results.outputs import refuse_shared
from cerebella.results.spikes import Population, SpikeTrains, merge_spike_trains
from cerebella.results.time_grid import times_of_steps
from cerebella.runs.directory import check_output
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.manifest import start_manifest
from cerebella.runs.mechanisms import describe_choice
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.runs.run import Run
from cerebella.stimuli.grammar import Stimulation
from cerebella.stimuli.request import stored_stimuli


def simulate_purkinje(
    spikes: Run | SpikeTrains,
    *,
    network: Network | Mapping[str, int] | None = None,
    morphology: Morphology | None = None,
    pf_table: Path | str | None = None,
    duration_ms: float | None = None,
    seed: int = 0,
    trial: int | None = None,
    stimuli: Stimulation | Iterable[Stimulation] = (),
    record: Iterable[str] = ("soma_v", "calcium"),
    record_dt_ms: float = 0.1,
    engine: Engine | str = AUTO,
    parameters: PurkinjeParameters | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    out: Path | str | None = None,
    force: bool = False,
    progress: Progress | Reporter = True,
    replay_published: bool = False,
    **shortcuts: Any,
) -> Run:
    """Simulate a Purkinje cell driven by the spikes of a molecular layer network.

    With NEURON, the simulation runs in a separate process and can neither crash nor change the
    state of the calling process.

    Parameters
    ----------
    spikes : Run or SpikeTrains
        A run of the network, or spikes alone.
    network : Network or mapping of str to int, optional
        The network, or the number of its cells of each type; required only for spikes alone.
    morphology : Morphology, optional
        Morphology of the cell; by default the default cell.
    pf_table : Path or str, optional
        Published table of the PF contacts of this morphology; without it, contacts are placed
        at random.
    duration_ms : float, optional
        Simulated time in ms; by default that of `spikes`.
    seed : int
        Seed of all random streams, including synapse placement.
    trial : int, optional
        Trial, which selects the streams of PFs outside the network; by default that of `spikes`.
    stimuli : Stimulus, mapping, str or iterable of these
        Stimuli of the cell, such as `CurrentStep`, `CFSpikes`, `PFVolley` and `SynapticBlock`, as
        values, as mappings of their kind and fields, or as text, such as
        ``"step soma 1nA 50ms-150ms"``.
    record : iterable of str
        Traces to record: ``"soma_v"``, ``"calcium"`` and ``"v"`` of all compartments, and probes
        such as ``"spiny[150um].ik_kv3"``, ``"soma.n_kv3@0.02ms"`` or, of synapses,
        ``"smooth[60um].g_cf"`` (see docs/probes.md).
    record_dt_ms : float
        Sampling step of calcium, v and probes without their own in ms; soma_v is recorded at
        every time step.
    engine : Engine or str
        `Numba`, `CoreNeuron` or `Neuron`, or their names. By default, `Numba`, which is several
        times faster; its spikes are those of the others for 300 ms.
    parameters : PurkinjeParameters or mapping, optional
        Parameters of the model, or those that differ from the defaults.
    mechanisms : Path, str or mapping of str to str, optional
        Folder with NMODL files of the user, or their texts by name of the file. A mechanism is in
        the regions in which `parameters` give it a value, such as ``cell.spiny.hcn_gbar`` (see
        docs/channels.md). The files are compiled, with any C code in them, and NEURON runs them.
    out : Path or str, optional
        Run directory to write; without it the run stays in memory.
    force : bool
        Replace an existing run at `out`.
    progress : bool or callable
        True for a bar in a terminal or notebook, False for none, or a function of the fraction
        done.
    replay_published : bool
        Use the random streams and the duration of the published runs, in which PF trains do not
        depend on the trial.
    **shortcuts
        Short names of single parameters: ``pf_scale``, ``cf_scale`` and ``cf_time_ms``.

    Returns
    -------
    Run
        Run with the spikes of the network and of the cell (population PC; peaks of the soma
        voltage), the recorded traces and the morphology.

    Raises
    ------
    InputError
        An argument is out of range or inconsistent with the others.
    MachineError
        No compiler was found.
    SimulationError
        The process failed; the message names its log.

    References
    ----------
    Cell: zang2018; synapses and protocol: park2026 (see ``cerebella cite``).

    Examples
    --------
    >>> network = cb.simulate_mli(cb.generate_network(seed=1, scale=0.1), duration_ms=20)
    >>> cell = cb.simulate_purkinje(network, duration_ms=2, record=["soma_v"], pf_scale=6)
    >>> cell.traces["soma_v"].values.shape, cell.manifest["pf_scale"]
    ((101, 1), 6.0)
    """
    start = time.perf_counter()
    if out is not None:
        refuse_shared(out, [pf_table, spikes.path if isinstance(spikes, Run) else None])
        check_output(out, force=force)
    planned = plan_run(
        spikes,
        network=network,
        morphology=morphology,
        pf_table=pf_table,
        duration_ms=duration_ms,
        seed=seed,
        trial=trial,
        stimuli=stimuli,
        record=record,
        record_dt_ms=record_dt_ms,
        engine=engine,
        parameters=parameters,
        mechanisms=mechanisms,
        replay_published=replay_published,
        **shortcuts,
    )
    chosen = planned.engine
    with (
        reporting(progress, "Simulating the Purkinje cell") as reporter,
        announcing_compilation(chosen, reporter.announce, "Purkinje cell"),
    ):
        for line in describe_choice(chosen, planned.own):
            reporter.announce(line)
        result = ENGINES[type(chosen)](
            chosen, planned.request, planned.morphology, planned.events, reporter
        )
    run = finished_run(planned, result, time.perf_counter() - start)
    return run if out is None else run.save(out, force=force)


def finished_run(planned: PlannedRun, result: PurkinjeResult, total_s: float) -> Run:
    """Return a run with the result of its integration, which took `total_s` with all the rest."""
    source, request, morphology = planned.source, planned.request, planned.morphology
    cell = Population("PC", sum(source.cell_counts.values()), 1)
    return Run(
        _manifest(planned, result)
        | {
            "replay_published": planned.replay_published,
            "timings_s": {**result.timings_s, "total": total_s},
        },
        spikes=_spikes(source.spikes, result, cell, request),
        traces=traces_of(
            *(request, planned.recordings, result.samples),
            *(morphology, planned.events, cell.first_gid),
        ),
        morphology=morphology,
    )


def _spikes(
    spikes: SpikeTrains, result: PurkinjeResult, cell: Population, request: PurkinjeRequest
) -> SpikeTrains:
    inside = spikes.times_ms <= request.duration_ms
    drove = SpikeTrains(
        spikes.times_ms[inside], spikes.gids[inside], spikes.populations, request.duration_ms
    )
    peaks = find_maxima(result.samples[SOMA_V][:, 0], request.parameters.cell.spike_threshold_mV)
    times = times_of_steps(peaks, request.parameters.time_step_ms)
    own = SpikeTrains(times, np.full(len(times), cell.first_gid), (cell,), request.duration_ms)
    return merge_spike_trains([drove, own])


def _manifest(planned: PlannedRun, result: PurkinjeResult) -> dict[str, Any]:
    source, request, engine = planned.source, planned.request, planned.engine
    morphology, placement, size = planned.morphology, planned.placement, planned.size
    connections = request.parameters.connections
    cf_times = cf_times_ms(request.stimuli, connections)
    manifest = start_manifest("purkinje", request, engine) | {
        "network": {
            "name": source.condition.network or "network",
            "cell_counts": dict(source.cell_counts),
            **source.settings,
        },
        "cf_sync": source.condition.cf_sync,
        "w2_pS": source.condition.w2_pS,
        "pf_scale": connections.pf_scale,
        "cf_scale": connections.cf_scale,
        "cf_time_ms": cf_times[0] if cf_times else None,
        "record": list(request.record),
        "record_dt_ms": request.record_dt_ms,
        **stored_stimuli(request.stimuli),
        "pf_table": None if planned.pf_table is None else Path(planned.pf_table).name,
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
            "cf_size_factor": size.cf,
            "mli_size_factor": size.mli,
        },
        "peak_memory_MB": result.peak_memory_MB,
        "mechanisms": result.library,
        **({"nmodl": request.mechanisms} if request.mechanisms else {}),
        "precision": getattr(engine, "precision", "double"),
    }
    keys = [*citation_keys(manifest), *source.cite]
    return {**manifest, "cite": list(dict.fromkeys(keys))}
