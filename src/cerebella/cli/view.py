"""`cerebella view` and `cerebella movie`: a page or a movie that shows runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cerebella.cli.console import err, say_saved, show_progress
from cerebella.cli.options import time_of
from cerebella.cli.results import parse_window
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.network.network import Network
    from cerebella.runs.run import Run

WindowOption = Annotated[
    str | None,
    typer.Option(
        metavar="A-B",
        help="Window, in ms or with units; by default the whole run.",
        show_default=False,
    ),
]


def view(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN [RUN2]",
            help="One or two runs of one kind, side by side, or the folder of a network.",
            show_default=False,
        ),
    ],
    out_file: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Page to save (.html); by default named after the runs, in the current folder. "
            "An existing file is replaced.",
            show_default=False,
        ),
    ] = None,
    window: WindowOption = None,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Do not open the page in a browser.")
    ] = False,
) -> None:
    """Show runs or a network in a browser: one HTML file, which loads nothing.

    A Purkinje cell is shown in three dimensions, colored by calcium or potential, with soma
    voltage, spikes and rates in step. Calcium and potential of the dendrite are shown if they were
    recorded, by --record soma_v,calcium,v.

    Example: cerebella view demo/purkinje_sync0_trial1 demo/purkinje_sync8_trial1
    """
    from cerebella.runs.page import check_page_path
    from cerebella.views.page import open_in_browser
    from cerebella.views.page import view as make_page

    names = [path.absolute().name for path in runs]
    file = out_file or Path(f"{'_and_'.join(dict.fromkeys(names))}.html")
    check_page_path(file)
    shown = _load(runs)
    page = make_page(shown, window_ms=parse_window(window) if window else None)
    say_saved(page.save(file))
    if no_open or not sys.stderr.isatty():
        return
    if not _has_display() or not open_in_browser(file):
        err.print("Open it in a browser: there is none here, or no display")


def movie(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN [RUN2] OUT",
            help="One or two runs of a Purkinje cell, and the movie to save: .mp4 or .gif.",
            show_default=False,
        ),
    ],
    window: WindowOption = None,
    quantity: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Recording that colors the dendrite, such as calcium or v; by default calcium.",
            show_default=False,
        ),
    ] = None,
    step: Annotated[
        str, typer.Option(metavar="TIME", help="Time of the run between two pictures.")
    ] = "1ms",
    fps: Annotated[float, typer.Option(metavar="NUMBER", help="Pictures per second.")] = 20.0,
) -> None:
    """Save a movie of the dendrite, colored by calcium or potential, with the soma voltage.

    MP4 requires ffmpeg, which pip install 'cerebella[movies]' provides; GIF requires nothing more.

    Example: cerebella movie demo/purkinje_sync8_trial1 calcium.gif --window 140-200
    """
    from cerebella.runs.load import load_run
    from cerebella.views.movie import save_movie

    if len(runs) < 2:
        raise InputError("the name of the movie is missing", remedy="Give RUN and OUT.mp4 or .gif")
    *paths, out_path = runs
    loaded = [load_run(path) for path in paths]
    with show_progress("Drawing") as progress:
        saved = save_movie(
            loaded,
            out_path,
            window_ms=parse_window(window) if window else None,
            quantity=quantity,
            step_ms=time_of(step),
            fps=fps,
            on_progress=progress.update,
        )
    say_saved(saved)


def _load(paths: list[Path]) -> list[Run] | Network:
    """Return runs or, of the folder of a network, the network."""
    from cerebella.network.load import is_network, load_network
    from cerebella.runs.directory import is_run
    from cerebella.runs.load import load_run

    if len({path.resolve() for path in paths}) < len(paths):
        raise InputError("is given twice", file=paths[-1], remedy="Give each run once")
    networks = [path for path in paths if not is_run(path) and is_network(path)]
    if not networks:
        return [load_run(path) for path in paths]
    if len(paths) > 1:
        raise InputError(
            "is a network, which is shown by itself", file=networks[0], remedy="Give it alone"
        )
    return load_network(networks[0])


def _has_display() -> bool:
    """Return whether a browser with a window can be expected; text browsers would block."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
