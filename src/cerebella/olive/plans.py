"""The division of a run into blocks, which end where settings change or weights are sampled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cerebella.olive.engines.engine import Plan
from cerebella.olive.perturbations import initial_drive, perturb
from cerebella.olive.request import OliveRequest

_BLOCK_MS = 1000.0
_MOST_CELL_STEPS = 50_000_000


def longest_block(request: OliveRequest) -> int:
    """Return the number of steps of the longest block of a run."""
    parameters = request.parameters
    most = _MOST_CELL_STEPS // parameters.circuit.sizes["PF"]
    return max(1, min(parameters.steps(_BLOCK_MS), most))


def plan_blocks(request: OliveRequest, first: int) -> Iterator[Plan]:
    """Yield the blocks that end after step `first`.

    Blocks end at perturbations, at samples, and where a stimulus begins or ends.

    Results do not depend on the division into blocks.
    """
    parameters = request.parameters
    drive, timeline = initial_drive(parameters), request.timeline
    at = [(parameters.steps(one.time_ms), one) for one in request.perturbations]
    length = longest_block(request)
    every = weight_interval(request)
    step = 0
    while step < request.n_steps:
        for when, perturbation in at:
            if when == step:
                drive = perturb(drive, perturbation, parameters)
        stop = min(
            [
                request.n_steps,
                step - step % length + length,
                step - step % every + every,
                *(when for when, _ in at if when > step),
                timeline.next_step(step) or request.n_steps,
            ]
        )
        if stop > first:
            yield Plan(stop, timeline.applied(drive, step))
        step = stop


def course_of(request: OliveRequest) -> tuple[Any, ...]:
    """Return when blocks and samples of a run end, which runs of one batch have in common."""
    stops = tuple(plan.stop for plan in plan_blocks(request, 0))
    shuffles = tuple(last_shuffle(request, stop) for stop in stops)
    every = request.parameters.steps(request.recording.v_every_ms)
    return stops, shuffles, every, weight_interval(request)


def last_shuffle(request: OliveRequest, stop: int) -> int:
    """Return the step of the last shuffling of the weights before a step; -1 without any."""
    steps = (
        request.parameters.steps(one.time_ms)
        for one in request.perturbations
        if one.quantity == "weights"
    )
    return max((step for step in steps if step < stop), default=-1)


def weight_interval(request: OliveRequest) -> int:
    """Return the number of steps between samples of weights."""
    return max(1, request.parameters.steps(request.recording.weights_every_ms))
