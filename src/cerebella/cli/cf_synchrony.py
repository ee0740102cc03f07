"""`cerebella experiment cf-synchrony`: what climbing-fibre synchrony does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out, say_saved
from cerebella.cli.options import Seed
from cerebella.cli.purkinje import SectionsPath, TypeCodes, parse_codes
from cerebella.cli.sweep_options import (
    Executor,
    ExecutorOption,
    Scheduler,
    Workers,
    parse_numbers,
    parse_range,
    show_sweep,
)
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.experiments.sync_sweep import SyncResult
    from cerebella.purkinje.morphology import Morphology

FIGURE = "cf_synchrony.png"


def cf_synchrony(
    out_path: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder for runs, tables and figure.")
    ],
    levels: Annotated[
        str, typer.Option(metavar="LIST", help="Synchrony levels, as 0,1,2 or 0-8.")
    ] = "0,1,2,4,6,8",
    trials: Annotated[str, typer.Option(metavar="LIST", help="Trials, as 1-20 or 1,2,5.")] = "1-20",
    network: Annotated[
        Path | None,
        typer.Option(metavar="NETWORK", help="Network folder.", show_default="generate one"),
    ] = None,
    morphology: Annotated[
        Path | None,
        typer.Option(metavar="SWC", help="Purkinje cell.", show_default="the default cell"),
    ] = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    w2: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Further MLI2→MLI1 peak conductances in pS, as 0,35: how strong they must be.",
            show_default=False,
        ),
    ] = None,
    variants: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Controls: no-gap-junctions, no-mli1-to-pc.",
            show_default=False,
        ),
    ] = None,
    duration: Annotated[float, typer.Option(help="Simulated time of each run in ms.")] = 300.0,
    seed: Seed = 0,
    mli_config: Annotated[
        Path | None,
        typer.Option(metavar="YAML", help="Parameters of the network that differ."),
    ] = None,
    purkinje_config: Annotated[
        Path | None,
        typer.Option(metavar="YAML", help="Parameters of the Purkinje cell that differ."),
    ] = None,
    keep_calcium: Annotated[
        bool, typer.Option("--keep-calcium", help="Keep calcium of all compartments, 30 MB a run.")
    ] = False,
    ranks: Annotated[int, typer.Option(min=1, help="MPI processes of each network.")] = 1,
    workers: Workers = None,
    executor: ExecutorOption = Executor.processes,
    scheduler: Scheduler = None,
) -> None:
    """Run network and Purkinje cell at every level in every trial, and compare trial by trial.

    The same command goes on where an earlier one was stopped; more levels and trials may be
    added. Tables: runs.csv, summary.csv and summary.json in OUT.

    Example: cerebella experiment cf-synchrony synchrony --levels 0,4,8 --trials 1-3
    """
    asked = {
        "levels": parse_range(levels, "--levels"),
        "trials": parse_range(trials, "--trials"),
        "w2_pS": parse_numbers(w2 or "", "--w2"),
        "variants": [name.strip() for name in (variants or "").split(",") if name.strip()],
    }

    from cerebella.experiments.sync_points import SyncModel
    from cerebella.experiments.sync_sweep import LABELS, sweep_cf_synchrony
    from cerebella.network.generate import generate_network
    from cerebella.network.load import load_network
    from cerebella.parameters.configure import configured
    from cerebella.parameters.mli_simulation import MLIParameters
    from cerebella.parameters.purkinje_simulation import PurkinjeParameters
    from cerebella.plots.cf_synchrony import plot_cf_synchrony
    from cerebella.plots.save import save_figure

    model = SyncModel(
        load_network(network) if network else generate_network(seed=seed),
        _load_cell(morphology, sections, type_codes or []),
        configured(MLIParameters(), mli_config, []),
        configured(PurkinjeParameters(), purkinje_config, []),
        duration,
        seed,
    )
    with show_sweep() as line:
        result = sweep_cf_synchrony(
            out_path,
            model,
            **asked,
            ranks=ranks,
            keep_calcium=keep_calcium,
            executor=executor.value,
            workers=workers,
            scheduler=scheduler,
            on_progress=line.on_progress,
            announce=line.announce,
        )
    _print(result, LABELS)
    figure = plot_cf_synchrony(result.runs, result.summary, LABELS, result.labels)
    say_saved(save_figure(figure, out_path / FIGURE))
    if len(result.failed):
        raise typer.Exit(_say_failures(result, out_path))


def _load_cell(swc: Path | None, sections: Path | None, type_codes: list[str]) -> Morphology:
    from cerebella.purkinje.default import load_default_morphology
    from cerebella.purkinje.swc import load_morphology

    if swc is not None:
        return load_morphology(swc, sections, type_codes=parse_codes(type_codes))
    if sections is not None:
        raise InputError(
            "a table of sections without its morphology", remedy="Give --morphology too"
        )
    return load_default_morphology()


def _print(result: SyncResult, labels: dict[str, str]) -> None:
    """Print the means of each level, and the highest against the lowest."""
    records = result.summary.to_dict("records")
    levels = sorted({row["cf_sync"] for row in records})
    for key, title in result.labels.items():
        table = Table(title=f"{title}: mean ± s.e.m. over trials", title_justify="left")
        table.add_column("CF synchrony")
        for level in levels:
            table.add_column(str(level), justify="right")
        for heading in (f"{levels[-1]} − {levels[0]} (95 % CI)", "p", "effect size", "slope p"):
            table.add_column(heading, justify="right")
        for measure, label in labels.items():
            rows = [row for row in records if (row["condition"], row["measure"]) == (key, measure)]
            table.add_row(label, *map(_mean_text, rows), *_comparison_texts(rows[-1]))
        out.print(table)


def _mean_text(row: Mapping[str, Any]) -> str:
    if not row["n_trials"]:
        return "–"
    spread = "" if math.isnan(row["sem"]) else f" ± {row['sem']:.2g}"
    return f"{row['mean']:.4g}{spread}"


def _comparison_texts(row: Mapping[str, Any]) -> list[str]:
    """Return difference, p, effect size and p of the slope, as far as there are any."""
    from cerebella.analysis.paired import p_text

    texts = {
        "difference": f"{row['difference']:+.3g} ({row['ci_low']:.3g} to {row['ci_high']:.3g})",
        "p": p_text(row["p"]),
        "effect_size": f"{row['effect_size']:.2f}",
        "slope_p": p_text(row["slope_p"]),
    }
    return ["–" if math.isnan(row[name]) else text for name, text in texts.items()]


def _say_failures(result: SyncResult, folder: Path) -> int:
    """Print what failed, and return the exit code."""
    failed = result.failed
    err.print(
        f"[bold red]{len(failed)} of {len(result.runs)} failed[/], as "
        f"{escape(failed['cell_run'].iloc[0])}: {escape(failed['error'].iloc[0])}",
        soft_wrap=True,
    )
    err.print(f"All are in {escape(str(folder / 'failed.json'))}; the same command tries again.")
    return 1
