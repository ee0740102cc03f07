"""Predicted and measured firing rates of the inferior olive.

Cases are of two kinds: other constants of plasticity, each with its predicted rate, and lasting
perturbations, after which the rate must recover.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cerebella.analysis.olive_rates import compute_olive_rates
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError, SimulationError
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.identity import model_identity
from cerebella.experiments.loops import LARGEST_BATCH, batch_of, engine_of_loops, workers_of
from cerebella.olive.engines.engines import ENGINES
from cerebella.olive.partial_run import resumed_or_replaced
from cerebella.olive.perturbation_grammar import Perturbed, perturbations_from
from cerebella.olive.perturbations import Perturbation
from cerebella.olive.recording import OliveRecording
from cerebella.olive.simulate import request_of, simulate_olive
from cerebella.olive.simulate_batch import simulate_olive_batch
from cerebella.olive.theory import predicted_cf_rate
from cerebella.parameters.olive_simulation import (
    OliveParameters,
    PlasticityParameters,
    RuleName,
)
from cerebella.parameters.settings import set_values
from cerebella.parameters.times import format_time
from cerebella.runs.engines import AUTO, engine_of
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Job, Task, task_paths

EXPERIMENT = "cf-rate"
_LOOP_S_PER_MS = 5e-5
"""Upper estimate of the duration of a run in s for each simulated ms (docs/performance.md)."""
LTD = PlasticityParameters().ltd
LAST_MS = 200_000.0
"""Final period of a run over which the settled rate is averaged, at most half of the run."""

SETTLES_IN_MS = 100_000.0
"""Time in ms from which a rate counts as settled, two to three time constants at 1 Hz."""

_STEP_MS = 1.0
_DURATION_MS = 600_000.0
_SLOW_MS, _SLOW_Hz = 1_500_000.0, 0.5


@dataclass(frozen=True)
class CfRateCase:
    """A simulated case of the experiment.

    Attributes
    ----------
    name : str
        Name of the case; with the seed, also that of its folder.
    rate_Hz : float
        Predicted rate in Hz, which determines δ⁺ for the default δ⁻.
    window_ms : float
        Plasticity window W in ms.
    initial_weight : float
        Initial weight of all PF→PC synapses.
    rule : str
        Plasticity rule.
    perturbations : tuple of Perturbation
        Lasting changes, all at the same time.
    duration_ms : float
        Simulated time in ms.
    changes : tuple of (str, value)
        Paths and values of other parameters of the loop that differ from their defaults.
    """

    name: str
    rate_Hz: float = 1.0
    window_ms: float = 100.0
    initial_weight: float = 0.5
    rule: RuleName = "conjunctive"
    perturbations: tuple[Perturbation, ...] = ()
    duration_ms: float = _DURATION_MS
    changes: tuple[tuple[str, Any], ...] = ()

    @property
    def label(self) -> str:
        """Label in tables and figures."""
        return ", ".join(map(str, self.perturbations)) or self.name.replace("_", " ")

    @property
    def parameters(self) -> OliveParameters:
        """Model with the plasticity and the changes of this case, at a time step of 1 ms."""
        target = self.rate_Hz * self.window_ms / 1000
        plasticity = PlasticityParameters(
            rule=self.rule,
            ltp=LTD * target / (1 - target),
            ltd=LTD,
            window_ms=self.window_ms,
            initial_weight=self.initial_weight,
        )
        model = OliveParameters(plasticity=plasticity, time_step_ms=_STEP_MS)
        return set_values(model, self.changes) if self.changes else model


FORMULA: tuple[CfRateCase, ...] = (
    CfRateCase("0.5_Hz", 0.5, duration_ms=_SLOW_MS),
    CfRateCase("1_Hz", 1.0),
    CfRateCase("2_Hz", 2.0),
    CfRateCase("3_Hz", 3.0),
    CfRateCase("4_Hz", 4.0),
    CfRateCase("2_Hz_50_ms", 2.0, 50.0),
    CfRateCase("0.5_Hz_200_ms", 0.5, 200.0, duration_ms=_SLOW_MS),
)
"""Other constants of plasticity; low rates settle slowly."""


def _perturbed(name: str, quantity: str, operator: str, value: float) -> CfRateCase:
    return CfRateCase(name, perturbations=(Perturbation(300_000.0, quantity, operator, value),))


PERTURBATIONS: tuple[CfRateCase, ...] = (
    _perturbed("io_bias_up", "io_bias", "+", 0.3),
    _perturbed("io_bias_down", "io_bias", "-", 0.3),
    _perturbed("mf_rate_doubled", "mf_rate", "*", 2.0),
    _perturbed("pf_rate_40_Hz", "pf_rate", "=", 40.0),
)
"""Lasting changes in the middle of a run."""

CASES = FORMULA + PERTURBATIONS


def formula_case(rate_Hz: float, window_ms: float = 100.0) -> CfRateCase:
    """Return the case in which plasticity balances at a given rate.

    Parameters
    ----------
    rate_Hz : float
        Rate of balance in Hz.
    window_ms : float
        Plasticity window W in ms.

    Returns
    -------
    CfRateCase
        The case.

    Raises
    ------
    InputError
        No potentiation balances this window at the rate.
    """
    for case in FORMULA:
        if (case.rate_Hz, case.window_ms) == (rate_Hz, window_ms):
            return case
    name = f"{rate_Hz:g}_Hz" + ("" if window_ms == 100 else f"_{window_ms:g}_ms")
    duration_ms = _SLOW_MS if rate_Hz <= _SLOW_Hz else _DURATION_MS
    if not _STEP_MS <= window_ms < math.inf:
        raise InputError(f"a window of {format_time(window_ms)} is not {_STEP_MS:g} ms or longer")
    most_Hz = 1000 / window_ms / (1 + LTD)  # with a potentiation of 1
    if not 0 < rate_Hz <= most_Hz:
        raise InputError(
            f"no potentiation balances a window of {format_time(window_ms)} at {rate_Hz:g} Hz",
            remedy=f"Give a rate above 0 and up to {most_Hz:.4g} Hz",
        )
    return CfRateCase(name, rate_Hz, window_ms, duration_ms=duration_ms)


def perturbation_case(
    given: Perturbed | Iterable[Perturbed], duration_ms: float = _DURATION_MS
) -> CfRateCase:
    """Return the case of a lasting change.

    Parameters
    ----------
    given : Perturbation, mapping, str, or iterable of these
        As `simulate_olive` takes perturbations, all at one time.
    duration_ms : float
        Simulated time in ms.

    Returns
    -------
    CfRateCase
        The case.

    Raises
    ------
    InputError
        A text does not follow the grammar, or the change comes after the end.
    """
    perturbations = perturbations_from(given)
    for case in PERTURBATIONS:
        if case.perturbations == perturbations and case.duration_ms == duration_ms:
            return case
    texts = [str(one) for one in perturbations]
    if not perturbations[0].time_ms < duration_ms:
        raise InputError(
            f"perturbation {texts[0]!r} is not before the end at {format_time(duration_ms)}",
            remedy="Give an earlier time, or a longer duration",
        )
    name = re.sub(r"[^\w.+=-]", "_", "_".join(texts).replace("*", "x"))
    return CfRateCase(f"at_{name}", perturbations=perturbations, duration_ms=duration_ms)


class CfRateResult(NamedTuple):
    """Measured rates of one case.

    Attributes
    ----------
    case : CfRateCase
        The simulated case.
    predicted_Hz : float
        Rate in Hz at which plasticity balances.
    measured_Hz : tuple of float
        Mean rate in Hz of the last 200 s (of the second half of shorter runs), by seed.
    first_Hz : tuple of float
        Mean rate in Hz of the 10 s after the perturbation, by seed; empty without perturbation.
    """

    case: CfRateCase
    predicted_Hz: float
    measured_Hz: tuple[float, ...]
    first_Hz: tuple[float, ...]

    @property
    def mean_Hz(self) -> float:
        """Mean over seeds."""
        return float(np.mean(self.measured_Hz))

    @property
    def is_settled(self) -> bool:
        """Whether the average begins `SETTLES_IN_MS` after the start or the perturbation."""
        pushed_ms = self.case.perturbations[0].time_ms if self.case.perturbations else 0.0
        return _settled_from(self.case.duration_ms) - pushed_ms >= SETTLES_IN_MS


def run_cf_rate(
    folder: Path | str,
    cases: Sequence[CfRateCase] = CASES,
    seeds: Iterable[int] = (0, 1, 2),
    **options: Any,
) -> list[CfRateResult]:
    """Simulate every case with every seed; finished runs in `folder` are kept.

    Parameters
    ----------
    folder : Path or str
        Directory of the sweep, see `run_sweep`; interrupted runs are resumed.
    cases : sequence of CfRateCase
        The cases.
    seeds : iterable of int
        Seeds of each case.
    **options
        ``executor``, ``workers``, ``scheduler``, ``slurm``, ``detach``, ``accept_mixture`` and
        ``on_progress`` of `run_sweep`; ``engine`` and ``batch`` as of `simulate_olive_ensemble`;
        ``announce``, called with a line before a compilation.

    Returns
    -------
    list of CfRateResult
        Results in the order of `cases`.

    Raises
    ------
    SimulationError
        A run failed twice; the others are kept.
    """
    seeds = list(seeds)
    runs = simulate_cases(folder, cases, seeds, **options)
    return [measure_case(case, [runs[case.name, seed] for seed in seeds]) for case in cases]


def simulate_cases(
    folder: Path | str,
    cases: Sequence[CfRateCase],
    seeds: Iterable[int],
    *,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
    engine: str = AUTO,
    batch: int = LARGEST_BATCH,
    **options: Any,
) -> dict[tuple[str, int], Run]:
    """Return the run of each case and seed by (name, seed); arguments as for `run_cf_rate`."""
    wanted = [(case, seed) for case in cases for seed in seeds]
    name = engine_of_loops(engine, cases[0].parameters, len(wanted), executor, announce)
    at_once = batch_of(name, run_cases, batch)
    tasks = {
        (case.name, seed): _task(case, seed)._replace(labels={"engine": name}, batch=at_once)
        for case, seed in wanted
    }
    paths = task_paths(folder, [*tasks.values()])
    engines = {"olive": name}
    compile_engines(engines, paths.values(), executor, announce)
    results = run_sweep(
        folder,
        tasks.values(),
        experiment=EXPERIMENT,
        settings={},
        identity=model_identity(engines),
        executor=executor,
        **workers_of(name, executor, options),
    )
    for task, result in results.items():
        if result.error is not None:
            raise SimulationError(f"{task}: {result.error}")
    return {key: load_run(results[task.name].path) for key, task in tasks.items()}


def path_of(folder: Path | str, case: CfRateCase, seed: int) -> Path:
    """Return the run directory of a case and seed."""
    task = _task(case, seed)
    return task_paths(folder, [task])[task.name]


def _task(case: CfRateCase, seed: int) -> Task:
    stored = asdict(case)
    if not case.changes:
        del stored["changes"]  # cases without changes keep the keys of earlier sweeps
    return Task(
        f"{case.name}_seed{seed}",
        "cf-rate-case",
        run_case,
        {"case": stored, "seed": seed},
        weight=case.duration_ms,
        seconds=_LOOP_S_PER_MS * case.duration_ms,
    )


def run_case(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate a case with a seed, or resume an interrupted run; see `RunTask`."""
    name, arguments = settings.get("engine", Numba.name), _arguments(settings)
    simulate_olive(
        **arguments,
        out=path,
        **resumed_or_replaced(path, request_of(**arguments)),
        engine=engine_of(name, ENGINES, threads=1 if name == Numba.name else None),
    )


def run_cases(jobs: Sequence[Job]) -> None:
    """Simulate cases at once on a card, or resume interrupted runs of them; see `Batch`."""
    simulate_olive_batch([(path, request_of(**_arguments(settings))) for path, settings, _ in jobs])


def _arguments(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `simulate_olive` for a case with a seed."""
    stored: dict[str, Any] = dict(settings["case"])
    stored["perturbations"] = perturbations_from(stored["perturbations"])
    stored["changes"] = tuple(map(tuple, stored.get("changes", ())))
    case = CfRateCase(**stored)
    return {
        "parameters": case.parameters,
        "duration_ms": case.duration_ms,
        "seed": settings["seed"],
        "perturbations": case.perturbations,
        "record": OliveRecording(spikes={"IO": "all", "PC": 16}, voltages={}),
    }


def measure_case(case: CfRateCase, runs: Sequence[Run]) -> CfRateResult:
    """Measure the rates in the runs of a case."""
    plasticity = case.parameters.plasticity
    return CfRateResult(
        case,
        predicted_cf_rate(plasticity.ltp, plasticity.ltd, plasticity.window_ms),
        tuple(_io_rate(run, _settled_from(run.duration_ms), run.duration_ms) for run in runs),
        tuple(_io_rate(run, *_first_10_s(case)) for run in runs) if case.perturbations else (),
    )


def _settled_from(duration_ms: float) -> float:
    return max(duration_ms - LAST_MS, duration_ms / 2)


def _first_10_s(case: CfRateCase) -> tuple[float, float]:
    start_ms = case.perturbations[0].time_ms
    return start_ms, min(start_ms + 10_000.0, case.duration_ms)


def _io_rate(run: Run, start_ms: float, stop_ms: float) -> float:
    return compute_olive_rates(run, start_ms, stop_ms)["IO"]
