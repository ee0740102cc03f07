"""The commands that read finished runs: `analyze`, `plot` and `export`.

What they do with a run depends on what was simulated: `KINDS` names the module that knows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from cerebella.cli.console import say_saved
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.analysis.rates import Window
    from cerebella.results.load import Result

KINDS = {
    "mli": "cerebella.cli.mli_results",
    "purkinje": "cerebella.cli.purkinje_results",
    "olive": "cerebella.cli.olive_results",
    "olive_counts": "cerebella.cli.olive_counts",
}
"""The module for each kind of run (key `kind` of its manifest). It has

analyze(recordings, windows, *, as_json) : prints; `windows` is empty if none was asked for.
FIGURES : {name: function(recordings, options: FigureOptions) that returns a figure}; the first
    is drawn unless another is asked for. May be empty.
EXPORTS : {format: function(recording, folder, *, force) that returns the files it wrote}. May be
    empty.
"""

RunPaths = Annotated[
    list[Path],
    typer.Argument(
        metavar="RUN",
        help="Run directories, published files (spikes .csv, traces or counts .npz) or SONATA "
        "spike files (.h5), all of one kind.",
        show_default=False,
    ),
]


class FigureOptions(NamedTuple):
    """What the user asked of a figure.

    Attributes
    ----------
    window_ms : part of the run to show; None for the figure's own choice.
    at_ms : moments to show, for figures that show moments; empty for the figure's own choice.
    """

    window_ms: Window | None = None
    at_ms: tuple[float, ...] = ()


class ExportFormat(StrEnum):
    """A format that runs can be exported to."""

    csv = "csv"
    npz = "npz"
    nwb = "nwb"
    sonata = "sonata"


def analyze(
    runs: RunPaths,
    window: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A-B",
            help="Window in ms, A included and B not; may be repeated. "
            "By default six windows around 150 ms, cut to the run. For a Purkinje cell: where its "
            "simple spikes are counted, by default from 50 ms until the climbing fiber.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, to be read by other programs.")
    ] = False,
) -> None:
    """Show rates of the network, or spikes, complex spike and calcium of a Purkinje cell.

    Runs that differ in the trial only are averaged, with the s.e.m. over trials; synchrony
    levels of a Purkinje cell are compared trial by trial.

    Example: cerebella analyze sync0 sync8 --window 50-150 --window 160-170
    """
    recordings = _load(runs)
    windows = [parse_window(text) for text in dict.fromkeys(window or ())]
    _module_of(recordings).analyze(recordings, windows, as_json=as_json)


def plot(
    runs: RunPaths,
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Figure to save: .png, .pdf or .svg. By default named after the run or, for "
            "several runs, after what it shows, in the current folder.",
            show_default=False,
        ),
    ] = None,
    figure_name: Annotated[
        str | None,
        typer.Option(
            "--figure",
            metavar="NAME",
            help="What to draw; for a network: molecular_layer; for Purkinje cells: purkinje "
            "(network, voltage, calcium), levels (synchrony levels, trial by trial) or dendrite "
            "(calcium at the moments given with --at).",
            show_default=False,
        ),
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(
            metavar="A-B",
            help="Window in ms; by default around the climbing fibers, cut to the run.",
            show_default=False,
        ),
    ] = None,
    at: Annotated[
        list[float] | None,
        typer.Option(
            metavar="MS",
            help="Moment to show, for figures that show moments; may be repeated.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draw runs of one kind; what there is to draw depends on what was simulated.

    Runs that differ in the trial only are drawn as one condition, averaged where that makes
    sense. A figure of the same name is replaced.

    Example: cerebella plot sync0 sync8 --out synchrony.pdf
    """
    from cerebella.plots.save import check_figure_path, save_figure

    if out_file is not None:
        check_figure_path(out_file)
    recordings = _load(runs)
    figures = _module_of(recordings).FIGURES
    if not figures:
        raise _only_analyzed(recordings[0])
    name = figure_name or next(iter(figures))
    if name not in figures:
        raise InputError(
            f"figure {name!r} is not known for runs of kind {recordings[0].kind!r}",
            remedy=f"Give --figure {' or --figure '.join(figures)}",
        )
    options = FigureOptions(parse_window(window) if window else None, tuple(at or ()))
    figure = figures[name](recordings, options)
    say_saved(save_figure(figure, out_file or _default_file(recordings, figure_name, name)))


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
        ExportFormat | None,
        typer.Option(
            help="Format; csv: spikes of a network, one time,gid line each; npz: traces of a "
            "Purkinje cell; nwb: spikes and traces for Neurodata Without Borders. By default the "
            "published format that suits the run.",
            show_default=False,
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files of the same name.")] = False,
) -> None:
    """Write a run in the published format, under its published name, or as NWB.

    Times in CSV files have 6 digits, as published; spikes.h5 keeps them all.

    Example: cerebella export sync8 --to csv exported
    """
    if folder.is_file() or folder.suffix in {f".{one.value}" for one in ExportFormat}:
        raise InputError(
            "is not a folder",
            file=folder,
            remedy="Give the folder to write into; the name of the file follows from the run",
        )
    recordings = _load([run])
    exports = _module_of(recordings).EXPORTS
    if not exports:
        raise _only_analyzed(recordings[0])
    wanted = to.value if to else next(iter(exports))
    if wanted not in exports:
        raise InputError(
            f"is a run of kind {recordings[0].kind!r}, which is not exported to {wanted}",
            file=run,
            remedy=f"Give --to {' or --to '.join(exports)}",
        )
    for path in exports[wanted](recordings[0], folder, force=force):
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


def _default_file(recordings: Sequence[Result], asked: str | None, drawn: str) -> Path:
    if len(recordings) > 1:
        return Path(f"{drawn}.png")
    name = recordings[0].name
    return Path(f"{name}_{asked}.png" if asked else f"{name}.png")


def _only_analyzed(recording: Result) -> InputError:
    return InputError(
        f"is of kind {recording.kind!r}, which can only be analyzed",
        file=recording.path,
        remedy="Give the run directory that it was made from",
    )


def _load(paths: Sequence[Path]) -> list[Result]:
    """Load runs, refusing one that is given twice and would count twice."""
    from cerebella.results.load import load_result

    seen: set[Path] = set()
    for path in paths:
        if path.resolve() in seen:
            raise InputError("is given twice", file=path, remedy="Give each run once")
        seen.add(path.resolve())
    return [load_result(path) for path in paths]


def _module_of(recordings: Sequence[Result]) -> Any:
    """Return the module that knows the kind of these runs, which must be one."""
    first = recordings[0]
    for recording in recordings:
        if recording.kind != first.kind:
            raise InputError(
                f"is of kind {recording.kind!r}, but {first.path} of kind {first.kind!r}",
                file=recording.path,
                remedy="Give runs of one kind at a time",
            )
    if first.kind not in KINDS:
        raise InputError(
            f"is a run of kind {first.kind!r}, which this version does not know",
            file=first.path,
            remedy=f"Give a run of kind {', '.join(KINDS)}, or use a later version of cerebella",
        )
    return import_module(KINDS[first.kind])
