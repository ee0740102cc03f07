"""The commands that read finished runs: `analyze`, `plot` and `export`.

Reports, figures and exports come from the record of the level (`cerebella.runs.level`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from cerebella.cli.console import out, say_saved
from cerebella.cli.options import time_option
from cerebella.errors import InputError
from cerebella.parameters.times import parse_time_ms
from cerebella.runs.level import LEVELS, level_of

if TYPE_CHECKING:
    from cerebella.results.spikes import Window
    from cerebella.runs.level import Level
    from cerebella.runs.report import Remark, ReportTable
    from cerebella.runs.run import Run

RunPaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN",
        help="Run directories, published files (spikes .csv, traces or counts .npz) or SONATA "
        "spike files (.h5), all of one kind.",
        show_default=False,
    ),
]


EventOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME|cf",
        help="Event to which windows are relative: a time, such as 60ms, or cf, which stands for "
        "each volley of climbing fibers in a network, and for each spike of the climbing fiber of "
        "a Purkinje cell.",
        show_default=False,
    ),
]
_WINDOW = re.compile(r"(-?.+?)-(-?[^-]+)")
"""Two times with a dash between them."""

_FIGURES = "; ".join(
    f"{level.title}: {', '.join(level.figures)}" for level in map(level_of, LEVELS)
)
_FORMATS = "; ".join(
    f"{level.title}: {', '.join(level.exports)}" for level in map(level_of, LEVELS)
)


def analyze(
    runs: RunPaths,
    window: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A-B",
            help="Window from A (included) to B (excluded), in ms or with units; may be repeated. "
            "By default, six windows around 150 ms, limited to the run. For a Purkinje cell: "
            "window in which simple spikes are counted, by default from 50 ms to the climbing "
            "fiber spike.",
            show_default=False,
        ),
    ] = None,
    event: EventOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable JSON.")] = False,
) -> None:
    """Report the rates of a network or loop, or the spikes and calcium of a Purkinje cell.

    Runs that differ only in trial and seed are averaged, with the s.e.m. over them. Runs with
    different parameters or stimuli are reported separately, by what differs; synchrony levels of
    a Purkinje cell are compared trial by trial.

    Example: cerebella analyze sync0 sync8 --window 50-150 --window 160-170
    """
    loaded = _load(runs)
    at = parse_event(event)
    windows = [parse_window(text, relative=at is not None) for text in dict.fromkeys(window or ())]
    report = _level_of(loaded).summarize(loaded, windows, at)
    if as_json:
        typer.echo(json.dumps(report.values, indent=2, allow_nan=False))
    else:
        print_report(report.blocks)


def plot(
    runs: RunPaths,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Figure to save: .png, .pdf or .svg. By default, a file in the current folder "
            "named after the run or, for several runs, after the figure.",
            show_default=False,
        ),
    ] = None,
    figure_name: Annotated[
        str | None,
        typer.Option(
            "--figure",
            metavar="NAME",
            help=f"Figure, by default the first of the level. {_FIGURES}.",
            show_default=False,
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="A-B",
            help="Window, in ms or with units; by default around the climbing fiber spikes, "
            "limited to the run.",
            show_default=False,
        ),
    ] = None,
    event: EventOption = None,
    at: Annotated[
        list[float] | None,
        time_option(
            help="Time to show, in ms or with a unit, for figures of single times; may be "
            "repeated.",
            show_default=False,
        ),
    ] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="Place to show in figure traces, such as 'spiny[150um]' or 'MLI1[3]', or one with "
            "a quantity, such as soma.ik_kv3; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Plot runs of one kind; the available figures depend on the level.

    Runs that differ only in trial and seed are drawn as one condition, averaged where applicable.
    An existing figure of the same name is replaced.

    Example: cerebella plot sync0 sync8 --out synchrony.pdf
    """
    from cerebella.plots.save import check_figure_path, save_figure

    if out_file is not None:
        check_figure_path(out_file)
    loaded = _load(runs)
    level = _level_of(loaded)
    around = parse_event(event)
    figure = level.draw(
        loaded,
        figure_name,
        event=around,
        window_ms=parse_window(window, relative=around is not None) if window else None,
        at_ms=tuple(at or ()),
        place=tuple(place or ()),
    )
    drawn = figure_name or next(iter(level.figures))
    say_saved(save_figure(figure, out_file or _default_file(loaded, figure_name, drawn)))


def export(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="A run directory, or a file with a published name.",
            show_default=False,
        ),
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="[OUT]", help="Folder to write into.", show_default=False)
    ] = Path(),
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help=f"Format, by default the published one, which is the first of the level. "
            f"{_FORMATS}.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files of the same name.")] = False,
) -> None:
    """Write a run in the published format, under its published name, or as NWB.

    Times in CSV files have 6 digits, as published; spikes.h5 has full precision.

    Example: cerebella export sync8 --to csv exported
    """
    loaded = _load([run])
    level = _level_of(loaded)
    if folder.is_file() or folder.suffix.removeprefix(".") in level.exports:
        raise InputError(
            "is not a folder",
            file=folder,
            remedy="Give the folder to write into; the name of the file follows from the run",
        )
    for path in level.export(loaded[0], to, folder, force=force):
        say_saved(path)


def parse_event(text: str | None) -> float | str | None:
    """Return a time in ms, or ``"cf"``, from the value of --event.

    Raises
    ------
    InputError : the text is neither.
    """
    from cerebella.runs.level import CF_EVENTS

    if text is None or text == CF_EVENTS:
        return text
    try:
        return parse_time_ms(text)
    except InputError:
        raise InputError(
            f"--event {text!r} is neither a time nor {CF_EVENTS}",
            remedy=f"Use the form --event 60ms or --event {CF_EVENTS}",
        ) from None


def parse_window(text: str, *, relative: bool = False) -> Window:
    """Return (start, stop) in ms from text such as 150-160 or, if it is relative, -20-10.

    Raises
    ------
    InputError : the text is not of this form, or the window is empty.
    """
    from cerebella.analysis.rates import check_window

    match = _WINDOW.fullmatch(text.replace("–", "-"))
    try:
        start, stop = (parse_time_ms(part) for part in (match.groups() if match else ()))
    except (InputError, ValueError):
        raise InputError(
            f"window {text!r} is not of the form A-B",
            remedy="Give start and stop in ms or with units, as --window 150-160 or "
            "--window 60s-120s or, with --event, --window -20-10",
        ) from None
    if not relative:
        check_window((start, stop), math.inf)
    elif not start < stop:
        raise InputError(
            f"window {text} ms is empty or reversed", remedy="Give start and stop, such as -20-10"
        )
    return start, stop


def print_report(blocks: Sequence[ReportTable | Remark | str]) -> None:
    """Print tables and text of a report."""
    from cerebella.runs.report import Remark, ReportTable

    for block in blocks:
        if isinstance(block, ReportTable):
            table = Table(title=escape(block.title), title_justify="left")
            for number, column in enumerate(block.columns):
                table.add_column(escape(column), justify="right" if number else "left")
            for row in block.rows:
                table.add_row(*map(escape, row))
            out.print(table)
        elif isinstance(block, Remark):
            out.print(escape(block.text), style="dim")
        else:
            out.print(escape(block))


def _default_file(runs: Sequence[Run], asked: str | None, drawn: str) -> Path:
    if len(runs) > 1:
        return Path(f"{drawn}.png")
    name = runs[0].name
    return Path(f"{name}_{asked}.png" if asked else f"{name}.png")


def _load(paths: Sequence[Path]) -> list[Run]:
    """Load runs; refuse duplicates, which would count twice."""
    from cerebella.runs.load import load_run

    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise InputError("is given twice", file=path, remedy="Give each run once")
        seen.add(path.resolve())
    return [load_run(path) for path in paths]


def _level_of(runs: Sequence[Run]) -> Level:
    """Return the common level of these runs."""
    first = runs[0]
    for run in runs:
        if run.kind != first.kind:
            raise InputError(
                f"is of kind {run.kind!r}, but {first.path} is of kind {first.kind!r}",
                file=run.path,
                remedy="Give runs of one kind at a time",
            )
    return first.level
