"""Spikes that reach listed targets, of which each source has few."""

from __future__ import annotations

from cerebella.olive.engines.compiled import inlined


@inlined
def add_listed(ids, start, stop, starts, targets, efficacies, total, at):
    """Add the efficacies of the listed targets of each source to `total` (flat), from `at` on."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            total[at + targets[k]] += efficacies[k]


@inlined
def count_listed(ids, start, stop, starts, targets, counts, at):
    """Count the spikes that reach each target, in `counts` (flat) from `at` on."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            counts[at + targets[k]] += 1
