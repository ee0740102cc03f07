"""`cerebella experiment cf-synchrony`: the effect of climbing-fiber synchrony."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import Seed, Settings, ShowConfig, names_in
from cerebella.cli.sweep_options import (
    Circuit,
    Execution,
    MorphologyPath,
    NetworkPath,
    NetworkRanks,
    RunDuration,
    SweepConfig,
    SweepEngine,
    SweepPath,
    exit_on_failures,
    parse_numbers,
    parse_range,
    say_missing,
)

if TYPE_CHECKING:
    from cerebella.experiments.cf_synchrony.sweep import SyncResult

FIGURE = "cf_synchrony.png"
_CONDITIONS = "Additional conditions: "


@with_group("execution")
def cf_synchrony(
    out_path: SweepPath,
    levels: Annotated[
        str, typer.Option(metavar="LIST", help="Synchrony levels, such as 0,1,2 or 0-8.")
    ] = "0,1,2,4,6,8",
    trials: Annotated[
        str, typer.Option(metavar="LIST", help="Trials, such as 1-20 or 1,2,5.")
    ] = "1-20",
    network: NetworkPath = None,
    morphology: MorphologyPath = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    w2: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help=f"{_CONDITIONS}MLI2→MLI1 peak conductances in pS, such as 0,35.",
            show_default=False,
        ),
    ] = None,
    cf_scale: Annotated[
        str | None,
        typer.Option(metavar="LIST", help=f"{_CONDITIONS}scales of the CF.", show_default=False),
    ] = None,
    pf_scale: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help=f"{_CONDITIONS}scales of the PFs of the Purkinje cell.",
            show_default=False,
        ),
    ] = None,
    mli1_rate: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help=f"{_CONDITIONS}rates in Hz to which the MLI1s are clamped, as the Purkinje cell "
            "receives them.",
            show_default=False,
        ),
    ] = None,
    cf_contacts_per_mli1: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help=f"{_CONDITIONS}contacts with CFs that each MLI1 gets, such as 1,4.",
            show_default=False,
        ),
    ] = None,
    variants: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="Control conditions: no-gap-junctions, no-mli1-to-pc, mli2-silenced, cf-proximal.",
            show_default=False,
        ),
    ] = None,
    duration: RunDuration = 300.0,
    seed: Seed = 0,
    config: SweepConfig = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    keep_calcium: Annotated[
        bool,
        typer.Option("--keep-calcium", help="Keep calcium of all compartments, 30 MB per run."),
    ] = False,
    engine: SweepEngine = "auto",
    ranks: NetworkRanks = 1,
    *,
    execution: Execution,
) -> None:
    """Simulate network and Purkinje cell at every level in every trial, and compare the levels.

    Levels are compared within trials. The same command resumes an interrupted experiment; levels
    and trials may be added. Tables in OUT: runs.csv, summary.csv, summary.json, coverage.csv.

    Example: cerebella experiment cf-synchrony synchrony --levels 0,4,8 --trials 1-3
    """
    asked = {
        "levels": parse_range(levels, "--levels"),
        "trials": parse_range(trials, "--trials"),
        "w2_pS": parse_numbers(w2 or "", "--w2"),
        "cf_scale": parse_numbers(cf_scale or "", "--cf-scale"),
        "pf_scale": parse_numbers(pf_scale or "", "--pf-scale"),
        "mli1_rate_Hz": parse_numbers(mli1_rate or "", "--mli1-rate"),
        "cf_contacts_per_mli1": parse_range(cf_contacts_per_mli1, "--cf-contacts-per-mli1")
        if cf_contacts_per_mli1
        else [],
        "variants": names_in(variants or ""),
    }

    from cerebella.experiments.cf_synchrony.sweep import sweep_cf_synchrony
    from cerebella.experiments.configuration import CortexParameters
    from cerebella.experiments.measures import LABELS, describe_missing
    from cerebella.parameters.configure import as_yaml, configured
    from cerebella.plots.cf_synchrony import plot_cf_synchrony
    from cerebella.plots.save import save_figure

    parameters = configured(CortexParameters(), config, settings or [])
    if show_config:
        print(as_yaml(parameters), end="")
        return
    circuit = Circuit(network, morphology, sections, type_codes, prepare, duration, seed)
    model = circuit.build(circuit.load_network(), parameters)
    with execution.running() as options:
        result = sweep_cf_synchrony(
            out_path,
            model,
            **asked,
            engine=engine,
            ranks=ranks,
            keep_calcium=keep_calcium,
            **options,
        )
    _print(result, LABELS)
    out.print(_coverage_text(result))
    figure = plot_cf_synchrony(result.runs, result.summary, LABELS, result.labels)
    say_saved(save_figure(figure, out_path / FIGURE))
    say_missing(describe_missing(result.missing.values()))
    exit_on_failures(result.failed, len(result.runs), out_path)


def _print(result: SyncResult, labels: dict[str, str]) -> None:
    """Print the mean at each level, and the difference between the highest and the lowest."""
    records = result.summary.to_dict("records")
    levels = sorted({row["cf_sync"] for row in records})
    for key, title in result.labels.items():
        table = Table(title=f"{title}: mean over trials", title_justify="left")
        table.add_column("CF synchrony")
        for level in levels:
            table.add_column(str(level), justify="right")
        for heading in (f"{levels[-1]} − {levels[0]} (95 % CI)", "p", "d", "slope p"):
            table.add_column(heading, justify="right")
        for measure, label in labels.items():
            rows = [row for row in records if (row["condition"], row["measure"]) == (key, measure)]
            table.add_row(label, *map(_mean_text, rows), *_comparison_texts(rows[-1]))
        out.print(table)


def _coverage_text(result: SyncResult) -> str:
    """Return mean and range of the disinhibition coverage over the CFs of the network."""
    table = result.coverage
    if table is None or not len(table):
        return "Disinhibition coverage: the network has no climbing fiber"
    shares = [
        f"{100 * table[name].mean():.0f} % ({100 * table[name].min():.0f} to "
        f"{100 * table[name].max():.0f} %) of {what}"
        for name, what in (("cells", "MLI1s"), ("synapses", "MLI1→PC synapses"))
    ]
    return (
        f"Disinhibition coverage: MLI2s of a climbing fiber inhibit {' and '.join(shares)} of the "
        f"Purkinje cell, mean and range over {len(table)} climbing fibers"
    )


def _mean_text(row: Mapping[str, Any]) -> str:
    return f"{row['mean']:.4g}" if row["n_trials"] else "–"


def _comparison_texts(row: Mapping[str, Any]) -> list[str]:
    """Return difference, p, effect size and p of the slope, where defined."""
    from cerebella.analysis.paired import p_text

    texts = {
        "difference": f"{row['difference']:+.3g} ({row['ci_low']:.3g} to {row['ci_high']:.3g})",
        "p": p_text(row["p"]),
        "effect_size": f"{row['effect_size']:.2f}",
        "slope_p": p_text(row["slope_p"]),
    }
    return ["–" if math.isnan(row[name]) else text for name, text in texts.items()]
