"""Options and the live line of commands that run a sweep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cerebella.cli.console import err, show_progress
from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.experiments.sweep import SweepProgress

LOG_EVERY_S, ESTIMATE_OVER_S = 60.0, 900.0


class Executor(StrEnum):
    """Who makes the runs."""

    processes = "processes"
    dask = "dask"
    mpi = "mpi"
    slurm = "slurm"


ExecutorOption = Annotated[
    Executor,
    typer.Option(help="Who makes the runs; all but processes need their extra (docs)."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Dask scheduler, as tcp://host:8786.",
        show_default="one on this machine",
    ),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="Runs at a time.", show_default="as many as cores")
]


def parse_range(text: str, option: str) -> list[int]:
    """Return whole numbers from text such as 1-20 or 0,1,2,4.

    Raises
    ------
    InputError : the text is not of this form, or a range is empty or reversed.
    """
    numbers: list[int] = []
    for part in (part.strip() for part in text.split(",")):
        first, dash, last = part.partition("-")
        try:
            low, high = int(first), int(last if dash else first)
        except ValueError:
            raise InputError(
                f"{option}: {part!r} is no whole number or range",
                remedy=f"For example {option} 1-20 or {option} 0,4,8",
            ) from None
        if high < low:
            raise InputError(
                f"{option}: the range {part} ends before it begins",
                remedy=f"Give {high}-{low}",
            )
        numbers += range(low, high + 1)
    return numbers


def parse_numbers(text: str, option: str) -> list[float]:
    """Return numbers of 0 or more from text such as 0,35,70; none from an empty text.

    Raises
    ------
    InputError : the text is not of this form.
    """
    numbers = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            number = float(part)
        except ValueError:
            number = float("nan")
        if not 0 <= number < float("inf"):
            raise InputError(
                f"{option}: {part!r} is no number of 0 or more",
                remedy=f"For example {option} 0,35",
            )
        numbers.append(number)
    return numbers


class SweepLine(NamedTuple):
    """What a sweep is given to report to."""

    on_progress: Callable[[SweepProgress], None]
    announce: Callable[[str], None]


@contextmanager
def show_sweep() -> Iterator[SweepLine]:
    """Yield what shows one live line: done, running, failed, runs per minute, remaining time.

    Without a terminal a line is printed every minute.
    """
    start = time.monotonic()
    last_line = start
    with show_progress("Starting", estimate_over_s=ESTIMATE_OVER_S) as progress:

        def show(now: SweepProgress) -> None:
            nonlocal last_line
            minutes = max(time.monotonic() - start, 1e-9) / 60
            text = (
                f"{now.done} of {now.total} done, {now.running} running, {now.failed} failed, "
                f"{(now.done - now.kept) / minutes:.1f} a minute"
            )
            progress.describe(text)
            progress.update(now.fraction)
            if not err.is_terminal and time.monotonic() - last_line > LOG_EVERY_S:
                last_line = time.monotonic()
                progress.announce(f"{text} ({100 * now.fraction:.0f} %)")

        yield SweepLine(show, progress.announce)
