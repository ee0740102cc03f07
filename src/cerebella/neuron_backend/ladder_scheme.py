"""NMODL for one backward-Euler step of a kinetic scheme in the form of a ladder.

The states form two rails, left and right, connected by a rung at each level. Transitions occur
along the rails, one level at a time, and across the rungs. The implicit step is a block
tridiagonal system with 2×2 blocks, which is eliminated level by level. This is exact and free of
branches, so compilers vectorize it over compartments. BK channels and resurgent sodium channels
have this form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ladder:
    """States and transitions of a ladder with n levels.

    Each transition is an NMODL expression for rate × time step.

    Attributes
    ----------
    left, right : sequence of str, length n
        States of the two rails.
    up_left, down_left : sequence of str, length n - 1
        Transitions from level k to k + 1 on the left rail, and back.
    up_right, down_right : sequence of str, length n - 1
        The same on the right rail.
    across, back : sequence of str, length n
        Transitions from left to right, and back.
    top_loss, top_gain : str
        Contribution of a state outside the ladder to the last level of the left rail: to its
        loss, and to its occupancy before the step.
    """

    left: Sequence[str]
    right: Sequence[str]
    up_left: Sequence[str]
    down_left: Sequence[str]
    up_right: Sequence[str]
    down_right: Sequence[str]
    across: Sequence[str]
    back: Sequence[str]
    top_loss: str = "0"
    top_gain: str = "0"


def ladder_locals(n_levels: int) -> list[str]:
    """Return the local variables used by `ladder_step`, several per line.

    Parameters
    ----------
    n_levels : int
        Number of levels.

    Returns
    -------
    list of str
    """
    names = ("ll", "lr", "rl", "rr", "l", "r")
    return [
        "la, lb, lc, ld",
        *(", ".join(f"{name}{k}" for k in range(n_levels)) for name in names),
    ]


def ladder_step(ladder: Ladder) -> list[str]:
    """Return NMODL statements that advance the states by one time step.

    Parameters
    ----------
    ladder : Ladder
        States and transitions.

    Returns
    -------
    list of str
    """
    last = len(ladder.left) - 1
    statements = []
    for k in range(last + 1):
        statements += _eliminate(ladder, k, top=k == last)
    for k in reversed(range(last + 1)):
        statements += _substitute(ladder, k, top=k == last)
    return statements


def _eliminate(ladder: Ladder, k: int, *, top: bool) -> list[str]:
    """Eliminate level k.

    Its block [[la, -lb], [-lc, ld]] has the inverse [[ll, lr], [rl, rr]]; l and r are its
    solution without the contribution of the next level.
    """
    a, b, c, d = ["1", ladder.across[k]], [ladder.back[k]], [ladder.across[k]], ["1"]
    d.append(ladder.back[k])
    l_old, r_old = [ladder.left[k]], [ladder.right[k]]
    if top:
        a.append(ladder.top_loss)
        l_old.append(ladder.top_gain)
    else:
        a.append(ladder.up_left[k])
        d.append(ladder.up_right[k])
    if k:
        up_l, up_r = ladder.up_left[k - 1], ladder.up_right[k - 1]
        down_l, down_r = ladder.down_left[k - 1], ladder.down_right[k - 1]
        a.append(f"{down_l}*(1 - {up_l}*ll{k - 1})")
        b.append(f"{up_l}*lr{k - 1}*{down_r}")
        c.append(f"{up_r}*rl{k - 1}*{down_l}")
        d.append(f"{down_r}*(1 - {up_r}*rr{k - 1})")
        l_old.append(f"{up_l}*l{k - 1}")
        r_old.append(f"{up_r}*r{k - 1}")
    return [
        *(
            f"{name} = {' + '.join(terms)}"
            for name, terms in zip(("la", "lb", "lc", "ld"), (a, b, c, d), strict=True)
        ),
        f"rr{k} = 1/(la*ld - lb*lc)",
        f"ll{k} = ld*rr{k}",
        f"lr{k} = lb*rr{k}",
        f"rl{k} = lc*rr{k}",
        f"rr{k} = la*rr{k}",
        f"la = {' + '.join(l_old)}",
        f"ld = {' + '.join(r_old)}",
        f"l{k} = ll{k}*la + lr{k}*ld",
        f"r{k} = rl{k}*la + rr{k}*ld",
    ]


def _substitute(ladder: Ladder, k: int, *, top: bool) -> list[str]:
    left, right = ladder.left[k], ladder.right[k]
    if top:
        return [f"{left} = l{k}", f"{right} = r{k}"]
    return [
        f"la = {ladder.down_left[k]}*{ladder.left[k + 1]}",
        f"ld = {ladder.down_right[k]}*{ladder.right[k + 1]}",
        f"{left} = l{k} + ll{k}*la + lr{k}*ld",
        f"{right} = r{k} + rl{k}*la + rr{k}*ld",
    ]
