"""Tables and figure of the experiment cf-rate, from its results and runs."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.figure import Figure

from cerebella.experiments.cf_rate.cases import CfRateCase, CfRateResult, path_of
from cerebella.experiments.cf_rate.settling import SettlingResult
from cerebella.plots.cf_rate import plot_cf_rate, plot_rate_map, plot_recovery, plot_settling
from cerebella.plots.style import letter_panels, new_figure, styled
from cerebella.results.atomic import atomic_file
from cerebella.runs.load import load_run
from cerebella.runs.run import Run

TABLE_FILES = ("cf_rate.csv", "cf_rate.json")
FloatArray = npt.NDArray[np.float64]
_PANEL_IN, _HEIGHT_IN = 2.7, 2.3


def table_rows(
    results: Sequence[CfRateResult], settling: Sequence[SettlingResult], seeds: Sequence[int]
) -> list[dict[str, Any]]:
    """Return one row for each case and seed, with None for values that a case lacks."""
    empty = dict.fromkeys(
        (
            "predicted_Hz",
            "measured_Hz",
            "first_10_s_Hz",
            "predicted_settling_s",
            "measured_settling_s",
            "predicted_weight",
            "measured_weight",
        )
    )
    rows = []
    for result in results:
        for k, seed in enumerate(seeds):
            values = {
                "predicted_Hz": result.predicted_Hz,
                "measured_Hz": result.measured_Hz[k],
                "first_10_s_Hz": result.first_Hz[k] if result.first_Hz else None,
            }
            rows.append(_case_columns(result.case, seed) | empty | values)
    for result in settling:
        for k, seed in enumerate(seeds):
            values = {
                "predicted_settling_s": _known(result.predicted_s[k]),
                "measured_settling_s": _known(result.measured_s[k]),
                "predicted_weight": result.predicted_weight[k],
                "measured_weight": result.measured_weight[k],
            }
            rows.append(_case_columns(result.case, seed) | empty | values)
    return rows


def write_tables(
    folder: Path,
    results: Sequence[CfRateResult],
    settling: Sequence[SettlingResult],
    seeds: Sequence[int],
) -> list[Path]:
    """Write the rows as cf_rate.csv and cf_rate.json, replacing existing files."""
    rows = table_rows(results, settling, seeds)
    csv_file, json_file = (folder / name for name in TABLE_FILES)
    with atomic_file(csv_file) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    with atomic_file(json_file) as temporary:
        temporary.write_text(json.dumps(rows, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return [csv_file, json_file]


def draw_cf_rate(
    folder: Path,
    results: Sequence[CfRateResult],
    settling: Sequence[SettlingResult],
    seeds: Sequence[int],
) -> Figure:
    """Plot predicted and measured rates, recovery and settling, as far as they were simulated.

    For all combinations of several ratios LTP/LTD and windows, also a map of the rates.
    """
    formula = [result for result in results if not result.case.perturbations]
    pushed = [result for result in results if result.case.perturbations]
    grid = rate_grid(formula)
    drawings = [
        (formula, lambda ax: plot_cf_rate(*_predicted_and_measured(formula), ax=ax)),
        (grid, lambda ax: plot_rate_map(*(grid or ()), ax=ax)),
        (pushed, lambda ax: plot_recovery(_runs(folder, pushed, seeds), ax=ax)),
        (
            settling,
            lambda ax: plot_settling(
                _runs(folder, settling, seeds),
                [float(np.mean(result.predicted_s)) for result in settling],
                [float(np.mean(result.predicted_weight)) for result in settling],
                ax=ax,
            ),
        ),
    ]
    drawn = [draw for of_kind, draw in drawings if of_kind]
    with styled():
        figure = new_figure(_PANEL_IN * len(drawn), _HEIGHT_IN)
        axes = figure.subplots(1, len(drawn), squeeze=False)[0]
        for ax, draw in zip(axes, drawn, strict=True):
            draw(ax)
        if len(drawn) > 1:
            letter_panels(axes)
    return figure


class RateGrid(NamedTuple):
    """Rates for all combinations of ratios and windows; see `plot_rate_map`."""

    ratios: FloatArray
    windows_ms: FloatArray
    predicted_Hz: FloatArray
    measured_Hz: FloatArray


def rate_grid(results: Sequence[CfRateResult]) -> RateGrid | None:
    """Return rates by window and ratio, as means over seeds; None unless they fill a grid."""
    rates: dict[tuple[float, float], CfRateResult] = {}
    for result in results:
        plasticity = result.case.parameters.plasticity
        ratio = float(f"{plasticity.ltp / plasticity.ltd:.4g}")
        rates[plasticity.window_ms, ratio] = result
    windows, ratios = (sorted({key[axis] for key in rates}) for axis in (0, 1))
    if min(len(windows), len(ratios)) < 2 or len(rates) != len(windows) * len(ratios):
        return None
    ordered = [[rates[window, ratio] for ratio in ratios] for window in windows]
    return RateGrid(
        np.array(ratios),
        np.array(windows),
        np.array([[result.predicted_Hz for result in row] for row in ordered]),
        np.array([[result.mean_Hz for result in row] for row in ordered]),
    )


def describe_differences(results: Sequence[CfRateResult]) -> str:
    """Return how far means over seeds are from predicted rates, in one line."""
    percent = np.array([100 * (result.mean_Hz / result.predicted_Hz - 1) for result in results])
    worst = results[int(np.abs(percent).argmax())]
    rms = float(np.sqrt(np.mean(percent**2)))
    return (
        f"{len(results)} cases: measured and predicted rates differ by {rms:.1f} % (rms), at most "
        f"by {np.abs(percent).max():.1f} % ({worst.case.label})"
    )


def _predicted_and_measured(
    results: Sequence[CfRateResult],
) -> tuple[list[float], list[tuple[float, ...]]]:
    return [result.predicted_Hz for result in results], [result.measured_Hz for result in results]


def _runs(
    folder: Path, results: Sequence[CfRateResult | SettlingResult], seeds: Iterable[int]
) -> dict[str, list[Run]]:
    """Return the runs of each case by its label."""
    seeds = list(seeds)
    return {
        result.case.label: [load_run(path_of(folder, result.case, seed)) for seed in seeds]
        for result in results
    }


def _case_columns(case: CfRateCase, seed: int) -> dict[str, Any]:
    plasticity = case.parameters.plasticity
    return {
        "case": case.name,
        "seed": seed,
        "ltp": plasticity.ltp,
        "ltd": plasticity.ltd,
        "window_ms": plasticity.window_ms,
        "initial_weight": plasticity.initial_weight,
        "perturbation": ", ".join(map(str, case.perturbations)) or None,
        "duration_s": case.duration_ms / 1000,
    }


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
