"""NMODL of kinetic schemes in the form of a ladder, from their tables.

The implicit step is a block tridiagonal system with 2×2 blocks, which is eliminated level by level.
This is exact and free of branches, so compilers vectorize it over compartments. The steady state at
the start is what a hundred long steps leave.
"""

from __future__ import annotations

from cerebella.neuron_backend.nmodl import Expression, assignments, number, symbol
from cerebella.neuron_backend.ohmic import ohmic_mechanism
from cerebella.purkinje.kinetic_schemes import Ladder

_SHIFTS_MV = {"shift_a": 0, "shift_k": 0, "shift_i": -5}
"""Shifts of a region, in the order of the functions of rates, and their defaults."""

_IMPLICIT_STEP = """\
PROCEDURE implicit_step(step (ms)) {{
    {statements}
}}"""


def ladder_mechanism(ladder: Ladder) -> str:
    """Return the NMODL of a ladder.

    Parameters
    ----------
    ladder : Ladder
        States, transitions and rates.

    Returns
    -------
    str
    """
    rates = rates_of(ladder)
    used = set().union(*(rate.symbols() for rate in rates.values()))
    shifts = {name: f"{mV} (mV)" for name, mV in _SHIFTS_MV.items() if name in used}
    factor = assignments({"factor": ladder.factor(symbol("celsius"))})
    first, *others = ladder.states
    long_steps = "FROM k = 1 TO 100 {\n    implicit_step(20)\n}"
    statements = [*_with_locals(assignments(rates), ladder), *ladder_step(ladder)]
    return ohmic_mechanism(
        ladder.mechanism,
        ladder.carrier,
        source="kinetic_schemes.py",
        parameters={"gmax": "0 (S/cm2)", **shifts},
        states=ladder.states,
        constants=["factor"],
        initial="\n".join(
            [factor, f"{first} = 1", *(f"{state} = 0" for state in others), long_steps]
        ),
        advance="implicit_step(dt)",
        conductance=f"gmax*({' + '.join(ladder.is_open)})",
        by_calcium="cai" in used,
        procedures=_IMPLICIT_STEP.format(statements="\n    ".join(statements)),
    )


def rates_of(ladder: Ladder) -> dict[str, Expression]:
    """Return the variables of the rates times the step, and their values."""
    rates = ladder.rates(symbol("v"), symbol("cai"), [symbol(name) for name in _SHIFTS_MV])
    step = symbol("step") * symbol("factor")
    return {f"rate{index}": step * rate for index, rate in enumerate(rates)}


def _with_locals(statements: str, ladder: Ladder) -> list[str]:
    """Return the statements of rates, with local variables for these and for the step."""
    local, _, rest = statements.partition("\n")
    declared = [
        local,
        ", ".join(rates_of(ladder)),
        *ladder_locals(len(ladder.left)),
        *(["kept"] if ladder.beside else []),
    ]
    return [",\n    ".join(declared), *rest.splitlines()]


def ladder_locals(n_levels: int) -> list[str]:
    """Return the local variables used by `ladder_step`, apart from `kept`, several per line.

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
        States and transitions, of rates times the step in ``rate0``, ``rate1`` and so on.

    Returns
    -------
    list of str
    """
    last = len(ladder.left) - 1
    statements = [f"kept = 1/(1 + {_text(ladder.down_left[-1])})"] if ladder.beside else []
    for k in range(last + 1):
        statements += _eliminate(ladder, k, top=k == last)
    for k in reversed(range(last + 1)):
        statements += _substitute(ladder, k, top=k == last)
    if ladder.beside:
        loss = f"{_text(ladder.up_left[-1])}*{ladder.left[-1]}"
        statements.append(f"{ladder.beside} = ({ladder.beside} + {loss})*kept")
    return statements


def _text(transition: tuple[float, int]) -> str:
    factor, index = transition
    return f"rate{index}" if factor == 1 else f"{number(factor)}*rate{index}"


def _eliminate(ladder: Ladder, k: int, *, top: bool) -> list[str]:
    """Eliminate level k.

    Its block [[la, -lb], [-lc, ld]] has the inverse [[ll, lr], [rl, rr]]; l and r are its
    solution without the contribution of the next level.
    """
    across, back = _text(ladder.across[k]), _text(ladder.back[k])
    a, b, c, d = ["1", across], [back], [across], ["1", back]
    l_old, r_old = [ladder.left[k]], [ladder.right[k]]
    if not top:
        a.append(_text(ladder.up_left[k]))
        d.append(_text(ladder.up_right[k]))
    elif ladder.beside:
        a.append(f"{_text(ladder.up_left[k])}*kept")
        l_old.append(f"{_text(ladder.down_left[k])}*kept*{ladder.beside}")
    if k:
        up_l, up_r = _text(ladder.up_left[k - 1]), _text(ladder.up_right[k - 1])
        down_l, down_r = _text(ladder.down_left[k - 1]), _text(ladder.down_right[k - 1])
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
        f"la = {_text(ladder.down_left[k])}*{ladder.left[k + 1]}",
        f"ld = {_text(ladder.down_right[k])}*{ladder.right[k + 1]}",
        f"{left} = l{k} + ll{k}*la + lr{k}*ld",
        f"{right} = r{k} + rl{k}*la + rr{k}*ld",
    ]
