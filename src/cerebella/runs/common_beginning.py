"""The rest of runs whose common beginning has been integrated."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from cerebella.runs.run import Run

P = TypeVar("P")
R = TypeVar("R")


def rests_of_runs(
    planned: Sequence[P],
    integrate_rests: Sequence[Callable[[], R]],
    finished_run: Callable[[P, R, float], Run],
    began: float,
) -> list[Callable[[], Run]]:
    """Return a function for each run that integrates its rest and returns it.

    Parameters
    ----------
    planned : sequence
        Plans of the runs.
    integrate_rests : sequence of callable
        For each run, integrates the rest and returns the result.
    finished_run : callable
        Returns a run, given its plan, its result and its time in s.
    began : float
        Start of the common beginning by `time.perf_counter`; each run includes its time.

    Returns
    -------
    list of callable
    """
    beginning_s = time.perf_counter() - began

    def finish(run: P, integrate_rest: Callable[[], R]) -> Run:
        start = time.perf_counter()
        result = integrate_rest()
        return finished_run(run, result, beginning_s + time.perf_counter() - start)

    return [partial(finish, *of_run) for of_run in zip(planned, integrate_rests, strict=True)]
