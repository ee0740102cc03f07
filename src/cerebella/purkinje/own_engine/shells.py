"""Quantities of four radial shells: tuples of four lanes in compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cerebella.compiled.jit import inlined
from cerebella.compiled.simd import chosen, fma


def by_shell(function: Callable[..., Any]) -> Any:
    """Return the results of a function for each shell, whose number is its first argument."""
    of_shell = inlined(function)

    @inlined
    def of_shells(*arguments):
        return (
            of_shell(0, *arguments),
            of_shell(1, *arguments),
            of_shell(2, *arguments),
            of_shell(3, *arguments),
        )

    return of_shells


@by_shell
def plus(i, a, b):
    """Return a + b."""
    return a[i] + b[i]


@by_shell
def minus(i, a, b):
    """Return a - b."""
    return a[i] - b[i]


@by_shell
def times(i, a, b):
    """Return a · b."""
    return a[i] * b[i]


@by_shell
def scaled(i, a, factor):
    """Return a number times a factor."""
    return a[i] * factor


@by_shell
def linear(i, x, factor, constant):
    """Return x · factor + constant."""
    return fma(x[i], factor, constant)


@by_shell
def column(i, rows, k):
    """Return the k-th of some numbers of each shell."""
    return rows[i][k]


@by_shell
def selected(i, where, a, b):
    """Return `a` where the bits of `where` are set, and `b` elsewhere."""
    return chosen(where, a[i], b[i])
