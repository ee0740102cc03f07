"""NMODL of the calcium systems of the Purkinje cell, all from one description.

Radial shells hold calcium, magnesium, mobile and immobile calbindin and parvalbumin. The
published 13 species a shell reduce exactly to eight variables (purkinje-cell specification,
section 7.1). One backward-Euler step is a few sweeps (section 7.2): with calcium held, each
buffer is a tridiagonal system over the shells; with the buffers held, calcium is another one,
whose diagonal says how the buffers would follow.

What is written is NMODL with arrays and loops over shells. Pools of few shells are unrolled into
plain variables, which compilers then vectorize over compartments.
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
"""In 10⁴ C/mol, with which µm, mA/cm² and mM fit together."""

SOMA_DIAMETER_UM = 6.02666
SOMA_OUTER_SHELL_UM = 0.0368

_UNROLL_UP_TO = 4
_STATES = ("c", "mg", "mf", "ms", "f", "s", "p", "pm")
_SCRATCH = ("outward", "inward", "toward", "old_c", "follows", "taken", "r_fast", "r_slow")


@dataclass(frozen=True)
class CalciumPool:
    """One variant of the calcium system (purkinje-cell specification, section 3.12).

    Attributes
    ----------
    region : names the mechanism, ``calcium_<region>``.
    n_shells : radial shells.
    geometry : "scaled": shells are fractions of the compartment's diameter; "fixed": those of
        the first soma compartment, whatever the compartment's own diameter.
    calbindin_mM, parvalbumin_mM : totals; 80 % of calbindin is mobile.
    influx_divisor : divides the calcium current that enters.
    extrusion : "pump": a surface pump on the outer shell; "everywhere": a saturable loss in
        every shell; "everywhere/d2": the same divided by the square of the diameter in µm.
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
    """Volumes of the shells and exchange coefficients between them, from outside inwards.

    Returns
    -------
    volume : (n_shells,) µm³ per µm of length; for a scaled pool at a diameter of 1 µm, to be
        multiplied by the square of the diameter.
    exchange : (n_shells - 1,) κ between shells i and i + 1, whatever the diameter: the flux
        per length is D κ (difference in concentration), D in µm²/ms.
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
    template : the text of ``calcium.mod``, with names after dollar signs to be replaced.
    """
    unrolled = pool.n_shells <= _UNROLL_UP_TO
    text = template
    for name, value in _parts(pool, unrolled).items():
        # What stands alone on a line keeps the line's indentation, or goes with the line.
        text = re.sub(
            rf"^( *)\${name}\n",
            lambda line, value=value: indent(f"{value}\n", line[1]) if value else "",
            text,
            flags=re.MULTILINE,
        ).replace(f"${name}", value)
    return _unroll(text) if unrolled else text


def _parts(pool: CalciumPool, unrolled: bool) -> dict[str, str]:
    """Return what the template's names stand for; values may hold names that come after them."""
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
        # nmodl takes one LOCAL in a block, nocmodl no long lines.
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
    """Declare arrays over the shells, or the variables that they become."""
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
    """Solve (1 + loss) x - dt D Lap x = gain over the shells, by elimination from outside."""
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
    """Keep the buffers, as they are before a sweep."""
    lines = (f"    last_{state}[i] = {source}{state}[i]\n" for state in _STATES if state != "c")
    return f"FROM i = 0 TO $last {{\n{''.join(lines)}}}\n"


# With the pump, two sweeps are exact to 1e-6 and free of branches. Without it the published
# scheme leaves the loss out of its Jacobian and stops early, which shows in spikes: so do we.
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
    """Write loops out and turn x[2-1] into x_1; loops hold no loops."""
    text = re.sub(
        r"^ *FROM i = (\d+) TO (\d+) {\n(.*?)^ *}\n",
        lambda loop: "".join(
            re.sub(r"\bi\b", str(i), loop[3]) for i in range(int(loop[1]), int(loop[2]) + 1)
        ),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    return re.sub(r"\[(\d+)(?:-(\d+))?\]", lambda at: f"_{int(at[1]) - int(at[2] or 0)}", text)
