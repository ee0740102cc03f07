"""NMODL of the calcium systems of the Purkinje cell, generated from one description.

Radial shells contain calcium, magnesium, mobile and immobile calbindin, and parvalbumin. The 13
published species per shell (anwar2012, zang2018) reduce exactly to eight variables. One
backward-Euler step consists of a few sweeps: with calcium fixed, each buffer is a tridiagonal
system over the shells; with the buffers fixed, calcium is another one, whose diagonal contains
the linearized response of the buffers.

The generated NMODL uses arrays and loops over shells. Pools of few shells are unrolled into scalar
variables, which compilers vectorize over compartments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Literal

import numpy as np
import numpy.typing as npt

FARADAY = 9.6485332
"""Faraday constant in 10⁴ C/mol, consistent with µm, mA/cm² and mM."""

SOMA_DIAMETER_UM = 6.02666
SOMA_OUTER_SHELL_UM = 0.0368

_UNROLL_UP_TO = 4
_STATES = ("c", "mg", "mf", "ms", "f", "s", "p", "pm")
_SCRATCH = ("outward", "inward", "toward", "old_c", "follows", "taken", "r_fast", "r_slow")


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
        Total concentrations; 80 % of calbindin is mobile.
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


def calcium_mechanism(template: str, pool: CalciumPool) -> str:
    """Return the NMODL of one pool.

    Parameters
    ----------
    template : str
        Text of ``calcium.mod``, with placeholders that start with a dollar sign.
    pool : CalciumPool
        Variant to generate.

    Returns
    -------
    str
    """
    unrolled = pool.n_shells <= _UNROLL_UP_TO
    text = template
    for name, value in _parts(pool, unrolled).items():
        # A placeholder alone on its line keeps the indentation; an empty value drops the line.
        text = re.sub(
            rf"^( *)\${name}\n",
            lambda line, value=value: indent(f"{value}\n", line[1]) if value else "",
            text,
            flags=re.MULTILINE,
        ).replace(f"${name}", value)
    return _unroll(text) if unrolled else text


def _parts(pool: CalciumPool, unrolled: bool) -> dict[str, str]:
    """Return the value of each placeholder; values may contain later placeholders."""
    pump = pool.extrusion == "pump"
    scaled = pool.geometry == "scaled"
    volume, _ = shell_geometry(pool)
    influx = np.pi / (2 * FARADAY * pool.influx_divisor * volume[0])
    arrays = [*(f"new_{state}" for state in _STATES), *_SCRATCH]
    if not pump:
        arrays += [f"last_{state}" for state in _STATES if state != "c"]
    return {
        "mechanism": pool.mechanism,
        "region": pool.region,
        "n_shells": str(pool.n_shells),
        "states": "\n".join(_declare(_STATES, pool, unrolled)).replace(",", ""),
        "pump_state": "q" if pump else "",
        # nmodl accepts only one LOCAL per block; nocmodl does not accept long lines.
        "locals": ",\n    ".join(_declare(arrays, pool, unrolled)),
        "extrusion_locals": "new_q, r_q" if pump else "n_sweeps, change",
        "geometry": "\n".join(_geometry_statements(pool)),
        "sweeps": _PUMP_SWEEPS if pump else _LOSS_SWEEPS,
        "pump_start": "q = 0" if pump else "",
        "pump_end": "q = new_q" if pump else "",
        "scale": "dt/(diam*diam)" if scaled else "dt",
        "influx": f"dt*{influx:.15g}" + ("/diam" if scaled else "*diam"),
        "pump_rate": f"dt*{np.pi * 1e10 / volume[0]:.15g}/diam",
        "removal": "dt/(diam*diam)" if pool.extrusion == "everywhere/d2" else "dt",
        "mobile": f"{0.8 * pool.calbindin_mM:.15g}",
        "immobile": f"{0.2 * pool.calbindin_mM:.15g}",
        "parvalbumin": f"{pool.parvalbumin_mM:.15g}",
        "last": str(pool.n_shells - 1),
        "inner": str(pool.n_shells - 2),
    }


def _declare(arrays: Sequence[str], pool: CalciumPool, unrolled: bool) -> list[str]:
    """Declare arrays over the shells, or the scalar variables that replace them."""
    if not unrolled:
        return [f"{name}[{pool.n_shells}]" for name in arrays]
    return [", ".join(f"{name}_{i}" for i in range(pool.n_shells)) for name in arrays]


def _geometry_statements(pool: CalciumPool) -> list[str]:
    volume, exchange = shell_geometry(pool)
    outward, inward = np.append(0.0, exchange) / volume, np.append(exchange, 0.0) / volume
    return [
        f"{name}[{i}] = {value:.15g}"
        for name, values in (("outward", outward), ("inward", inward))
        for i, value in enumerate(values)
    ]


def _tridiagonal(unknown: str, diffusion: float, loss: str, gain: str) -> str:
    """Solve (1 + loss) x - dt D Lap x = gain over the shells, by elimination from the outside."""
    w = f"{diffusion}*scale"
    return f"""\
pivot = 1/(1 + {loss.replace("[i]", "[0]")} + {w}*inward[0])
toward[0] = {w}*inward[0]*pivot
{unknown}[0] = ({gain.replace("[i]", "[0]")})*pivot
FROM i = 1 TO $last {{
    pivot = 1/(1 + {loss} + {w}*(inward[i] + outward[i]*(1 - toward[i-1])))
    toward[i] = {w}*inward[i]*pivot
    {unknown}[i] = ({gain} + {w}*outward[i]*{unknown}[i-1])*pivot
}}
FROM i = 0 TO $inner {{
    {unknown}[$inner-i] = {unknown}[$inner-i] + toward[$inner-i]*{unknown}[$last-i]
}}
"""


_PUMP_FOLLOWS = """\
r_q = 1/(1 + dt*(3000*new_c[0] + 90.05))
new_q = (q + dt*3000*new_c[0]*2e-14)*r_q
"""

_BUFFERS = (
    """\
FROM i = 0 TO $last {
    r_fast[i] = 1/(1 + dt*(43.5*new_c[i] + 0.0358))
    r_slow[i] = 1/(1 + dt*(5.5*new_c[i] + 0.0026))
    new_f[i] = (f[i] + dt*43.5*new_c[i]*$immobile)*r_fast[i]
    new_s[i] = (s[i] + dt*5.5*new_c[i]*$immobile)*r_slow[i]
}
"""
    + _tridiagonal(
        "new_mf", 0.028, "dt*(43.5*new_c[i] + 0.0358)", "mf[i] + dt*43.5*new_c[i]*$mobile"
    )
    + _tridiagonal("new_ms", 0.028, "dt*(5.5*new_c[i] + 0.0026)", "ms[i] + dt*5.5*new_c[i]*$mobile")
    + _tridiagonal(
        "new_p",
        0.043,
        "dt*(107*new_c[i] + 0.00095)",
        "p[i] + dt*107*new_c[i]*($parvalbumin - new_pm[i])",
    )
    + _tridiagonal(
        "new_pm",
        0.043,
        "dt*(0.8*new_mg[i] + 0.025)",
        "pm[i] + dt*0.8*new_mg[i]*($parvalbumin - new_p[i])",
    )
    + _tridiagonal(
        "new_mg",
        0.233,
        "dt*0.8*($parvalbumin - new_p[i] - new_pm[i])",
        "mg[i] + dt*0.025*new_pm[i]",
    )
)

_BOUND = """\
FROM i = 0 TO $last {
    fast = $mobile - new_mf[i] + $immobile - new_f[i]
    slow = $mobile - new_ms[i] + $immobile - new_s[i]
    pv = $parvalbumin - new_p[i] - new_pm[i]
    follows[i] = 43.5*fast*r_fast[i] + 5.5*slow*r_slow[i] + 107*pv/(1 + dt*(107*new_c[i] + 0.00095))
    follows[i] = dt*follows[i]
    taken[i] = new_c[i]*(43.5*fast + 5.5*slow + 107*pv) - 0.0358*(new_mf[i] + new_f[i])
    taken[i] = dt*(taken[i] - 0.0026*(new_ms[i] + new_s[i]) - 0.00095*new_p[i])
    old_c[i] = new_c[i]
}
taken[0] = taken[0] + $influx*ica
"""

_PUMPED = """\
taken[0] = taken[0] + $pump_rate*(3000*new_c[0]*(2e-14 - new_q) - 17.5*new_q)
follows[0] = follows[0] + $pump_rate*3000*(2e-14 - new_q)*(1 - dt*(3000*new_c[0] + 17.5)*r_q)
"""

_REMOVED = """\
FROM i = 0 TO $last {
    taken[i] = taken[i] + $removal*0.1*new_c[i]/(new_c[i] + 0.00583333333333333)
}
"""

_CHANGE = """\
change = 0
FROM i = 0 TO $last {
    change = change + fabs(new_c[i] - old_c[i]) + fabs(new_mg[i] - last_mg[i])
    change = change + fabs(new_p[i] - last_p[i]) + fabs(new_pm[i] - last_pm[i])
    change = change + fabs(new_p[i] - last_p[i] + new_pm[i] - last_pm[i])
    change = change + calbindin_change(last_mf[i], last_ms[i], new_mf[i], new_ms[i], $mobile)
    change = change + calbindin_change(last_f[i], last_s[i], new_f[i], new_s[i], $immobile)
}
"""

_CALCIUM = _tridiagonal("new_c", 0.233, "follows[i]", "c[i] - taken[i] + follows[i]*old_c[i]")


def _remember(source: str) -> str:
    """Save the state of the buffers before a sweep."""
    lines = (f"    last_{state}[i] = {source}{state}[i]\n" for state in _STATES if state != "c")
    return f"FROM i = 0 TO $last {{\n{''.join(lines)}}}\n"


# With the pump, two sweeps are accurate to 1e-6 and free of branches. Without it, the published
# scheme omits the loss from its Jacobian and stops early. This affects spikes, so it is kept.
_PUMP_SWEEPS = (
    _PUMP_FOLLOWS + _BUFFERS + 2 * (_BOUND + _PUMPED + _CALCIUM + _PUMP_FOLLOWS + _BUFFERS)
)
_LOSS_SWEEPS = f"""\
{_remember("")}\
{_BUFFERS}\
n_sweeps = 0
change = 1
WHILE (change > 1e-6 && n_sweeps < 20) {{
{indent(_BOUND + _REMOVED + _CALCIUM + _BUFFERS + _CHANGE + _remember("new_"), "    ")}\
    n_sweeps = n_sweeps + 1
}}
"""


def _unroll(text: str) -> str:
    """Unroll loops, which must not be nested, and replace x[2-1] by x_1."""
    text = re.sub(
        r"^ *FROM i = (\d+) TO (\d+) {\n(.*?)^ *}\n",
        lambda loop: "".join(
            re.sub(r"\bi\b", str(i), loop[3]) for i in range(int(loop[1]), int(loop[2]) + 1)
        ),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    return re.sub(r"\[(\d+)(?:-(\d+))?\]", lambda at: f"_{int(at[1]) - int(at[2] or 0)}", text)
