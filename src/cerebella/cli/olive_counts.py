"""What `analyze` does with the published NPZ of a run of the loop."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer
from rich.markup import escape

from cerebella.cli.console import out
from cerebella.cli.olive_results import print_rates

if TYPE_CHECKING:
    from cerebella.analysis.rates import Window
    from cerebella.results.olive_npz import OliveCounts

FIGURES: dict[str, Any] = {}
EXPORTS: dict[str, Any] = {}


def analyze(files: Sequence[OliveCounts], windows: Sequence[Window], *, as_json: bool) -> None:
    """Print rates and recorded weights, and say what the file does not tell."""
    from cerebella.analysis.olive_counts import compute_rates_of_counts, summarize_counts

    reports = []
    for counts in files:
        report: dict[str, Any] = {"path": str(counts.path), **summarize_counts(counts)}
        by_window = {window: compute_rates_of_counts(counts, window) for window in windows}
        if as_json:
            named = {f"{a:g}-{b:g}": rates for (a, b), rates in by_window.items()}
            reports.append(report | ({"rates_Hz_by_window": named} if named else {}))
        else:
            whole = {(0.0, counts.duration_ms): report["rates_Hz"]}
            _print(counts, by_window or whole, report)
    if as_json:
        content = reports[0] if len(reports) == 1 else {"runs": reports}
        typer.echo(json.dumps(content, indent=2, allow_nan=False))


def _print(
    counts: OliveCounts, rates_Hz: dict[Window, dict[str, float]], report: dict[str, Any]
) -> None:
    print_rates(counts.name, rates_Hz)
    weights = report["recorded_weights"]
    if weights:
        out.print(
            f"Mean weight of {weights['n_synapses']} synapses {weights['mean_at_start']:.3f} at "
            f"the start, {weights['mean_at_end']:.3f} at the end"
        )
    out.print("Not in this file:")
    for name, reason in report["left_out"].items():
        out.print(f"  {name}: {escape(reason)}")
