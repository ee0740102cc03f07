"""Settling time of the olive from weights far from balance, compared with theory.

Theory (`cerebella.olive.theory`) requires the rate as a function of the weight, which is measured
in runs without plasticity; settling itself is measured in runs with plasticity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cerebella.analysis.olive_balance import compute_settling
from cerebella.analysis.olive_rates import compute_olive_rates
from cerebella.errors import InputError
from cerebella.experiments.cf_rate.cases import CfRateCase, simulate_cases
from cerebella.olive.theory import balance_weight, predicted_cf_rate, settling_time_s
from cerebella.runs.run import Run

STARTS = (0.2, 1.0)
"""Initial weights."""

_GRID = tuple(float(f"{0.1 * k:.1f}") for k in range(11))
_WITHOUT_PLASTICITY_MS, _BEFORE_MS = 65_000.0, 5_000.0
_DURATION_MS = 300_000.0


class SettlingResult(NamedTuple):
    """Settling of the loop from one initial weight; values by seed.

    Attributes
    ----------
    case : CfRateCase
        The simulated case.
    predicted_s, measured_s : tuple of float
        Time in s for the mean weight to complete 1 − 1/e of its change.
    predicted_weight, measured_weight : tuple of float
        Final mean weight.
    is_settled : bool
        Whether all runs were long enough for the final weight; see `compute_settling`.
    """

    case: CfRateCase
    predicted_s: tuple[float, ...]
    measured_s: tuple[float, ...]
    predicted_weight: tuple[float, ...]
    measured_weight: tuple[float, ...]
    is_settled: bool = True


def settling_case(start: float, duration_ms: float = _DURATION_MS) -> CfRateCase:
    """Return the case of one initial weight.

    Parameters
    ----------
    start : float
        Initial weight, from 0 to 1.
    duration_ms : float
        Simulated time in ms.

    Returns
    -------
    CfRateCase
        The case.

    Raises
    ------
    InputError
        The weight is outside this range.
    """
    if not 0 <= start <= 1:
        raise InputError(
            f"initial weight {start:g} is out of range", remedy="Give weights from 0 to 1"
        )
    return CfRateCase(f"from_{start:g}", initial_weight=start, duration_ms=duration_ms)


def run_settling(
    folder: Path | str,
    cases: Sequence[CfRateCase],
    seeds: Iterable[int] = (0, 1, 2),
    **options: Any,
) -> list[SettlingResult]:
    """Simulate settling from every initial weight with every seed; see `run_cf_rate`.

    Runs without plasticity measure the rate as a function of the weight.
    """
    seeds, fixed = list(seeds), _cases_without_plasticity(cases)
    runs = simulate_cases(folder, [*cases, *fixed], seeds, **options)
    rates = {
        seed: [_rate_without_plasticity(runs[one.name, seed]) for one in fixed] for seed in seeds
    }
    weights = [one.initial_weight for one in fixed]
    return [
        _measure(case, [runs[case.name, seed] for seed in seeds], weights, list(rates.values()))
        for case in cases
    ]


def _cases_without_plasticity(cases: Sequence[CfRateCase]) -> list[CfRateCase]:
    """Return a case without plasticity for each initial weight and for weights in between."""
    starts = [case.initial_weight for case in cases]
    low, high = min([*starts, 0.2]), max([*starts, 0.6])
    weights = sorted({*starts, *(w for w in _GRID if low <= w <= high)})
    return [
        CfRateCase(
            f"fixed_{w:g}",
            initial_weight=w,
            rule="off",
            duration_ms=_WITHOUT_PLASTICITY_MS,
            changes=cases[0].changes,
        )
        for w in weights
    ]


def _rate_without_plasticity(run: Run) -> float:
    return compute_olive_rates(run, _BEFORE_MS, run.duration_ms)["IO"]


def _measure(
    case: CfRateCase,
    runs: Sequence[Run],
    weights: Sequence[float],
    rates_Hz: Sequence[Sequence[float]],
) -> SettlingResult:
    plasticity, pf_rate_Hz = case.parameters.plasticity, case.parameters.drive.effective_pf_rate_Hz
    constants = (plasticity.ltp, plasticity.ltd, plasticity.window_ms)
    settled = [compute_settling(run) for run in runs]
    balance_Hz = predicted_cf_rate(*constants)
    of_weight = np.array(weights)
    return SettlingResult(
        case,
        tuple(
            settling_time_s(case.initial_weight, weights, rates, pf_rate_Hz, *constants)
            for rates in rates_Hz
        ),
        tuple(one.time_s for one in settled),
        tuple(balance_weight(of_weight, np.array(rates), balance_Hz) for rates in rates_Hz),
        tuple(one.end_weight for one in settled),
        all(one.is_settled for one in settled),
    )
