"""Calcium systems of the Purkinje cell: regions, shells and constants.

Radial shells contain calcium, magnesium, mobile and immobile calbindin, and parvalbumin
(anwar2012, schmidt2003, zang2018). The 13 published species per shell reduce exactly to eight
variables: calcium c, magnesium mg, mobile calbindin whose fast or slow site holds calcium (mf, ms),
the same of immobile calbindin (f, s), and parvalbumin with calcium or magnesium (p, pm).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

STATES = ("c", "mg", "mf", "ms", "f", "s", "p", "pm")
"""Concentrations of a shell in mM."""

REST_CALCIUM_MM, REST_MAGNESIUM_MM = 4.5e-5, 0.59
"""Concentrations at the start, in equilibrium with all buffers."""

# Rates of binding in 1/(mM ms) and unbinding in 1/ms: the sites of calbindin, and parvalbumin.
FAST_ON, FAST_OFF = 43.5, 0.0358
SLOW_ON, SLOW_OFF = 5.5, 0.0026
PV_CA_ON, PV_CA_OFF = 107.0, 0.00095
PV_MG_ON, PV_MG_OFF = 0.8, 0.025

D_CALCIUM, D_CALBINDIN, D_PARVALBUMIN = 0.233, 0.028, 0.043
"""Diffusion coefficients in µm²/ms; that of calcium is also that of magnesium."""

PUMP_MOL_PER_CM2 = 2e-14
PUMP_ON, PUMP_OFF, PUMP_OUT = 3000.0, 17.5, 72.55
"""Rates of the pump: binding in 1/(mM ms), unbinding and extrusion in 1/ms."""

LOSS_MM_PER_MS, LOSS_HALF_MM = 0.1, 17.5 / 3000
"""Greatest rate of the saturable loss, and the concentration of half of it."""

FARADAY = 9.6485332
"""Faraday constant in 10⁴ C/mol, consistent with µm, mA/cm² and mM."""

SOMA_DIAMETER_UM = 6.02666
SOMA_OUTER_SHELL_UM = 0.0368


@dataclass(frozen=True)
class CalciumPool:
    """One variant of the calcium system.

    Attributes
    ----------
    region : str
        Region; the mechanism is named ``calcium_<region>``.
    n_shells : int
        Number of radial shells.
    geometry : {"scaled", "fixed"}
        Whether shells scale with the diameter of the compartment or are those of the first
        somatic compartment everywhere.
    calbindin_mM, parvalbumin_mM : float
        Total concentrations.
    influx_divisor : float
        Divisor of the calcium current that enters the shell.
    extrusion : {"pump", "everywhere", "everywhere/d2"}
        A surface pump in the outer shell, a saturable loss in every shell, or the latter divided
        by the square of the diameter in µm.
    """

    region: str
    n_shells: int
    geometry: Literal["scaled", "fixed"]
    calbindin_mM: float
    parvalbumin_mM: float
    influx_divisor: float
    extrusion: Literal["pump", "everywhere", "everywhere/d2"]

    @property
    def mechanism(self) -> str:
        """Name of the mechanism in NEURON."""
        return f"calcium_{self.region}"

    @property
    def mobile_mM(self) -> float:
        """Calbindin that diffuses."""
        return 0.8 * self.calbindin_mM

    @property
    def immobile_mM(self) -> float:
        """Calbindin that does not diffuse."""
        return 0.2 * self.calbindin_mM


POOLS = (
    CalciumPool("soma", 20, "fixed", 0.08, 0.04, 1.0, "everywhere"),
    CalciumPool("ais", 10, "scaled", 0.08, 0.04, 1.0, "everywhere/d2"),
    CalciumPool("smooth", 4, "scaled", 0.16, 0.08, 1.0, "pump"),
    CalciumPool("spiny", 4, "scaled", 0.16, 0.08, 3.5, "pump"),
)


def shell_geometry(pool: CalciumPool) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Compute shell volumes and exchange coefficients, from the outermost shell inward.

    Parameters
    ----------
    pool : CalciumPool
        Number of shells and their geometry.

    Returns
    -------
    volume : ndarray of float, shape (n_shells,)
        Volume in µm³ per µm of length. For a scaled pool, it refers to a diameter of 1 µm and
        must be multiplied by the square of the diameter.
    exchange : ndarray of float, shape (n_shells - 1,)
        Coefficient κ between shells i and i + 1, independent of the diameter. The flux per
        length is D κ (difference in concentration), with D in µm²/ms.
    """
    n = pool.n_shells
    inner = np.arange(1, n)
    if pool.geometry == "scaled":
        radius, h = 0.5, 0.5 / (2 * (n - 1))
        middle = 4 * np.pi * h * (radius - 2 * inner[:-1] * h)
        volume = np.concatenate([[2 * np.pi * h * (radius - h / 2)], middle, [np.pi * h**2]])
        exchange = np.pi * (radius - (2 * inner - 1) * h) / h
        exchange[-1] = np.pi
        return np.asarray(volume, np.float64), np.asarray(exchange, np.float64)
    radius, outer = SOMA_DIAMETER_UM / 2, SOMA_OUTER_SHELL_UM
    width = (radius - outer) / (n - 1)
    edge = np.concatenate([[radius], radius - outer - (inner - 1) * width])
    volume = np.pi * (edge**2 - np.append(edge[1:], 0.0) ** 2)
    distance = np.array([outer + width / 2, *[width] * (n - 3), width / 2 + edge[-1]])
    exchange = 2 * np.pi * edge[1:] / distance
    return np.asarray(volume, np.float64), np.asarray(exchange, np.float64)
