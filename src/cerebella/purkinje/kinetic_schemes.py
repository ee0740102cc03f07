"""Kinetic schemes of channels of the Purkinje cell: BK, resurgent sodium and SK2.

BK and resurgent sodium channels are ladders: two rails of states, connected by a rung at each
level. A transition has the rate of a function times a number. Rates are in 1/ms before the
temperature factor. Sources are those of the densities in `RegionParameters`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.functions import exp

Transitions = tuple[tuple[float, int], ...]
"""Factor and index of the rate for each level, from the lowest."""


class Ladder(NamedTuple):
    """A kinetic scheme of two rails.

    Attributes
    ----------
    name : str
        Name, with which the field of its density begins.
    density : str
        Field of `RegionParameters`.
    carrier : {"na", "k"}
        Ion.
    left, right : tuple of str
        States of the two rails from the lowest level to the highest.
    beside : str
        State connected with the highest of the left rail only; empty if there is none.
    up_left, down_left, up_right, down_right : tuple
        Transitions from level k to k + 1, and back; those of the highest level of the left rail
        lead to `beside` and back.
    across, back : tuple
        Transitions from left to right, and back.
    is_open : tuple of str
        Conducting states.
    rates : function
        Returns the rates that transitions refer to by index, of the potential in mV, calcium in mM
        and shifts of the region in mV.
    q10, reference_C : float
        Temperature factor and its reference temperature.
    """

    name: str
    density: str
    carrier: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    beside: str
    up_left: Transitions
    down_left: Transitions
    up_right: Transitions
    down_right: Transitions
    across: Transitions
    back: Transitions
    is_open: tuple[str, ...]
    rates: Callable[..., Any]
    q10: float
    reference_C: float

    @property
    def mechanism(self) -> str:
        """Name of the mechanism in NEURON."""
        return f"pc_{self.name}"

    @property
    def states(self) -> tuple[str, ...]:
        """All states: the left rail, the state beside it, the right rail."""
        return (*self.left, *([self.beside] if self.beside else []), *self.right)

    def factor(self, celsius):
        """Return the factor of the rates at a temperature in °C."""
        return self.q10 ** ((celsius - self.reference_C) / 10)

    def transitions(self) -> Iterator[tuple[str, str, float, int]]:
        """Yield source, target, factor and index of the rate of all transitions."""
        rails = (
            (self.left + ((self.beside,) if self.beside else ()), self.up_left, self.down_left),
            (self.right, self.up_right, self.down_right),
        )
        for states, up, down in rails:
            for k, (there, back) in enumerate(zip(up, down, strict=True)):
                yield (states[k], states[k + 1], *there)
                yield (states[k + 1], states[k], *back)
        for left, right, there, back in zip(
            self.left, self.right, self.across, self.back, strict=True
        ):
            yield (left, right, *there)
            yield (right, left, *back)


def steady_state(
    states: tuple[str, ...], transitions: Iterator[tuple[str, str, float]]
) -> npt.NDArray[np.float64]:
    """Return the occupancies at which all transitions of a scheme balance.

    Parameters
    ----------
    states : tuple of str
        States.
    transitions : iterator of (str, str, float)
        Source, target and rate.

    Returns
    -------
    ndarray of float64, shape (n_states,)
        Occupancies, of sum 1.
    """
    index = {state: i for i, state in enumerate(states)}
    matrix = np.zeros((len(states), len(states)))
    for source, target, rate in transitions:
        matrix[index[target], index[source]] += rate
        matrix[index[source], index[source]] -= rate
    scale = np.abs(np.diag(matrix))
    _, _, rows = np.linalg.svd(matrix / scale)
    occupancy = rows[-1] / scale
    return occupancy / occupancy.sum()


# BK: k calcium ions are bound at level k (zang2018; scheme: cox1997, constants: womack2002, as
# rounded by the published tool chain).

_F_PER_RT = 96485.33212 / (8.314462618 * 307.15) * 0.001
"""1/mV, at 34 °C whatever the temperature, as published."""


def mslo_rates(v, calcium_mM, shifts_mV):
    """Return rates of binding, of unbinding from closed and open states, opening and closing."""
    return (
        1000 * calcium_mM,
        8.63,
        0.6563,
        exp(0.73 * _F_PER_RT * v),
        exp(-0.67 * _F_PER_RT * v),
    )


MSLO = Ladder(
    name="mslo",
    density="mslo_S_per_cm2",
    carrier="k",
    left=tuple(f"c{k}" for k in range(5)),
    right=tuple(f"o{k}" for k in range(5)),
    beside="",
    up_left=tuple((4 - k, 0) for k in range(4)),
    down_left=tuple((k + 1, 1) for k in range(4)),
    up_right=tuple((4 - k, 0) for k in range(4)),
    down_right=tuple((k + 1, 2) for k in range(4)),
    across=tuple((f, 3) for f in (0.00239, 0.0054918, 0.0246205, 0.142455, 0.211022)),
    back=tuple((b, 4) for b in (3.936, 0.687325, 0.234588, 0.10322, 0.0116581)),
    is_open=tuple(f"o{k}" for k in range(5)),
    rates=mslo_rates,
    q10=2,
    reference_C=25,
)

# Resurgent sodium (zang2018; scheme: ramanbean2001, khaliq2003): closed states and the open one on
# the left rail, inactivated ones on the right; the blocked state is beside the open one. A step of
# 0.02 ms is far from converged at these rates, which is part of the published model.


def narsg_rates(v, calcium_mM, shifts_mV):
    """Return activation and deactivation of both rails and the constant rates.

    Shifts are those of deactivation, of its slope and of the right rail. The first two act on the
    left rail only; the published model thereby gives up microscopic reversibility.
    """
    shift_a, shift_k, shift_i = shifts_mV[0], shifts_mV[1], shifts_mV[2]
    return (
        150 * exp(v / 20),
        3 * exp((v + shift_a) * (1 / (shift_k - 20))),
        150 * 3.4996355 * exp((v + shift_i) / 20),
        3 * 0.31622777 * exp(-(v + shift_i) / 20),
        150,
        40,
        0.005,
        0.5,
        0.75,
        1.75,
        0.03 * exp(-v / 25),
    )


NARSG = Ladder(
    name="narsg",
    density="narsg_S_per_cm2",
    carrier="na",
    left=("c1", "c2", "c3", "c4", "c5", "o"),
    right=("i1", "i2", "i3", "i4", "i5", "i6"),
    beside="b",
    up_left=(*((4 - k, 0) for k in range(4)), (1, 4), (1, 9)),
    down_left=(*((k + 1, 1) for k in range(4)), (1, 5), (1, 10)),
    up_right=(*((4 - k, 2) for k in range(4)), (1, 4)),
    down_right=(*((k + 1, 3) for k in range(4)), (1, 5)),
    across=(*((150 ** (k / 4), 6) for k in range(5)), (1, 8)),
    back=(*((0.01 ** (k / 4), 7) for k in range(5)), (1, 6)),
    is_open=("o",),
    rates=narsg_rates,
    q10=2.7,
    reference_C=22,
)

# SK2: c1 - c2 - c3 - c4, c3 - o1, c4 - o2, without voltage dependence (zang2018; kinetics:
# hirschberg1998, solinas2007).

SK2_DENSITY = "sk2_S_per_cm2"
SK2_MECHANISM = "pc_sk2"
SK2_STATES = ("c1", "c2", "c3", "c4", "o1", "o2")
SK2_BINDING = (200.0, 160.0, 80.0)
"""Rates of c1 to c2 to c3 to c4 per calcium, in 1/(mM ms)."""
SK2_UNBINDING = (0.08, 0.08, 0.2)
SK2_OPENING = (0.16, 1.2)
"""Of c3 to o1, and of c4 to o2."""
SK2_CLOSING = (1.0, 0.1)


def sk2_factor(celsius):
    """Return the factor of the rates at a temperature in °C."""
    return 2.7 ** ((celsius - 23) / 10)


def sk2_transitions(calcium_mM: float) -> Iterator[tuple[str, str, float]]:
    """Yield source, target and rate of all transitions."""
    for k, (bind, unbind) in enumerate(zip(SK2_BINDING, SK2_UNBINDING, strict=True)):
        yield f"c{k + 1}", f"c{k + 2}", bind * calcium_mM
        yield f"c{k + 2}", f"c{k + 1}", unbind
    for k, (opening, closing) in enumerate(zip(SK2_OPENING, SK2_CLOSING, strict=True)):
        yield f"c{k + 3}", f"o{k + 1}", opening
        yield f"o{k + 1}", f"c{k + 3}", closing
