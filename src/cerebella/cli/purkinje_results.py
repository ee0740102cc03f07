"""What `analyze`, `plot` and `export` do with runs of a Purkinje cell."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out
from cerebella.cli.nwb_export import export_nwb
from cerebella.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cerebella.analysis.paired import PairedDifference
    from cerebella.analysis.purkinje import PurkinjeResponse, PurkinjeSummary
    from cerebella.analysis.purkinje_levels import LevelComparison, Mean, Measure
    from cerebella.analysis.rates import Window
    from cerebella.cli.results import FigureOptions
    from cerebella.results.load import Recording


def analyze(recordings: Sequence[Recording], windows: Sequence[Window], *, as_json: bool) -> None:
    """Print spikes, complex spike and calcium, and what differs between levels."""
    if len(windows) > 1:
        raise InputError(
            f"{len(windows)} windows for the simple spikes of a Purkinje cell",
            remedy="Give one --window, or none for 50 ms until just before the climbing fiber",
        )
    summaries = _summarize(recordings, windows[0] if windows else None)
    if as_json:
        report = _analysis_as_json(recordings, summaries)
        typer.echo(json.dumps(_plain(report), indent=2, allow_nan=False))
    else:
        print_purkinje(summaries)


def _summarize(
    recordings: Sequence[Recording], simple_spike_window_ms: Window | None = None
) -> list[PurkinjeSummary]:
    from cerebella.analysis.purkinje import compute_purkinje_summary
    from cerebella.analysis.rates import check_window
    from cerebella.results.load import load_recording

    if simple_spike_window_ms is not None:
        check_window(simple_spike_window_ms, min(_duration_ms(run) for run in recordings))
    return [
        # Loaded once more, so that its calcium (30 MB) is let go before that of the next is read.
        compute_purkinje_summary(
            load_recording(recording.path), simple_spike_window_ms=simple_spike_window_ms
        )
        for recording in recordings
    ]


def _duration_ms(recording: Recording) -> float:
    return recording.manifest.get("duration_ms", math.inf)  # published files do not say


def print_purkinje(summaries: Sequence[PurkinjeSummary]) -> None:
    """Print a column for each condition, then a table for each pair of levels."""
    from cerebella.analysis.purkinje_levels import compare_levels

    _print_means(summaries)
    if len(summaries) == 1:
        times = ", ".join(f"{time:.2f}" for time in summaries[0].response.spike_times_ms)
        out.print(f"Spikes at (ms): {times or 'none'}\n")
    for comparison in compare_levels(summaries):
        _print_comparison(comparison)


def _print_means(summaries: Sequence[PurkinjeSummary]) -> None:
    from cerebella.analysis.purkinje_levels import MEASURES, compute_means
    from cerebella.results.condition import group_by_condition

    groups = group_by_condition(summaries)
    several = ": mean ± s.e.m. over runs" if len(groups) < len(summaries) else ""
    table = Table(title=f"Purkinje cell{several}", title_justify="left")
    table.add_column("")
    for title, group in groups.items():
        runs = f" ({len(group)} runs)" if len(group) > 1 else ""
        table.add_column(f"{escape(title)}{runs}", justify="right")
    means = [(compute_means(group), len(group)) for group in groups.values()]
    for measure in MEASURES:
        cells = (_mean_text(of[measure.key], n_runs, measure) for of, n_runs in means)
        table.add_row(measure.label, *cells)
    out.print(table)
    definitions = _definitions(summaries)
    if definitions:
        out.print(definitions, style="dim")


def _mean_text(mean: Mean, n_runs: int, measure: Measure) -> str:
    if not mean.n_trials:
        return "–"
    digits = 0 if measure.is_count and n_runs == 1 else measure.digits
    error = "" if math.isnan(mean.sem) else f" ± {mean.sem:.{digits}f}"
    fewer = f" (n = {mean.n_trials})" if mean.n_trials < n_runs else ""
    return f"{mean.mean:.{digits}f}{error}{fewer}"


def _definitions(summaries: Sequence[PurkinjeSummary]) -> str | None:
    """Say which windows the numbers come from, where all runs share them."""
    from cerebella.analysis.dendritic_calcium import CALCIUM_WINDOW_MS
    from cerebella.analysis.rates import window_name
    from cerebella.analysis.soma_spikes import complex_spike_window, window_around

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


def _print_comparison(comparison: LevelComparison) -> None:
    from cerebella.analysis.purkinje_levels import MEASURES

    n = len(comparison.pairs)
    table = Table(
        title=f"{escape(comparison.second)} minus {escape(comparison.first)}: "
        f"{n} {'trials' if n > 1 else 'trial'}, paired",
        title_justify="left",
    )
    table.add_column("")
    for name in ("difference", "95 % CI", "p", "d"):
        table.add_column(name, justify="right")
    for measure in MEASURES:
        difference = comparison.differences.get(measure.key)
        if difference is not None:
            fewer = "" if difference.n_trials == n else f", {difference.n_trials} trials"
            cells = _difference_texts(difference, max(measure.digits, 1))
            table.add_row(f"{measure.label}{fewer}", *cells)
    out.print(table)
    out.print(
        "CI: confidence interval of the mean difference; p: paired t-test; d: mean difference / "
        "its standard deviation over trials. –: no spread over trials to test against.",
        style="dim",
    )


def _difference_texts(difference: PairedDifference, digits: int) -> tuple[str, str, str, str]:
    from cerebella.analysis.paired import p_text

    d = difference
    mean = f"{d.mean:+.{digits}f}" if round(d.mean, digits) else "0"
    if math.isnan(d.p):
        return mean, "–", "–", "–"
    interval = f"{d.ci_low:+.{digits}f} … {d.ci_high:+.{digits}f}"
    return mean, interval, p_text(d.p), f"{d.effect_size:+.2f}"


def _analysis_as_json(
    recordings: Sequence[Recording], summaries: Sequence[PurkinjeSummary]
) -> dict[str, Any]:
    """Return the numbers of a single run, or of conditions, comparisons and all runs."""
    from cerebella.analysis.purkinje_levels import compare_levels, compute_means
    from cerebella.results.condition import group_by_condition

    if len(summaries) == 1:
        return _response_as_json(summaries[0].response)
    conditions = []
    for title, group in group_by_condition(summaries).items():
        means = compute_means(group)
        conditions.append(
            {
                "title": title,
                **_condition_as_json(group[0]),
                "n_runs": len(group),
                "mean": {key: mean.mean for key, mean in means.items()},
                "sem": {key: mean.sem for key, mean in means.items()},
            }
        )
    return {
        "conditions": conditions,
        "comparisons": [
            {
                "first": comparison.first,
                "second": comparison.second,
                "n_trials": len(comparison.pairs),
                "differences": {
                    key: difference._asdict() for key, difference in comparison.differences.items()
                },
            }
            for comparison in compare_levels(summaries)
        ],
        "runs": [
            {
                "path": str(recording.path),
                **_condition_as_json(summary),
                "trial": summary.condition.trial,
                **_response_as_json(summary.response),
            }
            for recording, summary in zip(recordings, summaries, strict=True)
        ],
    }


def _condition_as_json(summary: PurkinjeSummary) -> dict[str, Any]:
    names = ("network", "morphology", "cf_sync", "w2_pS", "pf_scale", "cf_scale")
    return {name: getattr(summary.condition, name) for name in names}


def _response_as_json(response: PurkinjeResponse) -> dict[str, Any]:
    spike = response.complex_spike
    return {
        "spike_times_ms": response.spike_times_ms.tolist(),
        "simple_spike_rate_Hz": response.simple_spikes.rate_Hz,
        "complex_spike": None if spike is None else spike._asdict(),
        "pause_ms": response.pause_ms,
        "calcium_mean_nM": response.calcium_mean_nM,
        "dendritic_spike_spread": response.dendritic_spike_spread,
    }


def _plain(value: Any) -> Any:
    """Turn NaN, which JSON does not know, into null."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _plot_activity(recordings: Sequence[Recording], options: FigureOptions) -> Figure:
    """Draw raster, rates, soma voltage and mean spiny calcium."""
    from cerebella.plots.purkinje import plot_purkinje

    return plot_purkinje(_summarize(recordings), options.window_ms)


def _plot_levels(recordings: Sequence[Recording], options: FigureOptions) -> Figure:
    """Draw synchrony levels over each other, and their differences trial by trial."""
    from cerebella.plots.purkinje_levels import plot_purkinje_levels

    return plot_purkinje_levels(_summarize(recordings), options.window_ms)


def _plot_dendrite(recordings: Sequence[Recording], options: FigureOptions) -> Figure:
    """Draw the dendrite colored by calcium."""
    from cerebella.plots.dendritic_calcium import plot_dendritic_calcium

    return plot_dendritic_calcium(recordings, options.at_ms)


FIGURES: dict[str, Callable[[Sequence[Recording], FigureOptions], Figure]] = {
    "purkinje": _plot_activity,
    "levels": _plot_levels,
    "dendrite": _plot_dendrite,
}


def _export_npz(recording: Recording, folder: Path, *, force: bool) -> list[Path]:
    """Write the published files of traces, as many as the run recorded."""
    from cerebella.morphology.recording_sites import PUBLISHED_ORIGIN_X, load_recording_sites
    from cerebella.results.atomic import refuse_existing
    from cerebella.results.published_npz import (
        ENDING_OF,
        published_trace_name,
        write_published_traces,
    )

    files = {
        name: folder / published_trace_name(recording.manifest, name)
        for name in ENDING_OF
        if name in recording.traces
    }
    if not files:
        raise InputError(
            "recorded no traces", file=recording.path, remedy="Repeat it with --record soma_v"
        )
    if not force:
        for file in files.values():
            refuse_existing(file)
    for name, file in files.items():
        traces, sites = recording.traces[name], None
        if name != "soma_v":
            sites = load_recording_sites(recording, traces, origin_x=PUBLISHED_ORIGIN_X)
        write_published_traces(traces, file, sites)
    return list(files.values())


EXPORTS: dict[str, Callable[..., list[Path]]] = {"npz": _export_npz, "nwb": export_nwb}
