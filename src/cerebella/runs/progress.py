"""Progress of a simulation: a bar in a terminal and in a notebook, or a function of the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cerebella.errors import InputError

Progress = bool | Callable[[float], None]
"""True for a bar, False for nothing, or a function of the fraction done, 0 to 1."""


class Reporter:
    """Receives the progress of a simulation.

    Parameters
    ----------
    update : callable
        Called with the fraction done, 0 to 1.
    announce : callable
        Called with a line of text before long steps other than the simulation.
    describe : callable
        Called with a text that replaces the description of the bar.
    """

    def __init__(
        self,
        update: Callable[[float], None] = lambda fraction: None,
        announce: Callable[[str], None] = lambda message: None,
        describe: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.update, self.announce, self.describe = update, announce, describe

    def __call__(self, fraction: float) -> None:
        """Report the fraction done, 0 to 1."""
        self.update(fraction)


@contextmanager
def reporting(progress: Progress | Reporter, what: str) -> Iterator[Reporter]:
    """Yield the reporter for the argument `progress` of a verb.

    Parameters
    ----------
    progress : bool, callable or Reporter
        True for a bar on standard error, shown in terminals and notebooks only; False for
        nothing; or a function of the fraction done.
    what : str
        Description of the bar.
    """
    if isinstance(progress, Reporter):
        yield progress
    elif callable(progress):
        yield Reporter(progress)
    elif progress is True:
        with progress_bar(what) as reporter:
            yield reporter
    elif progress is False or progress is None:
        yield Reporter()
    else:
        raise InputError(
            f"`progress` is {progress!r}", remedy="Give True, False or a function of a fraction"
        )


@contextmanager
def progress_bar(
    what: str, *, console: Any = None, visible: bool = True, estimate_over_s: float = 30.0
) -> Iterator[Reporter]:
    """Show a bar with the remaining time while the block runs.

    Parameters
    ----------
    what : str
        Description of the bar.
    console : rich.console.Console, optional
        Console to show it on; by default one on standard error.
    visible : bool
        False shows nothing at all.
    estimate_over_s : float
        The remaining time is estimated from the progress of this last time, in seconds.
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = console or Console(stderr=True, highlight=False)
    in_notebook = visible and console.is_jupyter
    # In pipes of notebooks, rich is told by FORCE_COLOR to act as in a terminal.
    in_terminal = visible and console.is_terminal and console.file.isatty()
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        remaining := TimeRemainingColumn(),
        console=console if visible else Console(quiet=True),
        transient=True,
        disable=in_notebook or not in_terminal,
        speed_estimate_period=estimate_over_s,
    ) as bar:
        task = bar.add_task(what, total=1.0)
        if in_notebook:
            with _in_notebook(bar, what, remaining) as reporter:
                yield reporter
            return
        yield Reporter(
            lambda fraction: bar.update(task, completed=fraction),
            lambda message: bar.console.print(escape(message)),
            lambda text: bar.update(task, description=escape(text)),
        )


@contextmanager
def _in_notebook(timer: Any, what: str, remaining: Any) -> Iterator[Reporter]:
    """Show a bar below the cell; the times are those of a bar of rich that is not shown."""
    from cerebella.runs.notebook_bar import NotebookBar

    shown = NotebookBar(what)
    (task,) = timer.tasks

    def update(fraction: float) -> None:
        timer.update(task.id, completed=fraction)
        shown.fraction = fraction
        shown.remaining = str(remaining.render(task)) if task.time_remaining else None
        shown.show()

    def announce(message: str) -> None:
        shown.message = message
        shown.show(at_once=True)

    def describe(text: str) -> None:
        shown.what = text
        shown.show()

    try:
        yield Reporter(update, announce, describe)
    finally:
        shown.close()
