"""`simulate_mli`: one run of the molecular layer network, from a network to spikes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.citations import citation_keys
from cerebella.compiled.compilation import announcing_compilation
from cerebella.molecular_layer.engines import ENGINES
from cerebella.molecular_layer.planned_run import PlannedRun, plan_run
from cerebella.molecular_layer.recordings import (
    ProbeRecording,
    probe_traces,
)
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.result import NetworkResult
from cerebella.molecular_layer.synaptic_conductance import synaptic_conductances
from cerebella.network.network import Network
from cerebella.neuron_backend.own_mechanisms import Mechanisms
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.spikes import SpikeTrains, merge_spike_trains
from cerebella.results.time_grid import times_of_steps
from cerebella.results.traces import Traces
from cerebella.runs.directory import check_output
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.manifest import start_manifest
from cerebella.runs.mechanisms import describe_choice
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.runs.run import Run
from cerebella.stimuli.grammar import Stimulation
from cerebella.stimuli.request import stored_stimuli
from cerebella.stimuli.voltage_clamp import Clamping


def simulate_mli(
    network: Network,
    *,
    cf_sync: int | None = None,
    cf_spikes: SpikeTrains | None = None,
    pf_spikes: SpikeTrains | None = None,
    duration_ms: float = 300.0,
    seed: int = 0,
    trial: int = 1,
    stimuli: Stimulation | Iterable[Stimulation] = (),
    record: Mapping[str, Iterable[Any]] | str | Iterable[str] | None = None,
    engine: Engine | str = AUTO,
    parameters: MLIParameters | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    out: Path | str | None = None,
    force: bool = False,
    progress: Progress | Reporter = True,
    replay_published: bool = False,
    published_ranks: int | None = None,
    **shortcuts: Any,
) -> Run:
    """Simulate the network of molecular layer interneurons.

    With NEURON, the simulation runs in a separate process, or in several under MPI, and can neither
    crash nor change the state of the calling process. Under an MPI launcher (``mpiexec -n N python
    script.py``), its ranks simulate together; all return the same run.

    Parameters
    ----------
    network : Network
        The network; see `generate_network` and `load_network`.
    cf_sync : int, optional
        Climbing-fiber synchrony level of the network, 0 to 8; 8 if neither this nor `cf_spikes`
        is given.
    cf_spikes : SpikeTrains, optional
        CF spikes that replace those of a level.
    pf_spikes : SpikeTrains, optional
        PF spikes that replace independent Poisson trains.
    duration_ms : float
        Simulated time in ms.
    seed, trial : int
        Seed and trial of the random streams; the same pair gives the same spikes on any number
        of ranks.
    stimuli : Stimulus, mapping, str or iterable of these
        Stimuli of cells, such as `CurrentStep` and `SynapticBlock`, as values, as mappings of
        their kind and fields, or as text, such as ``"step MLI1[3] 20pA 50ms-150ms"``.
    record : mapping, str or iterable of str, optional
        Probes, such as ``["MLI1[3].ik_kv", "MLI2.v@0.1ms"]`` or, of synapses,
        ``"MLI1.g_inhibition"`` (see docs/probes.md); by default sampled at every time step.
        ``{"v": gids}`` records the soma voltage of these MLIs as the trace ``"voltage"``;
        ``{"v": gids, "probes": probes}`` both.
    engine : Engine or str
        `Numba`, `CoreNeuron` or `Neuron`, or their names. By default, `Numba`, which is much
        faster, but `CoreNeuron` under an MPI launcher. All give the same spikes for about 350 ms;
        then rounding has grown to the size of a spike, and only statistics agree.
    parameters : MLIParameters or mapping, optional
        Parameters of the model, or those that differ from the defaults.
    mechanisms : Path, str or mapping of str to str, optional
        Folder with NMODL files of the user, or their texts by name of the file. A mechanism is in
        the somata of the types to which `parameters` give it a value, such as ``mli1.hcn_gbar``
        (see docs/channels.md). The files are compiled, with any C code in them, and NEURON runs
        them.
    out : Path or str, optional
        Run directory to write; without it the run stays in memory.
    force : bool
        Replace an existing run at `out`.
    progress : bool or callable
        True for a bar in a terminal or notebook, False for none, or a function of the fraction
        done.
    replay_published : bool
        Draw bias currents, inhibitory delays and PF trains from the random streams of the
        published run of this trial. PF trains equal those of the published spike files. MLI
        spikes could not be compared, since the published synaptic table was not available.
    published_ranks : int, optional
        MPI ranks of the published run, 12 by default, on which its bias currents and delays
        depend; the number of ranks of the engine has no effect.
    **shortcuts
        Short names of single parameters: ``w2_pS`` is the MLI2→MLI1 peak conductance in pS.

    Returns
    -------
    Run
        Spikes of all populations, times of MLIs on the time steps, and recorded voltages.

    Raises
    ------
    InputError
        An argument is out of range or does not match the network.
    MachineError
        No compiler was found, or no mpiexec for several ranks.
    SimulationError
        The process failed; the message names its log.

    References
    ----------
    Network and protocol: park2026; cells: ma2020 (see ``cerebella cite``).

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> run = cb.simulate_mli(network, cf_sync=8, duration_ms=50, w2_pS=35)
    >>> run.condition.w2_pS, len(run.of("MLI1").times_ms) > 0
    (35.0, True)
    """
    start = time.perf_counter()
    if out is not None:
        check_output(out, force=force)
    planned = plan_run(
        network,
        cf_sync=cf_sync,
        cf_spikes=cf_spikes,
        pf_spikes=pf_spikes,
        duration_ms=duration_ms,
        seed=seed,
        trial=trial,
        stimuli=stimuli,
        record=record,
        engine=engine,
        parameters=parameters,
        mechanisms=mechanisms,
        replay_published=replay_published,
        published_ranks=published_ranks,
        **shortcuts,
    )
    chosen = planned.engine
    with (
        reporting(progress, "Simulating the network") as reporter,
        announcing_compilation(chosen, reporter.announce, "molecular layer"),
    ):
        for line in describe_choice(chosen, planned.own):
            reporter.announce(line)
        result = ENGINES[type(chosen)](
            chosen, planned.acting, planned.network, planned.reaching, reporter
        )
    run = finished_run(planned, result, time.perf_counter() - start)
    return run if out is None else run.save(out, force=force)


def finished_run(planned: PlannedRun, result: NetworkResult, total_s: float) -> Run:
    """Return a run with the result of its integration, which took `total_s` with all the rest."""
    request, network = planned.request, planned.network
    return Run(
        _manifest(planned, result, total_s),
        spikes=merge_spike_trains([_mli_spikes(network, request, result), planned.inputs]),
        traces=_traces(
            *(request, planned.acting, planned.clamping, planned.probes, result),
            synaptic_conductances(
                planned.probes, planned.acting, network, planned.reaching, result
            ),
        ),
    )


def _mli_spikes(network: Network, request: MLIRequest, result: NetworkResult) -> SpikeTrains:
    populations = tuple(network.population(name) for name in ("MLI1", "MLI2"))
    return SpikeTrains(result.times_ms, result.gids, populations, request.duration_ms)


def _traces(
    request: MLIRequest,
    acting: MLIRequest,
    clamping: Clamping,
    planned: list[ProbeRecording],
    result: NetworkResult,
    conductances: Mapping[str, npt.NDArray[np.float64]],
) -> dict[str, Traces]:
    """Return potentials that were requested, currents of voltage clamps, and probes."""

    def at_soma(gids: npt.NDArray[np.int64], values: npt.NDArray, variable: str, unit: str):
        return Traces(
            times_ms=times_of_steps(np.arange(len(values)), request.parameters.time_step_ms),
            values=values,
            gids=gids,
            sections=np.full(len(gids), "soma"),
            positions=np.full(len(gids), 0.5),
            variable=variable,
            unit=unit,
        )

    def potentials(gids: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return result.voltage_mV[:, np.searchsorted(result.recorded_gids, gids)]

    traces = {}
    if request.record_v:
        gids = np.unique(request.record_v)
        traces["voltage"] = at_soma(gids, potentials(gids), "v", "mV")
    if len(clamping.place):
        currents_nA = clamping.currents_nA(potentials(clamping.place))
        traces["clamp"] = at_soma(clamping.place, currents_nA, "i", "nA")
    return traces | probe_traces(planned, acting, potentials, result.gates, conductances)


def _manifest(planned: PlannedRun, result: NetworkResult, total_s: float) -> dict[str, Any]:
    network, request, engine = planned.network, planned.request, planned.engine
    manifest = start_manifest("mli", request, engine) | {
        "network": {
            "name": network.name,
            "cell_counts": dict(network.cell_counts),
            "n_synapses": len(network.synapses),
            "n_gap_junctions": len(network.gap_junctions),
        },
        "cf_sync": planned.cf_sync,
        **({"record": list(request.probes)} if request.probes else {}),
        "w2_pS": request.parameters.connections.mli2_to_mli1_weight_pS,
        "replay_published": request.published_ranks is not None,
        "published_ranks": request.published_ranks,
        **stored_stimuli(request.stimuli),
        "ranks": result.ranks,
        "timings_s": {**result.timings_s, "total": total_s},
        "peak_memory_MB": result.peak_memory_MB,
        "mechanisms": result.library,
        **({"nmodl": request.mechanisms} if request.mechanisms else {}),
    }
    return {**manifest, "cite": citation_keys(manifest)}
