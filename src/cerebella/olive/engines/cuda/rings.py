"""The rings of spikes on a device: reading a step, and storing a spike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.device import Target
from cerebella.olive.engines.cuda.arrays import RINGS, WHOLES, Structure

AT = {name: k for k, name in enumerate(WHOLES)}
"""Places of whole numbers of a circuit."""


def ring_reader(target: Target, shape: Structure, name: str) -> Any:
    """Return a function of the place and number of the spikes of a step in a ring."""
    k, size = RINGS.index(name), shape.sizes[name]
    slots, first = shape.ring[k], shape.ring_first[k]

    @target.compile
    def read(c, step, x):
        at = step % slots
        return first + at * size, x.counts[c, k, at]

    return read


def storing(target: Target, shape: Structure, name: str) -> Callable[..., Any]:
    """Return a function that stores a spike in the ring and, if recorded, in the output."""
    k, size = RINGS.index(name), shape.sizes[name]
    slots, first_place, add = shape.ring[k], shape.ring_first[k], target.add
    first_kept = sum(shape.sizes[other] for other in RINGS[:k])

    @target.compile
    def store(c, cell, step, x):
        at = step % slots
        place = add(x.counts[c, k], at, 1)
        x.ring[c, first_place + at * size + place] = cell
        if x.keep[c, first_kept + cell]:
            place = x.out_first[k] + add(x.n_out[c], k, 1)
            x.out[place, c] = (step - x.block[0]) * size + cell

    return store
