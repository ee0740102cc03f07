"""`simulate_olive`: one run of the olivocerebellar loop, from parameters to a run directory."""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections.abc import Iterable, Mapping
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cerebella.citations import citation_keys
from cerebella.compiled.compilation import announcing_compilation
from cerebella.machine import peak_memory_MB
from cerebella.olive.engines.engines import (
    check_memory,
    check_rule,
    chosen_engine,
    engine_with_stimuli,
)
from cerebella.olive.integrate import (
    Integrated,
    Member,
    OliveProgress,
    build_models,
    integrate,
)
from cerebella.olive.partial_run import (
    check_replaceable_loop,
    check_same,
    is_interrupted,
    remove_left_over,
    resumable,
    started_run,
)
from cerebella.olive.perturbation_grammar import Perturbed, perturbations_from
from cerebella.olive.recording import OliveRecording
from cerebella.olive.recording_grammar import recording_from
from cerebella.olive.request import OliveRequest, request_from_mapping
from cerebella.olive.rules.own import parameters_with, record_of
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import RULES, rule_of
from cerebella.olive.shortcuts import SHORTCUTS
from cerebella.olive.stimulation.values import LoopStimulus, loop_stimuli
from cerebella.olive.theory import predicted_rate_or_none
from cerebella.olive.write_run import write_olive_run
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import parameters_from
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.parameters.times import format_time
from cerebella.results.atomic import atomic_directory
from cerebella.runs.directory import is_run
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.runs.request import validated
from cerebella.runs.run import Run, read_run


def simulate_olive(
    parameters: OliveParameters | Mapping[str, Any] | None = None,
    *,
    duration_ms: float = 60_000.0,
    seed: int = 0,
    trial: int = 1,
    rule: PlasticityRule | None = None,
    perturbations: Perturbed | Iterable[Perturbed] = (),
    stimuli: LoopStimulus | Mapping[str, Any] | Iterable[LoopStimulus | Mapping[str, Any]] = (),
    record: OliveRecording | Mapping[str, Any] | str | Iterable[str] | None = None,
    engine: Engine | str = AUTO,
    out: Path | str | None = None,
    resume: bool = False,
    force: bool = False,
    checkpoint_every_s: float = 20.0,
    progress: Progress | Reporter = True,
    **shortcuts: Any,
) -> Run:
    """Simulate the olivocerebellar loop.

    Parameters
    ----------
    parameters : OliveParameters or mapping, optional
        The model, or a nested mapping of the values that differ from the default.
    duration_ms : float
        Simulated time in ms.
    seed, trial : int
        Seed of all random streams, and trial: trials of one seed share the circuit and differ in
        initial potentials, input spikes and noise. The same pair gives the same bytes.
    rule : PlasticityRule, optional
        An own rule of plasticity, in place of those that the parameter `plasticity` names.
    perturbations : Perturbation, mapping, str, or iterable of these
        Changes during the run, as values, as mappings of their fields, or as text, such as
        ``"300s:io_bias+0.3"``.
    stimuli : stimulus, mapping, or iterable of these
        `PFBumps`, `PFRates`, `MFRate`, `IOCurrent` and `YokedInhibition`, as values or as mappings
        of their fields; `TrialSession.stimuli` of a session of trials.
    record : OliveRecording, mapping, str or iterable of str, optional
        What to record, as a value, as a mapping of its fields, or as texts such as ``"PF=64"``.
        By default all spikes but those of most PFs, the potentials of a pair of IO cells, and the
        distribution of weights.
    engine : Engine or str
        `Numba`, `Cuda` on an NVIDIA card, or `Numpy`, the slow reference, or their names; all give
        the same bytes. By default `Cuda` for large circuits if there is a card, else `Numba`.
    out : Path or str, optional
        Run directory to make. By default a temporary one, which is removed with the result.
    resume : bool
        Resume the interrupted run at `out`; return it if it is finished.
    force : bool
        Replace the run at `out`, as soon as this one is complete.
    checkpoint_every_s : float
        Time between checkpoints in seconds of the clock.
    progress : bool or callable
        True for a bar in a terminal or notebook, False for none, or a function of the fraction
        done.
    **shortcuts
        Single parameters by short names: `dt_ms`, `initial_weight`, `plasticity`, `ltp`,
        `ltd`, `window_ms`, `wiring`, `scale`.

    Returns
    -------
    Run
        The run.

    Raises
    ------
    InputError
        An argument cannot be used, `out` exists, the run to resume has other settings, or the
        disk is full.

    Examples
    --------
    >>> one = cb.Numba(threads=1)
    >>> run = cb.simulate_olive(duration_ms=200.0, dt_ms=1.0, scale=0.25, engine=one)
    >>> run.duration_ms
    200.0
    >>> change = cb.Perturbation(time_ms=100.0, quantity="gap", operator="=", value=0.0)
    >>> run = cb.simulate_olive(
    ...     {"time_step_ms": 1.0, "circuit": {"scale": 0.25}},
    ...     duration_ms=200.0,
    ...     perturbations=[change],
    ...     record=["PF=4"],
    ... )
    >>> len(run.of("PF").recorded)
    4
    """
    start = time.perf_counter()
    request = request_of(
        apply_shortcuts(parameters_from(OliveParameters, parameters), SHORTCUTS, shortcuts),
        duration_ms=duration_ms,
        seed=seed,
        trial=trial,
        rule=rule,
        perturbations=perturbations,
        stimuli=stimuli,
        record=record,
    )
    model = request.parameters
    chosen = chosen_engine(engine, model)
    if request.stimuli:
        chosen = engine_with_stimuli(engine, chosen)
    check_rule(chosen, rule_of(model, rule), model.time_step_ms)
    check_memory(chosen, [request])
    temporary = Path(tempfile.mkdtemp(prefix="cerebella-")) if out is None else None
    folder = temporary / "run" if temporary else Path(out or ".")
    if resume and is_run(folder) and not is_interrupted(folder):
        run = read_run(folder)
        check_same(folder, request_from_mapping(run.manifest), request)
        remove_left_over(folder)
        return run
    with (
        resumable(folder),
        started_run(folder, request, resume=resume, force=force) as saved,
        reporting(progress, "Simulating the loop") as reporter,
        announcing_compilation(chosen, reporter.announce, "loop"),
    ):
        (built,) = build_models([request], rule)
        member, report = Member(folder, request, built, saved), partial(_report, reporter)
        (done,) = integrate([member], chosen, checkpoint_every_s, report, start=start)
        complete_run(done, chosen, rule)
    run = read_run(folder)
    if temporary is not None:
        weakref.finalize(run, shutil.rmtree, temporary, ignore_errors=True)
    return run


def request_of(
    parameters: OliveParameters | Mapping[str, Any] | None,
    *,
    duration_ms: float,
    seed: int = 0,
    trial: int = 1,
    rule: PlasticityRule | None = None,
    perturbations: Perturbed | Iterable[Perturbed] = (),
    stimuli: LoopStimulus | Mapping[str, Any] | Iterable[LoopStimulus | Mapping[str, Any]] = (),
    record: OliveRecording | Mapping[str, Any] | str | Iterable[str] | None = None,
) -> OliveRequest:
    """Return the validated request of a run; arguments as for `simulate_olive`."""
    return validated(
        OliveRequest,
        {
            "parameters": parameters_with(rule, parameters_from(OliveParameters, parameters)),
            "duration_ms": duration_ms,
            "seed": seed,
            "trial": trial,
            "perturbations": perturbations_from(perturbations),
            "stimuli": loop_stimuli(stimuli),
            "recording": recording_from(record),
            "own_rule": record_of(rule),
        },
    )


def complete_run(
    done: Integrated, engine: Engine, rule: PlasticityRule | None = None, n_together: int = 1
) -> None:
    """Write the run directory of a run at its end; `n_together` runs were one batch."""
    folder, request = done.member.folder, done.member.request
    timings_s = {**done.timings_s, "total": time.perf_counter() - done.start}
    manifest = _manifest(request, rule, engine, timings_s)
    if n_together > 1:
        manifest["runs_together"] = n_together
    with atomic_directory(folder, replaceable=check_replaceable_loop) as complete:
        write_olive_run(complete, manifest, done.member.model, done.recorder, done.final_weights)


def _report(reporter: Reporter, now: OliveProgress) -> None:
    """Report the fraction done, and time, rate and weight beside the bar."""
    reporter.update(now.fraction)
    whole_ms = now.simulated_ms / now.fraction
    reporter.describe(
        f"{now.simulated_ms / 1000:.0f} of {format_time(whole_ms)}, IO {now.io_rate_Hz:.2f} Hz, "
        f"weight {now.mean_weight:.3f}"
    )


@cache
def _versions(engine: Engine) -> dict[str, str]:
    """Return the versions of this package and of libraries, which takes 3 ms to look up."""
    names = ("cerebella", "h5py")
    return {**engine.versions(), **{name: version(name) for name in names}}


def _manifest(
    request: OliveRequest,
    own_rule: PlasticityRule | None,
    engine: Engine,
    timings_s: Mapping[str, float],
) -> dict[str, Any]:
    rule, versions = request.parameters.plasticity.rule, _versions(engine)
    settings = request.model_dump(mode="json")
    if not request.stimuli:
        del settings["stimuli"]
    if own_rule is None:
        del settings["own_rule"]
    else:
        settings["predicted_cf_rate_Hz"] = predicted_rate_or_none(own_rule)
    manifest: dict[str, Any] = {
        "kind": "olive",
        "cerebella": versions["cerebella"],
        **settings,
        "rule": own_rule.name if own_rule else rule,
        "engine": engine.name,
        **engine.settings(),
        "timings_s": dict(timings_s),
        "peak_memory_MB": peak_memory_MB(),
        "versions": {name: of for name, of in versions.items() if name != "cerebella"},
    }
    of_rule = RULES[rule].cite if own_rule is None else ()
    keys = [*citation_keys(manifest), *of_rule, *engine.cite]
    manifest["cite"] = list(dict.fromkeys(keys))
    return manifest
