"""`simulate_purkinje`: one run of the Purkinje cell, driven by the spikes of a network."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cerebella.citations import citation_keys
from cerebella.compiled.compilation import announcing_compilation
from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.network.network import Network
from cerebella.neuron_backend.own_mechanisms import Mechanisms, read_mechanisms
from cerebella.parameters.purkinje_cell import DENSITIES
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.purkinje.cell_size import SizeFactors, compute_size_factors, scale_connections
from cerebella.purkinje.engines import ENGINES
from cerebella.purkinje.pf_table import read_pf_table
from cerebella.purkinje.placement import Placement, place_synapses
from cerebella.purkinje.presynaptic_network import PresynapticNetwork
from cerebella.purkinje.recordings import SOMA_V, plan_recordings, traces_of
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.result import PurkinjeResult
from cerebella.purkinje.shortcuts import SHORTCUTS
from cerebella.purkinje.stimulation import injection_of, volleys_of
from cerebella.purkinje.synaptic_events import (
    SynapticEvents,
    cf_times_ms,
    collect_events,
    network_cells,
)
from cerebella.results.maxima import find_maxima
from cerebella.results.outputs import refuse_shared
from cerebella.results.spikes import Population, SpikeTrains, merge_spike_trains
from cerebella.results.time_grid import times_of_steps
from cerebella.runs.directory import check_output
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.manifest import start_manifest
from cerebella.runs.mechanisms import describe_choice, engine_for, parameters_with
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.runs.request import validated
from cerebella.runs.run import Run
from cerebella.stimuli.grammar import Stimulation, stimuli_from
from cerebella.stimuli.request import stored_stimuli

PUBLISHED_DURATION_MS = 299.0


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
    own = read_mechanisms(mechanisms)
    chosen = engine_for(engine, ENGINES, own)
    source = PresynapticNetwork.of(spikes, network)
    if duration_ms is None:
        whole = source.spikes.duration_ms
        duration_ms = min(whole, PUBLISHED_DURATION_MS) if replay_published else whole
    of_spikes = source.condition.trial
    model = parameters_with(PurkinjeParameters, parameters, own, DENSITIES)
    request = validated(
        PurkinjeRequest,
        {
            "parameters": apply_shortcuts(model, SHORTCUTS, shortcuts),
            "duration_ms": duration_ms,
            "trial": (1 if of_spikes is None else of_spikes) if trial is None else trial,
            "seed": seed,
            "engine": chosen.name,
            "record": tuple(dict.fromkeys([record] if isinstance(record, str) else record)),
            "record_dt_ms": record_dt_ms,
            "stimuli": stimuli_from(stimuli),
            "mechanisms": own.texts,
        },
    )
    _check(source, request)
    if out is not None:
        refuse_shared(out, [pf_table, spikes.path if isinstance(spikes, Run) else None])
        check_output(out, force=force)
    morphology = morphology or load_default_morphology()
    injection_of(request, morphology)  # refuses places that the cell does not have
    recordings = plan_recordings(request, morphology)
    placement, size, events = draw_synapses(
        morphology, request, source, pf_table=pf_table, published_streams=replay_published
    )
    with (
        reporting(progress, "Simulating the Purkinje cell") as reporter,
        announcing_compilation(chosen, reporter.announce, "Purkinje cell"),
    ):
        for line in describe_choice(chosen, own):
            reporter.announce(line)
        result = ENGINES[type(chosen)](chosen, request, morphology, events, reporter)
    cell = Population("PC", sum(source.cell_counts.values()), 1)
    manifest = _manifest(source, request, chosen, morphology, placement, size, pf_table, result)
    run = Run(
        manifest
        | {
            "replay_published": replay_published,
            "timings_s": {**result.timings_s, "total": time.perf_counter() - start},
        },
        spikes=_spikes(source.spikes, result, cell, request),
        traces=traces_of(request, recordings, result.samples, morphology, events, cell.first_gid),
        morphology=morphology,
    )
    return run if out is None else run.save(out, force=force)


def draw_synapses(
    morphology: Morphology,
    request: PurkinjeRequest,
    source: PresynapticNetwork,
    *,
    pf_table: Path | str | None = None,
    published_streams: bool = False,
) -> tuple[Placement, SizeFactors, SynapticEvents]:
    """Place the synapses of a run and collect their events; see `simulate_purkinje`."""
    placement = _place(morphology, request, source, pf_table, published_streams)
    connections = request.parameters.connections
    size = compute_size_factors(compute_compartments(morphology), connections)
    of_cell = {"connections": scale_connections(connections, size)}
    events = collect_events(
        placement,
        source.spikes,
        source.cell_counts,
        request.parameters.model_copy(update=of_cell),
        duration_ms=request.duration_ms,
        trial=request.trial,
        seed=request.seed,
        stimuli=request.stimuli,
        pf_volleys=volleys_of(request, morphology, placement),
        published_streams=published_streams,
    )
    return placement, size, events


def _check(source: PresynapticNetwork, request: PurkinjeRequest) -> None:
    """Raise InputError for an invalid duration."""
    if request.duration_ms > source.spikes.duration_ms + 1:
        raise InputError(
            f"`duration_ms` is {request.duration_ms:g}, but the spikes end at "
            f"{source.spikes.duration_ms:g} ms",
            remedy="Simulate the network for a longer time first",
        )


def _place(
    morphology: Morphology,
    request: PurkinjeRequest,
    source: PresynapticNetwork,
    pf_table: Path | str | None,
    replay_published: bool,
) -> Placement:
    connections = request.parameters.connections
    _, _, shared_pf = network_cells(source.cell_counts)
    placement = place_synapses(
        morphology,
        connections,
        n_network_pf=len(shared_pf),
        seed=request.seed,
        published_streams=replay_published,
    )
    if pf_table is None:
        return placement
    compartment, shared = read_pf_table(pf_table, morphology, connections)
    if shared.max() >= len(shared_pf):
        raise InputError(
            f"shares {int(shared.max()) + 1} contacts with the network, which has only "
            f"{len(shared_pf)} fibers that contact Purkinje cells",
            file=pf_table,
            column="pf_index",
            remedy="Give the table of this network",
        )
    return Placement(compartment, shared, placement.mli_compartment, placement.cf_compartment)


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


def _manifest(
    source: PresynapticNetwork,
    request: PurkinjeRequest,
    engine: Engine,
    morphology: Morphology,
    placement: Placement,
    size: SizeFactors,
    pf_table: Path | str | None,
    result: PurkinjeResult,
) -> dict[str, Any]:
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
