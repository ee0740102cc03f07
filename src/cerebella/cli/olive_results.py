"""What `analyze`, `plot` and `export` do with runs of the olivocerebellar loop."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out
from cerebella.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cerebella.analysis.rates import Window
    from cerebella.cli.results import FigureOptions
    from cerebella.results.olive_run import OliveRun


def analyze(runs: Sequence[OliveRun], windows: Sequence[Window], *, as_json: bool) -> None:
    """Print rates, weights and the predicted rate; of several runs, one after the other."""
    from cerebella.analysis.olive_balance import summarize_olive
    from cerebella.analysis.olive_rates import compute_olive_rates

    if not as_json:
        for run in runs:
            print_summary(run, windows)
        return
    reports = []
    for run in runs:
        report: dict[str, Any] = {"path": str(run.path), **summarize_olive(run)}
        if windows:
            report["rates_Hz_by_window"] = {
                f"{a:g}-{b:g}": compute_olive_rates(run, a, b) for a, b in windows
            }
        reports.append(report)
    content = reports[0] if len(reports) == 1 else {"runs": reports}
    typer.echo(json.dumps(content, indent=2, allow_nan=False))


def _figure(name: str, runs: Sequence[OliveRun], options: FigureOptions) -> Figure:
    """Return one figure of one run."""
    from cerebella.plots.olive import FIGURES as DRAW

    if len(runs) > 1:
        raise InputError(
            f"{len(runs)} runs of the loop do not fit into one figure",
            remedy="Give one run at a time",
        )
    return DRAW[name](runs[0], options.window_ms)


FIGURES = {
    name: partial(_figure, name)
    for name in (
        "loop",
        "io_rate",
        "io_raster",
        "purkinje_raster",
        "pf_raster",
        "dcn_raster",
        "purkinje_rate",
        "weights",
        "weight_distribution",
        "io_voltages",
        "cell_rates",
    )
}


def _export(name: str, run: OliveRun, folder: Path, *, force: bool) -> list[Path]:
    """Write a run in one format."""
    from cerebella.results.olive_export import FORMATS

    return FORMATS[name](run, folder, force=force)


EXPORTS = {name: partial(_export, name) for name in ("npz", "csv", "sonata")}


def print_summary(run: OliveRun, windows: Sequence[Window] = ()) -> None:
    """Print one table of rates and what theory says."""
    from cerebella.analysis.olive_balance import summarize_olive
    from cerebella.analysis.olive_rates import compute_olive_rates
    from cerebella.parameters.renamed import current_value

    summary = summarize_olive(run)
    if not windows:
        last = max(0.0, run.duration_ms - 100_000.0)
        windows = (
            [(0.0, run.duration_ms)]
            if not last
            else [(0.0, run.duration_ms), (last, run.duration_ms)]
        )
    print_rates(run.name, {w: compute_olive_rates(run, *w) for w in windows})
    weights = run.weights
    text = (
        f"Mean weight {weights.mean[0]:.3f} at the start, {weights.mean[-1]:.3f} ± "
        f"{weights.sd[-1]:.3f} (sd) at the end"
    )
    predicted = summary["predicted_cf_rate_Hz"]
    if predicted is not None:
        rule = current_value("plasticity.rule", run.manifest["rule"])
        text += f". Plasticity (rule {rule}) balances at {predicted:.3f} Hz"
    out.print(text)


def print_rates(name: str, rates_Hz: Mapping[Window, Mapping[str, float]]) -> None:
    """Print one table of rates, a row for each window (ms)."""
    table = Table(title=f"{escape(name)}: rates in Hz", title_justify="left")
    table.add_column("Window (s)")
    for population in next(iter(rates_Hz.values())):
        table.add_column(population, justify="right")
    for (start_ms, stop_ms), rates in rates_Hz.items():
        cells = (f"{rate:.2f}" if rate < 10 else f"{rate:.1f}" for rate in rates.values())
        table.add_row(f"{start_ms / 1000:g}–{stop_ms / 1000:g}", *cells)
    out.print(table)
