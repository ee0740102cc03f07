"""Soma and axon initial segment of generated cells.

The center of the soma is the origin; its 1-end, where the dendrite starts, faces the pia (+y).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

FloatArray = npt.NDArray[np.float64]

_N_SOMA_POINTS = 41
_AIS_DIAMETERS_UM = ((0.0, 1.88), (1.87, 1.10), (7.6, 1.10), (10.4, 0.74))
"""Distance from the soma and diameter; constant beyond the last entry."""


def soma_points(p: PurkinjeMorphologyParameters) -> FloatArray:
    """Return the points of an egg-shaped soma, (n, 4), starting at the narrow axon hillock."""
    u = np.linspace(0, 1, _N_SOMA_POINTS)
    bulge = np.sin(np.pi * u**0.79).clip(0) ** 1.07
    zero = np.zeros_like(u)
    return np.column_stack(
        [zero, p.soma_length_um * (u - 0.5), zero, 1.015 * (0.92 + 21.4 * bulge)]
    )


def ais_points(p: PurkinjeMorphologyParameters) -> FloatArray:
    """Return the points of the axon initial segment, (n, 4), extending from the soma along −y."""
    distance, diameter = np.array(
        [*_AIS_DIAMETERS_UM, (p.ais_length_um, _AIS_DIAMETERS_UM[-1][1])]
    ).T
    zero = np.zeros_like(distance)
    return np.column_stack([zero, -p.soma_length_um / 2 - distance, zero, diameter])
