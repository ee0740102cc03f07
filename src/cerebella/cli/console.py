"""Output of commands: results to stdout, everything else to stderr."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cerebella.runs.progress import Reporter, progress_bar

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@contextmanager
def show_progress(
    description: str, *, visible: bool = True, estimate_over_s: float = 30.0
) -> Iterator[Reporter]:
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
    Reporter
    """
    with progress_bar(
        description, console=err, visible=visible, estimate_over_s=estimate_over_s
    ) as reporter:
        yield reporter


def say_saved(path: Path) -> None:
    """Report the path of a saved file or folder."""
    err.print(f"Saved {escape(str(path.absolute()))}", soft_wrap=True)
