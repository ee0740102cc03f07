"""Tridiagonal systems of four shells, solved from both ends.

The outermost and the innermost shell are eliminated at the same time, and the two others are
solved together. Divisions wait for each other once, instead of three times in an elimination from
one end.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cerebella.compiled.jit import inlined
from cerebella.compiled.simd import fma


class Exchange(NamedTuple):
    """Diffusion between shells in a step, over the volume of a shell.

    Attributes
    ----------
    out : tuple of lanes
        Rates from shells 1, 2 and 3 to the shell outside.
    into : tuple of lanes
        Rates from shells 0, 1 and 2 to the shell inside.
    """

    out: Any
    into: Any


class Factored(NamedTuple):
    """A factored matrix.

    Attributes
    ----------
    first, last : lanes
        Inverses of the diagonal of the outermost and of the innermost shell.
    toward_first, toward_last : lanes
        Weights of their neighbors in their solutions.
    ll, lr, rl, rr : lanes
        Inverse of the matrix of both inner shells after elimination.
    out, into : lanes
        Rates from these to the outermost and to the innermost shell.
    """

    first: Any
    last: Any
    toward_first: Any
    toward_last: Any
    ll: Any
    lr: Any
    rl: Any
    rr: Any
    out: Any
    into: Any


@inlined
def exchange(pool, diffusion):
    """Return the exchange of a substance, given its diffusion coefficient."""
    scale = diffusion * pool.scale
    out, into = pool.outward, pool.inward
    return Exchange(
        (scale * out[1], scale * out[2], scale * out[3]),
        (scale * into[0], scale * into[1], scale * into[2]),
    )


@inlined
def inflow(x, rates):
    """Return the inflow of a substance into each shell from its neighbors."""
    out, into = rates
    first, second, third = x[1] - x[0], x[2] - x[1], x[3] - x[2]
    return (
        into[0] * first,
        fma(into[1], second, -out[0] * first),
        fma(into[2], third, -out[1] * second),
        -out[2] * third,
    )


@inlined
def factored(loss, rates):
    """Return the factored matrix of 1 + `loss` and the exchange of a substance.

    All numbers are sums of positive ones, so that no digits cancel.
    """
    out, into = rates
    first, last = 1.0 / (1.0 + loss[0] + into[0]), 1.0 / (1.0 + loss[3] + out[2])
    toward_first, toward_last = into[0] * first, out[2] * last
    # The diagonal of both inner shells, without the exchange between them.
    left = fma(out[0], 1.0 - toward_first, 1.0 + loss[1])
    right = fma(into[2], 1.0 - toward_last, 1.0 + loss[2])
    ll, rr = right + out[1], left + into[1]
    inverse = 1.0 / fma(left, ll, into[1] * right)
    return Factored(
        first,
        last,
        toward_first,
        toward_last,
        ll * inverse,
        into[1] * inverse,
        out[1] * inverse,
        rr * inverse,
        out[0],
        into[2],
    )


@inlined
def solved(matrix, right):
    """Return the solution for all shells."""
    first, last = right[0] * matrix.first, right[3] * matrix.last
    left = fma(matrix.out, first, right[1])
    other = fma(matrix.into, last, right[2])
    x = fma(matrix.ll, left, matrix.lr * other)
    y = fma(matrix.rl, left, matrix.rr * other)
    return fma(matrix.toward_first, x, first), x, y, fma(matrix.toward_last, y, last)
