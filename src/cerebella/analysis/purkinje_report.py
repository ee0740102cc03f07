"""The report on runs of the Purkinje cell: spikes, complex spike, calcium, and levels compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cerebella.analysis.dendritic_calcium import CALCIUM_WINDOW_MS
from cerebella.analysis.events import place_windows, purkinje_events
from cerebella.analysis.paired import PairedDifference, p_text
from cerebella.analysis.purkinje import (
    PurkinjeResponse,
    PurkinjeSummary,
    compute_purkinje_summary,
)
from cerebella.analysis.purkinje_levels import (
    MEASURES,
    LevelComparison,
    Mean,
    Measure,
    compare_levels,
    compute_means,
)
from cerebella.analysis.rates import check_window, window_name
from cerebella.analysis.soma_spikes import (
    complex_spike_window,
    simple_spike_window,
    window_around,
)
from cerebella.errors import InputError
from cerebella.results.condition import group_by_condition
from cerebella.results.spikes import Window
from cerebella.runs.level import Event
from cerebella.runs.report import Remark, Report, ReportTable
from cerebella.runs.run import Run


def compute_purkinje_measures(run: Run) -> dict[str, float | None]:
    """Return the measures of a Purkinje cell by name; see `MEASURES`.

    Parameters
    ----------
    run : Run
        A run of the Purkinje cell.

    Returns
    -------
    dict of str to float or None
        Values by name with unit; None where the run does not determine one.
    """
    response = compute_purkinje_summary(run).response
    values = {measure.key: float(measure.of(response)) for measure in MEASURES}
    return {key: None if math.isnan(value) else value for key, value in values.items()}


def report_purkinje(
    runs: Sequence[Run], windows: Sequence[Window], event: Event | None = None
) -> Report:
    """Return measures by condition, and paired differences between synchrony levels.

    Parameters
    ----------
    runs : sequence of Run
        Runs of the Purkinje cell.
    windows : sequence of (float, float)
        None, or one window in ms in which simple spikes are counted; by default from 50 ms
        until just before the climbing fiber.
    event : float or str, optional
        Time in ms that is taken for that of the climbing fiber, or ``"cf"`` for each of its
        spikes, to which the window is relative.

    Returns
    -------
    Report
        One column for each condition, and one table for each level compared with the lowest; for
        each event, if there are events.

    Raises
    ------
    InputError
        There are several windows, the window is not within all runs, or there is no event.
    """
    if len(windows) > 1:
        raise InputError(
            f"{len(windows)} windows for the simple spikes of a Purkinje cell",
            remedy="Give one `window`, or none for 50 ms until just before the climbing fiber",
        )
    window = windows[0] if windows else None
    # Published files do not hold their duration.
    duration_ms = min(run.manifest.get("duration_ms", math.inf) for run in runs)
    if event is not None:
        return _report_events(runs, purkinje_events(runs, event), window, duration_ms)
    if window is not None:
        check_window(window, duration_ms)
    summaries = [compute_purkinje_summary(run, simple_spike_window_ms=window) for run in runs]
    return Report(purkinje_tables(summaries), _values(runs, summaries))


def _report_events(
    runs: Sequence[Run], events_ms: Sequence[float], window: Window | None, duration_ms: float
) -> Report:
    """Return the report on the response to each event; windows are relative to it."""
    blocks: list[ReportTable | Remark | str] = []
    values = []
    for time_ms, next_ms in zip(events_ms, [*events_ms[1:], None], strict=True):
        simple = simple_spike_window(events_ms[0], duration_ms)
        if window is not None:
            simple = place_windows([window], time_ms, duration_ms)[window]
        summaries = [
            compute_purkinje_summary(
                run, simple_spike_window_ms=simple, cf_time_ms=time_ms, next_cf_ms=next_ms
            )
            for run in runs
        ]
        title = f"Purkinje cell, climbing fiber at {time_ms:g} ms"
        blocks += purkinje_tables(summaries, title, list_spikes=next_ms is None)
        values.append({"event_ms": time_ms, **_values(runs, summaries)})
    return Report(blocks, {"events": values})


def purkinje_tables(
    summaries: Sequence[PurkinjeSummary],
    title: str = "Purkinje cell",
    *,
    list_spikes: bool = True,
) -> list[ReportTable | Remark | str]:
    """Return one column for each condition, then one table for each pair of levels."""
    blocks = _means_table(summaries, title)
    if list_spikes and len(summaries) == 1:
        times = ", ".join(f"{time:.2f}" for time in summaries[0].response.spike_times_ms)
        blocks.append(f"Spikes at (ms): {times or 'none'}\n")
    for comparison in compare_levels(summaries):
        blocks += _comparison_table(comparison)
    return blocks


def _means_table(
    summaries: Sequence[PurkinjeSummary], title: str
) -> list[ReportTable | Remark | str]:
    groups = group_by_condition(summaries)
    several = ": mean ± s.e.m. over runs" if len(groups) < len(summaries) else ""
    columns = [
        f"{condition}{f' ({len(group)} runs)' if len(group) > 1 else ''}"
        for condition, group in groups.items()
    ]
    means = [(compute_means(group), len(group)) for group in groups.values()]
    rows = [
        (measure.label, *(_mean_text(of[measure.key], n_runs, measure) for of, n_runs in means))
        for measure in MEASURES
    ]
    definitions = _definitions(summaries)
    table = ReportTable(f"{title}{several}", ("", *columns), rows)
    return [table, *([Remark(definitions)] if definitions else [])]


def _mean_text(mean: Mean, n_runs: int, measure: Measure) -> str:
    if not mean.n_trials:
        return "–"
    digits = 0 if measure.is_count and n_runs == 1 else measure.digits
    error = "" if math.isnan(mean.sem) else f" ± {mean.sem:.{digits}f}"
    fewer = f" (n = {mean.n_trials})" if mean.n_trials < n_runs else ""
    return f"{mean.mean:.{digits}f}{error}{fewer}"


def _definitions(summaries: Sequence[PurkinjeSummary]) -> str | None:
    """Return the windows of the measures, if all runs share them."""
    windows = {(s.cf_time_ms, s.response.simple_spike_window_ms) for s in summaries}
    if len(windows) > 1:
        return None
    cf_time_ms, simple = windows.pop()
    text = f"Simple spikes: maxima ≥ −20 mV, {window_name(simple)} ms, 1 / mean interval."
    if cf_time_ms is not None:
        calcium = window_around(cf_time_ms, CALCIUM_WINDOW_MS)
        text += (
            f" Spikelets: maxima ≥ −30 mV, {window_name(complex_spike_window(cf_time_ms))} ms."
            f" Calcium: spiny compartments below 1.5 µm, {window_name(calcium)} ms."
        )
    return text


def _comparison_table(comparison: LevelComparison) -> list[ReportTable | Remark | str]:
    n = len(comparison.pairs)
    rows = []
    for measure in MEASURES:
        difference = comparison.differences.get(measure.key)
        if difference is not None:
            fewer = "" if difference.n_trials == n else f", {difference.n_trials} trials"
            cells = _difference_texts(difference, max(measure.digits, 1))
            rows.append((f"{measure.label}{fewer}", *cells))
    trials = "1 trial" if n == 1 else f"{n} trials"
    title = f"{comparison.second} minus {comparison.first}: {trials}, paired"
    return [
        ReportTable(title, ("", "difference", "95 % CI", "p", "d"), rows),
        Remark(
            "CI: confidence interval of the mean difference; p: paired t-test; d: mean difference "
            "/ its standard deviation over trials. –: no variation over trials to test against."
        ),
    ]


def _difference_texts(difference: PairedDifference, digits: int) -> tuple[str, str, str, str]:
    d = difference
    mean = f"{d.mean:+.{digits}f}" if round(d.mean, digits) else "0"
    if math.isnan(d.p):
        return mean, "–", "–", "–"
    interval = f"{d.ci_low:+.{digits}f} … {d.ci_high:+.{digits}f}"
    return mean, interval, p_text(d.p), f"{d.effect_size:+.2f}"


def _values(runs: Sequence[Run], summaries: Sequence[PurkinjeSummary]) -> dict[str, Any]:
    """Return the numbers of a single run, or of conditions, comparisons and all runs."""
    if len(summaries) == 1:
        return _known(_response_values(summaries[0].response))
    conditions = []
    for title, group in group_by_condition(summaries).items():
        means = compute_means(group)
        conditions.append(
            {
                "title": title,
                **_condition_values(group[0]),
                "n_runs": len(group),
                "mean": {key: mean.mean for key, mean in means.items()},
                "sem": {key: mean.sem for key, mean in means.items()},
            }
        )
    return _known(
        {
            "conditions": conditions,
            "comparisons": [
                {
                    "first": comparison.first,
                    "second": comparison.second,
                    "n_trials": len(comparison.pairs),
                    "differences": {
                        key: difference._asdict()
                        for key, difference in comparison.differences.items()
                    },
                }
                for comparison in compare_levels(summaries)
            ],
            "runs": [
                {
                    "path": str(run.path),
                    **_condition_values(summary),
                    "trial": summary.condition.trial,
                    **_response_values(summary.response),
                }
                for run, summary in zip(runs, summaries, strict=True)
            ],
        }
    )


def _condition_values(summary: PurkinjeSummary) -> dict[str, Any]:
    names = ("network", "morphology", "cf_sync", "w2_pS", "pf_scale", "cf_scale")
    return {name: getattr(summary.condition, name) for name in names}


def _response_values(response: PurkinjeResponse) -> dict[str, Any]:
    spike = response.complex_spike
    return {
        "spike_times_ms": response.spike_times_ms.tolist(),
        "simple_spike_rate_Hz": response.simple_spikes.rate_Hz,
        "complex_spike": None if spike is None else spike._asdict(),
        "pause_ms": response.pause_ms,
        "calcium_mean_nM": response.calcium_mean_nM,
        "dendritic_spike_spread": response.dendritic_spike_spread,
    }


def _known(value: Any) -> Any:
    """Replace NaN, which JSON does not have, by None."""
    if isinstance(value, dict):
        return {key: _known(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_known(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value
