"""Output of commands: results to stdout, everything else to stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


class ProgressLine:
    """A progress bar with the remaining time; announcements appear above it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def update(self, fraction: float) -> None:
        """Set the completed fraction, 0 to 1."""
        self._progress.update(self._task, completed=fraction)

    def describe(self, text: str) -> None:
        """Replace the text next to the bar."""
        self._progress.update(self._task, description=escape(text))

    def announce(self, message: str) -> None:
        """Print one line."""
        self._progress.console.print(escape(message))


@contextmanager
def show_progress(
    description: str, *, visible: bool = True, estimate_over_s: float = 30.0
) -> Iterator[ProgressLine]:
    """Show a progress bar on stderr while the block runs; without a terminal, announcements only.

    Parameters
    ----------
    description : str
        Text next to the bar.
    visible : bool, default True
        Whether to show anything.
    estimate_over_s : float, default 30.0
        Period in s over which the remaining time is estimated.

    Yields
    ------
    ProgressLine
    """
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    console = err if visible else Console(quiet=True)
    with Progress(
        *columns,
        console=console,
        transient=True,
        disable=not (visible and err.is_terminal),
        speed_estimate_period=estimate_over_s,
    ) as progress:
        yield ProgressLine(progress, progress.add_task(description, total=1.0))


def say_saved(path: Path) -> None:
    """Report the path of a saved file or folder."""
    err.print(f"Saved {escape(str(path.absolute()))}", soft_wrap=True)
