"""`simulate_olive_batch`: several runs of the loop at once on a card, a run directory for each."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from cerebella.compiled.device import Cuda
from cerebella.olive.engines.engines import ENGINES, check_memory
from cerebella.olive.integrate import Member, build_models, integrate
from cerebella.olive.partial_run import resumable, resumed_or_replaced, started_run
from cerebella.olive.plans import course_of
from cerebella.olive.request import OliveRequest
from cerebella.olive.simulate import complete_run
from cerebella.runs.engines import engine_of

_WRITERS = 8
"""Threads that write run directories, most of whose time is waiting for the disk."""


def simulate_olive_batch(
    runs: Sequence[tuple[Path, OliveRequest]],
    engine: Cuda | None = None,
    *,
    checkpoint_every_s: float = 20.0,
) -> None:
    """Simulate several runs of the loop at once on a card.

    Runs advance together that have the same sizes of circuits, rule of plasticity, duration and
    times of perturbations; others follow. Each writes its own run directory and checkpoints, and
    interrupted runs are resumed; those with other settings are replaced.

    Parameters
    ----------
    runs : sequence of (Path, OliveRequest)
        Run directory and request of each run.
    engine : Cuda, optional
        The card.
    checkpoint_every_s : float
        Time between checkpoints in seconds of the clock.

    Raises
    ------
    InputError
        A run directory is in use.
    MachineError
        There is no card, or the circuits do not fit into its memory.
    """
    card = engine_of(engine or Cuda.name, ENGINES)
    check_memory(card, [request for _, request in runs])
    start = time.perf_counter()
    models = build_models([request for _, request in runs])
    with ExitStack() as stack:
        members = []
        for (folder, request), model in zip(runs, models, strict=True):
            stack.enter_context(resumable(folder))
            begun = started_run(folder, request, **resumed_or_replaced(folder, request))
            members.append(Member(folder, request, model, stack.enter_context(begun)))
        for together in _together(members):
            done = integrate(together, card, checkpoint_every_s, lambda now: None, start=start)
            complete = partial(complete_run, engine=card, n_together=len(together))
            with ThreadPoolExecutor(_WRITERS) as writers:
                list(writers.map(complete, done))


def _together(members: Sequence[Member]) -> list[list[Member]]:
    """Return the runs that can advance together.

    Of an interrupted batch, some may have one checkpoint more than others.
    """
    from cerebella.olive.engines.cuda.conversion import common_structure

    def key(member: Member) -> tuple[Any, ...]:
        return common_structure(member.model), course_of(member.request), member.step

    numbers: dict[tuple[Any, ...], int] = {}
    order = {id(member): numbers.setdefault(key(member), len(numbers)) for member in members}
    ordered = sorted(members, key=lambda member: order[id(member)])
    return [list(group) for _, group in groupby(ordered, lambda member: order[id(member)])]
