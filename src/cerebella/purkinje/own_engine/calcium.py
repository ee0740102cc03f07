"""Calcium systems in compiled code: states, constants and what both kinds have in common.

The equations are those of `purkinje.nmodl.calcium`. The states of a shell follow one another, from
the outermost shell inward.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from cerebella.compiled.jit import inlined
from cerebella.compiled.lane_access import block_size
from cerebella.purkinje.calcium_pools import STATES

N_STATES = len(STATES)
C, MG, MF, MS, F, S, P, PM = range(N_STATES)
"""States of a shell, in the order of `STATES`."""


class Pool(NamedTuple):
    """A pool of a block of compartments; lanes where it differs between them.

    Attributes
    ----------
    n : int
        Number of shells.
    outward, inward : numbers, shape (n,)
        Rates of exchange with the neighbors over diffusion coefficient and `scale`.
    scale : lanes
        Time step, over the square of the diameter in µm² where shells scale.
    dt : float
        Time step in ms.
    mobile, immobile, parvalbumin : float
        Total concentrations of the buffers in mM.
    influx : lanes
        Calcium that enters the outermost shell in the step, in mM.
    removal : lanes
        Factor of the pump or of the loss in the step.
    """

    n: int
    outward: Any
    inward: Any
    scale: Any
    dt: float
    mobile: float
    immobile: float
    parvalbumin: float
    influx: Any
    removal: Any


@inlined
def of_state(states, kind, i):
    """Return the place of a state of shell i."""
    return block_size(states) * (N_STATES * i + kind)
