"""The commands that read finished runs: `analyze`, `plot` and `export`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.analysis.rates import MeanRate, Window
    from cerebella.results.condition import HasSpikes
    from cerebella.results.load import Recording
    from cerebella.results.spikes import SpikeTrains

RunPaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN",
        help="Run directories, published spike files (.csv) or SONATA spike files (.h5).",
        show_default=False,
    ),
]


class ExportFormat(StrEnum):
    """A format that runs can be exported to."""

    csv = "csv"


def analyze(
    runs: RunPaths,
    window: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A-B",
            help="Window in ms, A included and B not; may be repeated. "
            "By default six windows around 150 ms, cut to the run.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, to be read by other programs.")
    ] = False,
) -> None:
    """Show the mean firing rate of each population in windows of time.

    Runs that differ in the trial only are averaged, with the s.e.m. over trials.

    Example: cerebella analyze sync0 sync8 --window 50-150 --window 160-170
    """
    recordings = _load(runs)
    windows = (
        [parse_window(text) for text in dict.fromkeys(window)]
        if window
        else _default_windows(recordings)
    )
    if as_json:
        typer.echo(json.dumps(_analysis_as_json(recordings, windows), indent=2, allow_nan=False))
    else:
        print_rates(recordings, windows)


def plot(
    runs: RunPaths,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Figure to save: .png, .pdf or .svg. By default <name of the run>.png, or "
            "molecular_layer.png for several runs, in the current folder.",
            show_default=False,
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="A-B",
            help="Window in ms; by default 80-280, cut to the run.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draw the activity of the molecular layer: climbing fibres, raster and rates.

    Each level of climbing-fibre synchrony gets a column; its trials are averaged.

    A figure of the same name is replaced.

    Example: cerebella plot sync0 sync8 --out synchrony.pdf
    """
    from cerebella.plots.molecular_layer import plot_molecular_layer
    from cerebella.plots.save import check_figure_path, save_figure

    if out_file is not None:
        check_figure_path(out_file)
    recordings = _load(runs)
    default = f"{recordings[0].name}.png" if len(recordings) == 1 else "molecular_layer.png"
    figure = plot_molecular_layer(recordings, parse_window(window) if window else None)
    path = save_figure(figure, out_file or Path(default))
    say_saved(path)


def export(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="A run directory, or a spike file with a published name.",
            show_default=False,
        ),
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="[OUT]", help="Folder to write into.", show_default=False)
    ] = Path(),
    to: Annotated[
        ExportFormat,
        typer.Option(help="Format; csv: the published spike file, one time,gid line a spike."),
    ] = ExportFormat.csv,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file of the same name.")
    ] = False,
) -> None:
    """Write the spikes of a run in another format, under its published name.

    Times in CSV files have 6 digits, as published; spikes.h5 keeps them all.

    Example: cerebella export sync8 --to csv exported
    """
    from cerebella.results.atomic import refuse_existing
    from cerebella.results.published_csv import write_published_spikes

    if folder.is_file() or folder.suffix == f".{to.value}":
        raise InputError(
            "is not a folder",
            file=folder,
            remedy="Give the folder to write into; the name of the file follows from the run",
        )
    recording = _load([run])[0]
    path = folder / _published_name(recording)
    if not force:
        refuse_existing(path)
    write_published_spikes(recording.spikes, path)
    say_saved(path)


def parse_window(text: str) -> Window:
    """Return (start, stop) in ms from text such as 150-160.

    Raises
    ------
    InputError : the text is not of this form, or the window is empty.
    """
    from cerebella.analysis.rates import check_window

    parts = text.replace("–", "-").rsplit("-", 1)
    try:
        start, stop = (float(part) for part in parts)
    except ValueError:
        raise InputError(
            f"window {text!r} is not of the form A-B",
            remedy="Give start and stop in ms, as --window 150-160",
        ) from None
    check_window((start, stop), math.inf)
    return start, stop


def _load(paths: Sequence[Path]) -> list[Recording]:
    """Load runs, refusing one that is given twice and would count twice."""
    from cerebella.results.load import load_recording

    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise InputError("is given twice", file=path, remedy="Give each run once")
        seen.add(path.resolve())
    return [load_recording(path) for path in paths]


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
    """Print one table for each condition, and what the climbing fibres did where that is seen."""
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
