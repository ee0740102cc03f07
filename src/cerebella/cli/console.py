"""Where commands print: results to stdout, all else to stderr."""

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
    """A bar with the time that remains; what is announced stands above it."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def update(self, fraction: float) -> None:
        """Show that `fraction` (0..1) is done."""
        self._progress.update(self._task, completed=fraction)

    def describe(self, text: str) -> None:
        """Replace what stands beside the bar."""
        self._progress.update(self._task, description=escape(text))

    def announce(self, message: str) -> None:
        """Print one line."""
        self._progress.console.print(escape(message))


@contextmanager
def show_progress(
    what: str, *, visible: bool = True, estimate_over_s: float = 30.0
) -> Iterator[ProgressLine]:
    """Show a bar on stderr while the block runs; without a terminal only announcements.

    The time that remains is estimated from the progress of the last `estimate_over_s`.
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
        yield ProgressLine(progress, progress.add_task(what, total=1.0))


def say_saved(path: Path) -> None:
    """Say where something was saved."""
    err.print(f"Saved {escape(str(path.absolute()))}", soft_wrap=True)
