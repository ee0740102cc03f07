"""`cerebella sweep`: simulate a level for any values of its parameters."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes, load_cell
from cerebella.cli.option_groups import with_group
from cerebella.cli.options import (
    MechanismsPath,
    Seed,
    Settings,
    ShowConfig,
    Trial,
    names_in,
    time_option,
)
from cerebella.cli.purkinje_threshold import Threshold, find_scales, parse_strength
from cerebella.cli.stimulus_options import StimuliFile, StimulusTexts, stimuli_of
from cerebella.cli.sweep_options import (
    BatchSize,
    Execution,
    MorphologyPath,
    NetworkPath,
    NetworkRanks,
    SweepPath,
    Zip,
    exit_on_failures,
)
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.experiments.parameter_sweep.sweep import SweepResult
    from cerebella.morphology.morphology import Morphology
    from cerebella.parameters.quantity import Parameters

FIGURE = "sweep.png"
_CF_SCALE = "purkinje.connections.cf_scale"
_MOST_ROWS = 40
"""Rows of the printed table; all are in the file."""


@with_group("execution")
def sweep(
    out_path: SweepPath,
    swept: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="What is simulated: mli, purkinje (a cell driven by a network), olive, or "
            "cf-synchrony (a cell at levels of synchrony, which are compared).",
        ),
    ],
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES",
            help="Values of a parameter (its path, or a shortcut such as w2) or of seed, trial, "
            "duration, cf-sync: 2,4,8, or 1-5 for integers, or 0:10:5 or log:1:100:5 for "
            "five values from the first to the second. May be repeated.",
            show_default=False,
        ),
    ] = None,
    zip: Zip = False,
    measures: Annotated[
        str | None,
        typer.Option(
            "--measure",
            metavar="NAME,…",
            help="Measures, as in MLI1_rate_Hz,MLI1_dip_Hz.",
            show_default="all",
        ),
    ] = None,
    network: NetworkPath = None,
    morphology: MorphologyPath = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    duration: Annotated[
        float | None,
        time_option(help="Simulated time of each run.", show_default="300ms, olive 60s"),
    ] = None,
    cf_sync: Annotated[
        int | None,
        typer.Option(min=0, help="Climbing-fiber synchrony level.", show_default="8"),
    ] = None,
    trial: Trial = 1,
    seed: Seed = 0,
    perturb: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TIME:CHANGE",
            help="Change during each run of the loop, in the syntax of olive run; may be repeated.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="YAML",
            help="File of parameters that differ from their defaults; for purkinje and "
            "cf-synchrony with the sections mli and purkinje.",
        ),
    ] = None,
    settings: Settings = None,
    show_config: ShowConfig = False,
    cf_strength: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBERx,…",
            help="CF scale relative to the threshold of the Purkinje cell, such as 1.0x; several "
            "are varied, as 0.9x,1.0x.",
            show_default=False,
        ),
    ] = None,
    cf_threshold: Threshold = None,
    stimulus: StimulusTexts = None,
    stimuli_file: StimuliFile = None,
    record: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PROBE",
            help="Probe of the Purkinje cell that is kept, such as 'spiny[150um].v'; may be "
            "repeated.",
            show_default=False,
        ),
    ] = None,
    mechanisms: MechanismsPath = None,
    keep_calcium: Annotated[
        bool,
        typer.Option("--keep-calcium", help="Keep calcium of all compartments, 30 MB per run."),
    ] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Also write the table as sweep.parquet.")
    ] = False,
    engine: Annotated[
        str,
        typer.Option(
            "--engine",
            metavar="NAME",
            help="Engine of all runs. auto is that of finished runs in OUT or, without any, the "
            "fastest.",
        ),
    ] = "auto",
    batch: BatchSize = 512,
    ranks: NetworkRanks = 1,
    *,
    execution: Execution,
) -> None:
    """Simulate all combinations of values of any parameters, and measure each run.

    Means over seeds and trials are printed and plotted. The same command resumes an interrupted
    sweep; values, parameters and measures may be added. In OUT: sweep.csv, summary.csv, sweep.png.

    Example: cerebella sweep rates mli --vary connections.pf_rate_Hz=2,4,8 --vary seed=1-5
    """
    from cerebella.experiments.parameter_sweep.sweep import sweep as run
    from cerebella.experiments.parameter_sweep.swept import parameters_of, swept_of
    from cerebella.neuron_backend.own_mechanisms import read_mechanisms
    from cerebella.parameters.configure import as_yaml, configured

    kind = swept_of(swept)
    own = read_mechanisms(mechanisms)
    parameters = configured(parameters_of(kind, own), config, settings or [])
    if show_config:
        typer.echo(as_yaml(parameters), nl=False)
        return
    varied = variations_of(vary or [])
    has_cell = morphology or sections or type_codes or prepare
    cell = load_cell(morphology, sections, type_codes or [], prepare=prepare) if has_cell else None
    stimuli = stimuli_of(stimulus, stimuli_file)
    if cf_strength is None and cf_threshold is not None:
        raise InputError("--threshold without --cf-strength", remedy="Also give --cf-strength")
    if cf_strength is not None:
        strengths = [parse_strength(text) for text in cf_strength.split(",")]
        parameters = _with_strengths(parameters, varied, strengths, cf_threshold, cell, seed)
    with execution.running() as options:
        result = run(
            out_path,
            swept,
            varied,
            zip=zip,
            measures=None if measures is None else names_in(measures),
            network=_load_network(network),
            morphology=cell,
            parameters=parameters,
            duration_ms=duration,
            seed=seed,
            trial=trial,
            cf_sync=cf_sync,
            perturbations=perturb or [],
            stimuli=stimuli,
            record=record or [],
            mechanisms=own,
            keep_calcium=keep_calcium,
            parquet=parquet,
            engine=engine,
            batch=batch,
            ranks=ranks,
            **options,
        )
    show_result(result, out_path)


def show_result(result: SweepResult, out_path: Path) -> None:
    """Print means, save the figure, and exit with code 1 if runs failed."""
    from cerebella.plots.save import save_figure
    from cerebella.plots.sweep import plot_sweep

    _print(result)
    figure = plot_sweep(result.table, result.variables, result.labels)
    say_saved(out_path / "sweep.csv")
    say_saved(save_figure(figure, out_path / FIGURE))
    failed = result.failed.rename(columns={"run": "cell_run"})
    exit_on_failures(failed, len(set(result.table["run"])), out_path)


def variations_of(texts: Sequence[str]) -> dict[str, str]:
    """Return {name: values} of texts such as ``seed=1-5``.

    Raises
    ------
    InputError
        There is none, a text has another form, or a name occurs twice.
    """
    from cerebella.experiments.parameter_sweep.values import parse_variation

    varied: dict[str, str] = {}
    for text in texts:
        name, values = parse_variation(text)
        if name in varied:
            raise InputError(
                f"`vary` has {name} twice", remedy=f"Give --vary {name}={varied[name]},{values}"
            )
        varied[name] = values
    return varied


def _with_strengths(
    parameters: Parameters,
    varied: dict[str, str],
    strengths: Sequence[float],
    threshold: float | None,
    cell: Morphology | None,
    seed: int,
) -> Parameters:
    """Return parameters with the CF scale of a strength; several are added to what is varied.

    Raises
    ------
    InputError
        There is no Purkinje cell, or its CF scale is given, too.
    """
    from cerebella.experiments.configuration import CortexParameters
    from cerebella.morphology.default import load_default_morphology
    from cerebella.parameters.settings import set_values

    if not isinstance(parameters, CortexParameters):
        raise InputError(
            "--cf-strength is of a Purkinje cell", remedy="Sweep purkinje or cf-synchrony"
        )
    default = CortexParameters().purkinje.connections.cf_scale
    if {"cf-scale", "cf_scale", _CF_SCALE} & set(varied) or (
        parameters.purkinje.connections.cf_scale != default
    ):
        raise InputError(f"--cf-strength and {_CF_SCALE} both set the CF", remedy="Omit one")
    scales = find_scales(
        strengths, threshold, cell or load_default_morphology(), parameters.purkinje, seed=seed
    )
    if len(scales) > 1:
        varied[_CF_SCALE] = ",".join(map(repr, scales))
        return parameters
    return set_values(parameters, [(_CF_SCALE, scales[0])])


def _load_network(path: Path | None) -> Any:
    from cerebella.network.load import load_network

    return None if path is None else load_network(path)


def _print(result: SweepResult) -> None:
    """Print the mean of each measure for each combination of values."""
    from cerebella.analysis.sweep_statistics import factors_of
    from cerebella.parameters.provenance import format_value

    factors = factors_of(result.variables)
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for row in result.summary.to_dict("records"):
        key = tuple(format_value(row[name]) for name in factors)
        error = f" ± {row['sem']:.2g}" if row["n"] > 1 else ""
        rows.setdefault(key, {})[row["measure"]] = f"{row['mean']:.4g}{error}" if row["n"] else "–"
    shown = [name for name in result.labels if any(of[name] != "–" for of in rows.values())]
    table = Table(title="Mean ± s.e.m. over seeds and trials", title_justify="left")
    for name in (*factors, *(result.labels[name] for name in shown)):
        table.add_column(escape(name), justify="right")
    for key, of_row in list(rows.items())[:_MOST_ROWS]:
        table.add_row(*map(escape, key), *(of_row[name] for name in shown))
    out.print(table)
    if len(rows) > _MOST_ROWS:
        out.print(f"{len(rows) - _MOST_ROWS} more rows are in summary.csv")
