"""The solution of the cable equation in compiled code, for the nodes of a `Tree`."""

from __future__ import annotations

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import gathered, lanes_at, numbers_of, put_lanes
from cerebella.compiled.simd import fma
from cerebella.purkinje.own_engine.tree import LANES


@inlined
def nodes_of(tree):
    """Return the numbers of a tree in the form that `solve` takes."""
    return (
        numbers_of(tree.first),
        numbers_of(tree.parent),
        numbers_of(tree.axial_uS),
        numbers_of(tree.followed_uS),
        numbers_of(tree.first_other),
        numbers_of(tree.other),
    )


@inlined
def solve(nodes, n_levels, lane, constant, g, i, v, diagonal, right, inverse, factor, change):
    """Solve for the change of the potential of all nodes, and add it.

    Parameters
    ----------
    nodes : tuple of numbers
        Result of `nodes_of`.
    n_levels : int
        Number of levels.
    lane : numbers of int64
        Place of the compartment of each slot in `g` and `i`.
    constant : numbers of float64
        Part of the diagonal that does not change, in µS.
    g, i : numbers of float64
        Membrane conductance in µS and current in nA of each compartment.
    v : numbers of float64
        Potential of each slot in mV, changed.
    diagonal, right : numbers of float64
        Zeros for each slot, and zeros again afterwards.
    inverse, factor, change : numbers of float64
        Scratch memory for each slot.
    """
    first, parent, axial, followed, first_other, other = nodes
    zero = lanes_at(v, 0, LANES) * 0.0
    for level in range(n_levels):
        for k in range(first_other[level], first_other[level + 1]):
            slot = other[k]
            right[slot] += axial[slot] * (v[parent[slot]] - v[slot])
        width = first[level + 1] - first[level]
        end = first[min(level + 2, n_levels)]  # of slots that follow
        for at in range(first[level], first[level + 1], LANES):
            d = lanes_at(constant, at, LANES) + lanes_at(diagonal, at, LANES)
            d = d + gathered(g, lane, at, LANES)
            r = lanes_at(right, at, LANES) - gathered(i, lane, at, LANES)
            put_lanes(diagonal, at, zero)
            put_lanes(right, at, zero)
            up = at + width
            if up < end:
                own = lanes_at(followed, at, LANES)
                difference = lanes_at(v, up, LANES) - lanes_at(v, at, LANES)
                inverted = 1.0 / d
                y = fma(own, difference, r) * inverted
                f = own * inverted
                put_lanes(factor, at, f)
                put_lanes(diagonal, up, fma(-own, f, lanes_at(diagonal, up, LANES)))
                put_lanes(right, up, fma(own, y - difference, lanes_at(right, up, LANES)))
            else:
                inverted = 1.0 / d
                y = r * inverted
            put_lanes(inverse, at, inverted)
            put_lanes(change, at, y)
        for k in range(first_other[level], first_other[level + 1]):
            slot = other[k]
            up, own = parent[slot], axial[slot]
            diagonal[up] -= own * own * inverse[slot]
            right[up] += own * (change[slot] - (v[up] - v[slot]))
    for level in range(n_levels - 1, -1, -1):
        for k in range(first_other[level], first_other[level + 1]):
            slot = other[k]
            change[slot] += axial[slot] * inverse[slot] * change[parent[slot]]
        width = first[level + 1] - first[level]
        end = first[min(level + 2, n_levels)]
        for at in range(first[level], first[level + 1], LANES):
            x = lanes_at(change, at, LANES)
            if at + width < end:
                x = fma(lanes_at(factor, at, LANES), lanes_at(change, at + width, LANES), x)
                put_lanes(change, at, x)
            put_lanes(v, at, lanes_at(v, at, LANES) + x)
