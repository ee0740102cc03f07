"""Spike delivery to listed targets, for sparse connections."""

from __future__ import annotations

import numpy as np

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import prefetch

_AHEAD = 6
"""Number of spikes by which lists are prefetched."""


@inlined
def add_listed(ids, start, stop, starts, targets, efficacies, total, at):
    """Add the efficacies of the listed targets of each source to `total` (flat), from `at` on."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            total[at + targets[k]] += efficacies[k]


@inlined
def fetch_listed(q, n_spikes, ids, starts, listed, per_line):
    """Prefetch the list of the source some spikes after the q-th of all.

    Lists of random sources are too short for the hardware prefetcher.
    """
    if q + _AHEAD < n_spikes:
        source = ids[q + _AHEAD]
        for k in range(starts[source], starts[source + 1], per_line):
            prefetch(listed, k)


@inlined
def count_listed(ids, start, stop, starts, targets, counts, at):
    """Count the spikes that reach each target, in `counts` (flat) from `at` on."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(np.uint64(starts[source]), np.uint64(starts[source + 1])):
            counts[np.uint64(at) + np.uint64(targets[k])] += 1
