"""`cerebella experiment`: many runs that answer one question."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from cerebella.cli.console import out, say_saved, show_progress

if TYPE_CHECKING:
    from cerebella.experiments.cf_rate import CfRateResult

app = typer.Typer(no_args_is_help=True, help="Run many simulations that answer one question.")


@app.callback()
def _group() -> None:
    """Keep experiments subcommands."""


@app.command("cf-rate")
def cf_rate(
    out_path: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for runs and figure.")],
    seeds: Annotated[int, typer.Option(min=1, help="Seeds of each case, from 0.")] = 3,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Runs at a time.", show_default="as many as cores")
    ] = None,
) -> None:
    """Compare the rate of the olive with the predicted one, and see it come back when perturbed.

    Runs that are finished in OUT are not repeated, and one that was cut short is gone on with.

    Example: cerebella experiment cf-rate rates --seeds 3
    """
    from cerebella.experiments.cf_rate import run_cf_rate
    from cerebella.plots.cf_rate import plot_cf_rate
    from cerebella.plots.save import save_figure

    with show_progress("Simulating") as progress:
        results = run_cf_rate(
            out_path, seeds=range(seeds), workers=workers, on_progress=progress.update
        )
    _print(results)
    formula = [result for result in results if result.case.perturbation is None]
    ax = plot_cf_rate([r.predicted_Hz for r in formula], [r.measured_Hz for r in formula])
    say_saved(save_figure(ax.figure, out_path / "cf_rate.png"))  # type: ignore[arg-type]


def _print(results: list[CfRateResult]) -> None:
    table = Table(title="Rate of the inferior olive in Hz", title_justify="left")
    table.add_column("Case", no_wrap=True)
    for heading in ("Predicted", "Last 200 s", "Difference", "First 10 s", "By seed"):
        table.add_column(heading, justify="right")
    for result in results:
        first = result.first_Hz
        table.add_row(
            result.case.perturbation or result.case.name.replace("_", " "),
            f"{result.predicted_Hz:.3f}",
            f"{result.mean_Hz:.3f}",
            f"{100 * (result.mean_Hz / result.predicted_Hz - 1):+.1f} %",
            f"{sum(first) / len(first):.2f}" if first else "",
            ", ".join(f"{rate:.3f}" for rate in result.measured_Hz),
        )
    out.print(table)
