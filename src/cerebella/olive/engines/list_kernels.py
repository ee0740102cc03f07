"""Spikes that reach listed targets, of which each source has few."""

from __future__ import annotations

from cerebella.olive.engines.compiled import inlined


@inlined
def add_listed(ids, start, stop, starts, targets, efficacies, total):
    """Add the efficacies of the listed targets of each source to `total` (float64)."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            total[targets[k]] += efficacies[k]


@inlined
def count_listed(ids, start, stop, starts, targets, counts):
    """Count the spikes that reach each target."""
    for q in range(start, stop):
        source = ids[q]
        for k in range(starts[source], starts[source + 1]):
            counts[targets[k]] += 1
