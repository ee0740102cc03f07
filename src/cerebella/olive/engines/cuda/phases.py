"""The phases of a time step on a device, each executed by many threads at once.

All spikes of a step take effect in later steps, so that a step has two phases for most rules:
arrivals at all populations, and the step of all neurons and fibers. Threads must wait for each
other between phases. Thread `t` of `n` takes every n-th cell or synapse. Sums of arrivals and
weights are whole numbers, which do not depend on their order.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from cerebella.compiled.device import Target
from cerebella.olive.engines.cuda.advance import advance_phase
from cerebella.olive.engines.cuda.arrays import Structure
from cerebella.olive.engines.cuda.arrivals import arrival_phase
from cerebella.olive.engines.cuda.learning import has_cfs_test, learning_phases


class Phases(NamedTuple):
    """Device functions of ``(circuit, t, n, step, arrays, …)``.

    Attributes
    ----------
    arrive : callable
        Adds arriving spikes to the sums of their targets, and changes weights at PF spikes.
    has_cfs : callable
        Returns whether CF spikes arrive that change weights; takes ``(circuit, step, arrays)``.
    learn_from_cfs : callable
        Changes weights at CF spikes.
    advance : callable
        Advances neurons and fibers by a step, and stores their spikes.
    learn_from_pcs, mark_pcs : callable
        Change weights at PC spikes; store the times of these.
    """

    arrive: Any
    has_cfs: Any
    learn_from_cfs: Any
    advance: Any
    learn_from_pcs: Any
    mark_pcs: Any


@cache
def phases_of(shape: Structure, changes: tuple[Any, Any, Any], target: Target) -> Phases:
    """Return the phases for circuits of a structure, and the compiled functions of their rule."""
    learn_from_cfs, learn_from_pcs, mark_pcs = learning_phases(target, shape, changes)
    return Phases(
        arrival_phase(target, shape, changes[0]),
        has_cfs_test(target, shape),
        learn_from_cfs,
        advance_phase(target, shape),
        learn_from_pcs,
        mark_pcs,
    )
