"""`cerebella purkinje threshold`, and the option --cf-strength of runs and sweeps."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import err, out, say_saved, show_progress
from cerebella.cli.morphology import Prepare, SectionsPath, TypeCodes, load_cell
from cerebella.cli.options import Config, Seed, Settings
from cerebella.cli.sweep_options import NetworkPath, parse_range
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.analysis.cf_threshold import CFThreshold
    from cerebella.morphology.morphology import Morphology
    from cerebella.parameters.purkinje_simulation import PurkinjeParameters

CFStrength = Annotated[
    str | None,
    typer.Option(
        metavar="NUMBERx",
        help="CF scale relative to the threshold of the cell, such as 1.0x, instead of --cf-scale; "
        "1x is the published strength in the traced cell.",
        show_default=False,
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option(
        "--threshold",
        metavar="SCALE",
        help="Main threshold of the cell for --cf-strength, printed by `cerebella purkinje "
        "threshold`.",
        show_default="computed",
    ),
]


def threshold(
    cell_path: Annotated[
        Path | None,
        typer.Argument(
            metavar="CELL", help="Morphology as SWC file.", show_default="the default cell"
        ),
    ] = None,
    sections: SectionsPath = None,
    type_codes: TypeCodes = None,
    prepare: Prepare = False,
    network: NetworkPath = None,
    trials: Annotated[str, typer.Option(metavar="RANGE", help="Trials, such as 1-5.")] = "1-5",
    scale_range: Annotated[
        str, typer.Option(metavar="LOW:HIGH", help="Weakest and strongest CF, as CF scales.")
    ] = "10:60",
    tolerance: Annotated[
        float, typer.Option(metavar="SCALE", help="Width within which steps are located.")
    ] = 0.4,
    seed: Seed = 0,
    config: Config = None,
    settings: Settings = None,
    csv: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Save the table of territories.", show_default=False),
    ] = None,
    figure: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Save the recruited membrane against the CF scale, and the territories on the "
            "cell, as .png, .pdf or .svg.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Find the strengths of the climbing fiber at which parts of the dendrite spike.

    The cell is driven by a network with asynchronous climbing fibers, in several trials.

    Example: cerebella purkinje threshold cell.swc --prepare --csv territories.csv --figure cell.png

    Then: cerebella purkinje run sync8 pc8 --cf-strength 1.0x --threshold 26.6
    """
    from cerebella.experiments.cf_threshold import compute_cf_threshold
    from cerebella.experiments.tables import save_table
    from cerebella.network.load import load_network
    from cerebella.parameters.configure import configured
    from cerebella.parameters.purkinje_simulation import PurkinjeParameters
    from cerebella.plots.save import check_figure_path
    from cerebella.results.outputs import check_file_output, refuse_shared

    inputs = [cell_path, sections, network, config]
    for path in (csv, figure):
        if path is not None:
            refuse_shared(path, inputs)
            check_file_output(path)
    if figure is not None:
        check_figure_path(figure)
    parameters = configured(PurkinjeParameters(), config, settings or [])
    numbers, limits = parse_range(trials, "--trials"), _parse_limits(scale_range)
    cell = load_cell(cell_path, sections, type_codes or [], prepare=prepare)
    circuit = None if network is None else load_network(network)
    with show_progress("Finding the CF threshold") as progress:
        found = compute_cf_threshold(
            cell,
            network=circuit,
            trials=numbers,
            scale_range=limits,
            tolerance=tolerance,
            seed=seed,
            parameters=parameters,
            progress=progress,
        )
    _print(found)
    if csv is not None:
        save_table(found.table(), csv)
        say_saved(csv)
    if figure is not None:
        from cerebella.plots.cf_threshold import plot_cf_threshold
        from cerebella.plots.save import save_figure

        say_saved(save_figure(plot_cf_threshold(found), figure))


def parse_strength(text: str) -> float:
    """Return the number in a text such as ``"1.0x"``.

    Raises
    ------
    InputError : the text is not of this form, or the number is not positive.
    """
    number = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*x\s*", text)
    if number is None or not float(number[1]):
        raise InputError(
            f"--cf-strength {text!r} is not a positive number followed by x",
            remedy="Use the form --cf-strength 1.0x",
        )
    return float(number[1])


def apply_strength(
    parameters: PurkinjeParameters,
    strength: float,
    given_threshold: float | None,
    cell: Morphology,
    *,
    seed: int,
) -> PurkinjeParameters:
    """Return parameters with the CF scale of a relative strength; print what was used."""
    from cerebella.parameters.settings import set_values

    (scale,) = find_scales([strength], given_threshold, cell, parameters, seed=seed)
    return set_values(parameters, [("connections.cf_scale", scale)])


def find_scales(
    strengths: Sequence[float],
    given_threshold: float | None,
    cell: Morphology,
    parameters: PurkinjeParameters,
    *,
    seed: int,
) -> list[float]:
    """Return the CF scales of relative strengths; print what was used."""
    from cerebella.analysis.cf_threshold import DEFAULT_CELL_THRESHOLD, cf_scale_of_strength
    from cerebella.experiments.cf_threshold import compute_cf_threshold

    if given_threshold is None and _is_default(cell, parameters, seed):
        threshold, origin = DEFAULT_CELL_THRESHOLD, "the default one, measured before"
    elif given_threshold is None:
        with show_progress("Finding the CF threshold") as progress:
            found = compute_cf_threshold(cell, seed=seed, parameters=parameters, progress=progress)
        threshold, origin = found.main_threshold, "computed with a generated network, trials 1-5"
    elif 0 < given_threshold < math.inf:
        threshold, origin = given_threshold, "given"
    else:
        raise InputError(
            f"--threshold is {given_threshold:g}",
            remedy="Give the positive number that `cerebella purkinje threshold` prints",
        )
    scales = [cf_scale_of_strength(strength, threshold) for strength in strengths]
    for strength, scale in zip(strengths, scales, strict=True):
        err.print(
            f"CF strength {strength:g}x: CF scale {scale:.4g}, from the threshold {threshold:.4g} "
            f"of the cell ({origin})",
            soft_wrap=True,
        )
    return scales


def _is_default(cell: Morphology, parameters: PurkinjeParameters, seed: int) -> bool:
    """Return whether a search would find the threshold of the default cell."""
    from cerebella.morphology.default import load_default_morphology
    from cerebella.parameters.purkinje_simulation import PurkinjeParameters
    from cerebella.parameters.settings import set_values

    default = PurkinjeParameters()
    scale = ("connections.cf_scale", default.connections.cf_scale)
    return (
        cell is load_default_morphology()
        and set_values(parameters, [scale]) == default
        and seed == 0
    )


def _parse_limits(text: str) -> tuple[float, float]:
    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise InputError(
            f"--scale-range {text!r} is not of the form LOW:HIGH",
            remedy="Use the form --scale-range 10:60",
        ) from None


def _print(found: CFThreshold) -> None:
    from cerebella.analysis.cf_threshold import cf_scale_of_strength

    table = Table(
        title="Territories: parts of the spiny dendrite that are recruited as a whole",
        title_justify="left",
        pad_edge=False,
    )
    table.add_column("")
    table.add_column("Root section", no_wrap=True)
    for heading in (
        "Path\n(µm)",
        "Area\n(µm²)",
        "Share",
        "CF\nscale",
        "In trials",
        f"P at\n{found.cf_scale:.4g}",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for number, one in enumerate(found.territories, start=1):
        table.add_row(
            str(number),
            escape(one.root_section),
            f"{one.path_distance_um:.0f}",
            f"{one.area_um2:,.0f}",
            f"{one.share:.1%}",
            f"{one.threshold:.1f}",
            f"{one.thresholds.min():.1f}–{one.thresholds.max():.1f}",
            f"{one.probability(found.cf_scale):.2f}",
        )
    out.print(table)
    rest = 1 - sum(one.share for one in found.territories)
    out.print(
        f"Share: of the spiny membrane, {rest:.0%} of which is in smaller parts or not recruited. "
        "CF scale: threshold, which recruits the territory in half of the trials. "
        f"P: share of the {len(found.trials)} trials in which a CF of scale {found.cf_scale:.4g} "
        "recruits it.\n"
        f"Main threshold: {found.main_threshold:.2f}, the CF scale that recruits half of the "
        f"recruitable membrane ({found.main_thresholds.min():.2f} to "
        f"{found.main_thresholds.max():.2f} in the trials).\n"
        f"CF scale {found.cf_scale:g} is a strength of {found.strength:.2f}x; 1x is "
        f"{cf_scale_of_strength(1.0, found.main_threshold):.2f}.",
    )
