"""Does the inferior olive go where theory says? Predicted against measured, by seeds.

Two tables of the olivocerebellar-loop specification (§7): plasticity of other constants, each
with its predicted rate, and lasting perturbations, after which the rate must come back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cerebella.analysis.olive_rates import compute_olive_rates
from cerebella.experiments.in_parallel import run_in_parallel
from cerebella.olive.recording import OliveRecording
from cerebella.olive.simulate import can_resume, simulate_olive
from cerebella.olive.theory import predicted_cf_rate
from cerebella.parameters.olive_simulation import OliveParameters, PlasticityParameters
from cerebella.results.olive_run import OliveRun

LTD = PlasticityParameters().ltd
LAST_MS = 200_000.0
"""The last part of a run, over which the settled rate is the mean."""


@dataclass(frozen=True)
class CfRateCase:
    """One experiment.

    Attributes
    ----------
    name : also the name of its folder, with the seed.
    rate_Hz : the predicted rate; δ⁺ follows from it, with δ⁻ as it is.
    window_ms : the window W of plasticity.
    perturbation : as `simulate_olive` takes it.
    duration_ms : simulated time.
    """

    name: str
    rate_Hz: float = 1.0
    window_ms: float = 100.0
    perturbation: str | None = None
    duration_ms: float = 600_000.0

    @property
    def parameters(self) -> OliveParameters:
        """The model with this case's plasticity, at a time step of 1 ms."""
        target = self.rate_Hz * self.window_ms / 1000
        plasticity = PlasticityParameters(
            ltp=LTD * target / (1 - target), ltd=LTD, window_ms=self.window_ms
        )
        return OliveParameters(plasticity=plasticity, time_step_ms=1.0)


FORMULA: tuple[CfRateCase, ...] = (
    CfRateCase("0.5_Hz", 0.5, duration_ms=1_500_000.0),
    CfRateCase("1_Hz", 1.0),
    CfRateCase("2_Hz", 2.0),
    CfRateCase("3_Hz", 3.0),
    CfRateCase("4_Hz", 4.0),
    CfRateCase("2_Hz_50_ms", 2.0, 50.0),
    CfRateCase("0.5_Hz_200_ms", 0.5, 200.0, duration_ms=1_500_000.0),
)
"""Other constants of plasticity; low rates settle slowly."""

PERTURBATIONS: tuple[CfRateCase, ...] = (
    CfRateCase("io_bias_up", perturbation="300:io_bias+0.3"),
    CfRateCase("io_bias_down", perturbation="300:io_bias-0.3"),
    CfRateCase("mf_rate_doubled", perturbation="300:mf_rate*2"),
    CfRateCase("pf_rate_40_Hz", perturbation="300:pf_rate=40"),
)
"""Lasting changes in the middle of a run."""

CASES = FORMULA + PERTURBATIONS


class CfRateResult(NamedTuple):
    """Measured rates of one case.

    Attributes
    ----------
    case : what was simulated.
    predicted_Hz : where plasticity balances.
    measured_Hz : mean of the last 200 s, by seed.
    first_Hz : mean of the 10 s after the perturbation, by seed; empty without one.
    """

    case: CfRateCase
    predicted_Hz: float
    measured_Hz: tuple[float, ...]
    first_Hz: tuple[float, ...]

    @property
    def mean_Hz(self) -> float:
        """Mean over seeds."""
        return float(np.mean(self.measured_Hz))


def run_cf_rate(
    folder: Path | str,
    cases: Sequence[CfRateCase] = CASES,
    seeds: Iterable[int] = (0, 1, 2),
    *,
    workers: int | None = None,
    on_progress: Callable[[float], None] = lambda fraction: None,
    **options: Any,
) -> list[CfRateResult]:
    """Simulate every case with every seed; what is finished in `folder` is not repeated.

    Parameters
    ----------
    folder : has one run directory for each case and seed.
    workers : runs at a time; by default one for each core. The engine runs without Python's
        lock, so that threads are enough.
    on_progress : called with the fraction done, from 0 to 1.
    options : further arguments of `simulate_olive`.
    """
    seeds = list(seeds)
    tasks = {
        (case.name, seed): partial(
            _run, Path(folder) / f"{case.name}_seed{seed}", case, seed, options
        )
        for case in cases
        for seed in seeds
    }
    runs = run_in_parallel(tasks, workers=workers, on_progress=on_progress)
    return [measure_case(case, [runs[case.name, seed] for seed in seeds]) for case in cases]


def measure_case(case: CfRateCase, runs: Sequence[OliveRun]) -> CfRateResult:
    """Return what the runs of a case show."""
    plasticity = case.parameters.plasticity
    return CfRateResult(
        case,
        predicted_cf_rate(plasticity.ltp, plasticity.ltd, plasticity.window_ms),
        tuple(_io_rate(run, max(0.0, run.duration_ms - LAST_MS), run.duration_ms) for run in runs),
        tuple(_io_rate(run, *_first_10_s(case)) for run in runs) if case.perturbation else (),
    )


def _run(
    path: Path,
    case: CfRateCase,
    seed: int,
    options: dict[str, Any],
    report: Callable[[float], None],
) -> OliveRun:
    """Simulate, go on with what was cut short, or load what is there."""
    only_io = OliveRecording(spikes={"IO": "all", "PKJ": 16}, voltages={})
    return simulate_olive(
        path,
        duration_ms=case.duration_ms,
        parameters=case.parameters,
        seed=seed,
        perturbations=[case.perturbation] if case.perturbation else [],
        recording=only_io,
        resume=can_resume(path),
        threads=1,
        on_progress=lambda now: report(now.fraction),
        **options,
    )


def _first_10_s(case: CfRateCase) -> tuple[float, float]:
    start_ms = 1000 * float((case.perturbation or "0").partition(":")[0])
    return start_ms, start_ms + 10_000.0


def _io_rate(run: OliveRun, start_ms: float, stop_ms: float) -> float:
    return compute_olive_rates(run, start_ms, stop_ms)["IO"]
