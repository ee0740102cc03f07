"""The report on runs of the olivocerebellar loop: rates, weights and the predicted rate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cerebella.analysis.olive_balance import summarize_olive
from cerebella.analysis.olive_counts import compute_rates_of_counts, summarize_counts
from cerebella.analysis.olive_rates import compute_olive_rates
from cerebella.errors import InputError
from cerebella.parameters.olive_presets import describe_preset
from cerebella.results.spikes import Window
from cerebella.runs.report import Report, ReportTable
from cerebella.runs.run import Run

_LAST_MS = 100_000.0

OLIVE_MEASURES = {
    "predicted_cf_rate_Hz": "Predicted CF rate (Hz)",
    **{f"{name}_rate_Hz": f"{name} (Hz)" for name in ("IO", "PC", "DCN", "BC", "MF", "PF")},
    "mean_weight": "Mean PF→PC weight at the end",
    "io_isi_cv": "CV of IO intervals",
    "io_pair_correlation": "Correlation of IO pairs",
}
"""Labels of the measures of a loop by name."""


def compute_olive_measures(run: Run) -> dict[str, float | None]:
    """Return mean rates, the predicted rate, and regularity and synchrony of the olive.

    Parameters
    ----------
    run : Run
        A run of the loop.

    Returns
    -------
    dict of str to float or None
        Values by name with unit; None where the run does not determine one.
    """
    names = ("predicted_cf_rate_Hz", "io_isi_cv", "io_pair_correlation")
    if run.binned is not None:
        rates = {f"{name}_rate_Hz": rate for name, rate in run.binned.rates_Hz.items()}
        last = run.binned.weights[-1:]
        mean_weight = float(last.mean()) if last.size else None
        return {**rates, "mean_weight": mean_weight, **dict.fromkeys(names)}
    summary = summarize_olive(run)
    rates = {f"{name}_rate_Hz": rate for name, rate in summary["rates_Hz"].items()}
    weights = run.weights
    return {
        **rates,
        "mean_weight": None if weights is None else float(weights.mean[-1]),
        **{name: summary[name] for name in names},
    }


def report_olive(runs: Sequence[Run], windows: Sequence[Window]) -> Report:
    """Return rates, weights and the predicted rate of each run.

    Parameters
    ----------
    runs : sequence of Run
        Runs of the loop, or published files of spike counts.
    windows : sequence of (float, float)
        Windows in ms; if empty, the whole run and its last 100 s.

    Returns
    -------
    Report
        One table for each run.

    Raises
    ------
    InputError
        A window is not within a run, or no cells were recorded.
    """
    blocks: list[ReportTable | str] = []
    values = []
    for run in runs:
        report = _report_counts if run.binned is not None else _report_run
        of_run, numbers = report(run, windows)
        blocks += of_run
        values.append({"path": str(run.path), **numbers})
    return Report(blocks, values[0] if len(values) == 1 else {"runs": values})


def _report_run(
    run: Run, windows: Sequence[Window]
) -> tuple[list[ReportTable | str], dict[str, Any]]:
    if not any(len(run.of(name).recorded) for name in run.populations):
        raise InputError(
            "holds no spikes of any cell", file=run.path, remedy="Record cells, such as IO=all"
        )
    summary = summarize_olive(run)
    whole = (0.0, run.duration_ms)
    last = (max(0.0, run.duration_ms - _LAST_MS), run.duration_ms)
    shown = windows or list(dict.fromkeys((whole, last)))
    rates = {window: compute_olive_rates(run, *window) for window in shown}
    measures = summary | _by_window(rates if windows else {})
    weights = run.weights
    if weights is None:
        return [_rate_table(run.name, rates), "Not in this file: weights and parameters"], measures
    text = (
        f"Mean weight {weights.mean[0]:.3f} at the start, {weights.mean[-1]:.3f} ± "
        f"{weights.sd[-1]:.3f} (sd) at the end"
    )
    predicted = summary["predicted_cf_rate_Hz"]
    if predicted is not None:
        rule = run.manifest["rule"]
        text += f". Plasticity (rule {rule}) balances at {predicted:.3f} Hz"
    preset = describe_preset(run.manifest["parameters"])
    return [_rate_table(run.name, rates), text, *([preset] if preset else [])], measures


def _report_counts(
    run: Run, windows: Sequence[Window]
) -> tuple[list[ReportTable | str], dict[str, Any]]:
    summary = summarize_counts(run.require("binned"))
    rates = {window: compute_rates_of_counts(run, window) for window in windows}
    blocks: list[ReportTable | str] = [
        _rate_table(run.name, rates or {(0.0, run.duration_ms): summary["rates_Hz"]})
    ]
    weights = summary["recorded_weights"]
    if weights:
        blocks.append(
            f"Mean weight of {weights['n_synapses']} synapses {weights['mean_at_start']:.3f} at "
            f"the start, {weights['mean_at_end']:.3f} at the end"
        )
    left_out = [f"  {name}: {reason}" for name, reason in summary["left_out"].items()]
    return [*blocks, "\n".join(["Not in this file:", *left_out])], summary | _by_window(rates)


def _by_window(rates_Hz: Mapping[Window, Mapping[str, float]]) -> dict[str, Any]:
    named = {f"{start:g}-{stop:g}": rates for (start, stop), rates in rates_Hz.items()}
    return {"rates_Hz_by_window": named} if named else {}


def _rate_table(name: str, rates_Hz: Mapping[Window, Mapping[str, float]]) -> ReportTable:
    """Return one row of rates for each window."""
    rows = [
        (
            f"{start_ms / 1000:g}–{stop_ms / 1000:g}",
            *(f"{rate:.2f}" if rate < 10 else f"{rate:.1f}" for rate in rates.values()),
        )
        for (start_ms, stop_ms), rates in rates_Hz.items()
    ]
    populations = next(iter(rates_Hz.values()))
    return ReportTable(f"{name}: rates in Hz", ("Window (s)", *populations), rows)
