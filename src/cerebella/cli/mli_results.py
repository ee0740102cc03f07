"""What `analyze`, `plot` and `export` do with spikes of the molecular layer."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
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

    from cerebella.analysis.rates import MeanRate, Window
    from cerebella.cli.results import FigureOptions
    from cerebella.results.condition import HasSpikes
    from cerebella.results.load import Recording
    from cerebella.results.spikes import SpikeTrains


def analyze(recordings: Sequence[Recording], windows: Sequence[Window], *, as_json: bool) -> None:
    """Print the rates of each population, as tables or as JSON."""
    windows = windows or _default_windows(recordings)
    if as_json:
        typer.echo(json.dumps(_analysis_as_json(recordings, windows), indent=2, allow_nan=False))
    else:
        print_rates(recordings, windows)


def _plot_molecular_layer(recordings: Sequence[Recording], options: FigureOptions) -> Figure:
    """Draw climbing fibers, raster and rates."""
    from cerebella.plots.molecular_layer import plot_molecular_layer

    return plot_molecular_layer(recordings, options.window_ms)


FIGURES = {"molecular_layer": _plot_molecular_layer}


def _export_csv(recording: Recording, folder: Path, *, force: bool) -> list[Path]:
    """Write the published spike file."""
    from cerebella.results.atomic import refuse_existing
    from cerebella.results.published_csv import write_published_spikes

    path = folder / _published_name(recording)
    if not force:
        refuse_existing(path)
    write_published_spikes(recording.spikes, path)
    return [path]


EXPORTS = {"csv": _export_csv, "nwb": export_nwb}


def _published_name(recording: Recording) -> str:
    from cerebella.results.published_csv import published_spike_name

    condition = recording.condition
    if condition.network is None or condition.w2_pS is None or condition.trial is None:
        raise InputError(
            "network, weight and trial are not known, and the published name needs them",
            file=recording.path,
            remedy="Give the run directory that the spikes come from",
        )
    return published_spike_name(
        condition.network, condition.cf_sync, condition.w2_pS, condition.trial
    )


def _analysis_as_json(recordings: Sequence[Recording], windows: Sequence[Window]) -> dict[str, Any]:
    """Return means over all runs, over the runs of each condition, and each run by itself."""
    from cerebella.results.condition import group_by_condition

    return {
        **_rates_as_json([recording.spikes for recording in recordings], windows),
        "conditions": [
            {
                "title": title,
                **_condition_as_json(group[0]),
                "n_runs": len(group),
                **_rates_as_json([recording.spikes for recording in group], windows),
            }
            for title, group in group_by_condition(recordings).items()
        ],
        "runs": [
            {
                "path": str(recording.path),
                **_condition_as_json(recording),
                "trial": recording.condition.trial,
                "duration_ms": recording.spikes.duration_ms,
                **_rates_as_json([recording.spikes], windows),
            }
            for recording in recordings
        ],
    }


def _condition_as_json(recording: Any) -> dict[str, Any]:
    condition = recording.condition
    return {
        "network": condition.network,
        "cf_sync": condition.cf_sync,
        "w2_pS": condition.w2_pS,
    }


def _rates_as_json(trials: Sequence[SpikeTrains], windows: Sequence[Window]) -> dict[str, Any]:
    """Return rates_Hz and, for several trials, sem_Hz: {population: {"A-B": value}}."""
    from cerebella.analysis.rates import compute_mean_rates, window_name

    rates = compute_mean_rates(trials, windows)
    fields = {"rates_Hz": "mean_Hz"} | ({"sem_Hz": "sem_Hz"} if len(trials) > 1 else {})
    return {
        key: {
            name: {window_name(window): getattr(rate, field) for window, rate in of_window.items()}
            for name, of_window in rates.items()
        }
        for key, field in fields.items()
    }


def _default_windows(recordings: Sequence[HasSpikes]) -> list[Window]:
    from cerebella.analysis.rates import RATE_WINDOWS_MS, fit_windows

    return fit_windows(RATE_WINDOWS_MS, min(one.spikes.duration_ms for one in recordings))


def print_rates(recordings: Sequence[HasSpikes], windows: Sequence[Window] | None = None) -> None:
    """Print one table for each condition, and what the climbing fibers did where that is seen."""
    from cerebella.analysis.rates import compute_mean_rates, window_name
    from cerebella.results.condition import group_by_condition

    windows = _default_windows(recordings) if windows is None else windows
    for title, group in group_by_condition(recordings).items():
        trials = [recording.spikes for recording in group]
        rates = compute_mean_rates(trials, windows)
        several = f", mean ± s.e.m. of {len(trials)} runs" if len(trials) > 1 else ""
        table = Table(title=f"{escape(title)}: rates in Hz{several}", title_justify="left")
        table.add_column("Window (ms)")
        for name in rates:
            table.add_column(name, justify="right")
        for window in windows:
            cells = (_rate_text(of_window[window]) for of_window in rates.values())
            table.add_row(window_name(window), *cells)
        out.print(table)
        _print_cf_response(trials)


def _rate_text(rate: MeanRate) -> str:
    error = "" if math.isnan(rate.sem_Hz) else f" ± {rate.sem_Hz:.1f}"
    return f"{rate.mean_Hz:.1f}{error}"


def _print_cf_response(trials: Sequence[SpikeTrains]) -> None:
    """Print the peak of MLI2 and the dip of MLI1, where the runs have both."""
    from cerebella.analysis.cf_response import BASELINE_MS, DIP_MS, PEAK_MS, compute_cf_response
    from cerebella.analysis.rates import window_name

    populations = {p.name for p in trials[0].populations if p.n_cells}
    if not {"MLI1", "MLI2"} <= populations or any(t.duration_ms < DIP_MS[1] for t in trials):
        return
    response = compute_cf_response(trials)
    baseline = f"× the rate at {window_name(BASELINE_MS)} ms"
    out.print(
        f"MLI2 at {window_name(PEAK_MS)} ms: {response.MLI2_peak_Hz:.1f} Hz, "
        f"{response.MLI2_gain:.2f} {baseline}\n"
        f"MLI1 at {window_name(DIP_MS)} ms: {response.MLI1_dip_Hz:.1f} Hz, "
        f"{response.MLI1_gain:.2f} {baseline}\n"
    )
