"""NMODL of the calcium systems of the Purkinje cell, from their description.

One backward-Euler step consists of a few sweeps: with calcium fixed, each buffer is a tridiagonal
system over the shells; with the buffers fixed, calcium is another one, whose diagonal contains the
linearized response of the buffers.

The generated NMODL uses arrays and loops over shells. Pools of few shells are unrolled into scalar
variables, which compilers vectorize over compartments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import indent

import numpy as np

from cerebella.neuron_backend.nmodl import filled, number
from cerebella.purkinje import calcium_pools
from cerebella.purkinje.calcium_pools import FARADAY, STATES, CalciumPool, shell_geometry

_UNROLL_UP_TO = 4
_SCRATCH = ("outward", "inward", "toward", "old_c", "follows", "taken", "r_fast", "r_slow")

_CONSTANTS = {
    "rest_calcium": calcium_pools.REST_CALCIUM_MM,
    "rest_magnesium": calcium_pools.REST_MAGNESIUM_MM,
    "fast_on": calcium_pools.FAST_ON,
    "fast_off": calcium_pools.FAST_OFF,
    "slow_on": calcium_pools.SLOW_ON,
    "slow_off": calcium_pools.SLOW_OFF,
    "pv_ca_on": calcium_pools.PV_CA_ON,
    "pv_ca_off": calcium_pools.PV_CA_OFF,
    "pv_mg_on": calcium_pools.PV_MG_ON,
    "pv_mg_off": calcium_pools.PV_MG_OFF,
    "d_calcium": calcium_pools.D_CALCIUM,
    "d_calbindin": calcium_pools.D_CALBINDIN,
    "d_parvalbumin": calcium_pools.D_PARVALBUMIN,
    "pumps": calcium_pools.PUMP_MOL_PER_CM2,
    "pump_on": calcium_pools.PUMP_ON,
    "pump_off": calcium_pools.PUMP_OFF,
    "pump_leave": calcium_pools.PUMP_OFF + calcium_pools.PUMP_OUT,
    "loss_rate": calcium_pools.LOSS_MM_PER_MS,
    "loss_half": calcium_pools.LOSS_HALF_MM,
}


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
    unrolled = is_unrolled(pool)
    text = filled(template, _parts(pool, unrolled))
    return _unroll(text) if unrolled else text


def is_unrolled(pool: CalciumPool) -> bool:
    """Return whether the states of shells are scalars, such as ``c_1``, instead of arrays."""
    return pool.n_shells <= _UNROLL_UP_TO


def _parts(pool: CalciumPool, unrolled: bool) -> dict[str, str]:
    """Return the value of each placeholder; values may contain later placeholders."""
    pump = pool.extrusion == "pump"
    scaled = pool.geometry == "scaled"
    volume, _ = shell_geometry(pool)
    influx = np.pi / (2 * FARADAY * pool.influx_divisor * volume[0])
    arrays = [*(f"new_{state}" for state in STATES), *_SCRATCH]
    if not pump:
        arrays += [f"last_{state}" for state in STATES if state != "c"]
    return {
        "mechanism": pool.mechanism,
        "region": pool.region,
        "n_shells": str(pool.n_shells),
        "states": "\n".join(_declare(STATES, pool, unrolled)).replace(",", ""),
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
        "mobile": f"{pool.mobile_mM:.15g}",
        "immobile": f"{pool.immobile_mM:.15g}",
        "parvalbumin": f"{pool.parvalbumin_mM:.15g}",
        "last": str(pool.n_shells - 1),
        "inner": str(pool.n_shells - 2),
        **{name: number(value) for name, value in _CONSTANTS.items()},
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


def _tridiagonal(unknown: str, diffusion: str, loss: str, gain: str) -> str:
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
r_q = 1/(1 + dt*($pump_on*new_c[0] + $pump_leave))
new_q = (q + dt*$pump_on*new_c[0]*$pumps)*r_q
"""

_BUFFERS = (
    """\
FROM i = 0 TO $last {
    r_fast[i] = 1/(1 + dt*($fast_on*new_c[i] + $fast_off))
    r_slow[i] = 1/(1 + dt*($slow_on*new_c[i] + $slow_off))
    new_f[i] = (f[i] + dt*$fast_on*new_c[i]*$immobile)*r_fast[i]
    new_s[i] = (s[i] + dt*$slow_on*new_c[i]*$immobile)*r_slow[i]
}
"""
    + _tridiagonal(
        "new_mf",
        "$d_calbindin",
        "dt*($fast_on*new_c[i] + $fast_off)",
        "mf[i] + dt*$fast_on*new_c[i]*$mobile",
    )
    + _tridiagonal(
        "new_ms",
        "$d_calbindin",
        "dt*($slow_on*new_c[i] + $slow_off)",
        "ms[i] + dt*$slow_on*new_c[i]*$mobile",
    )
    + _tridiagonal(
        "new_p",
        "$d_parvalbumin",
        "dt*($pv_ca_on*new_c[i] + $pv_ca_off)",
        "p[i] + dt*$pv_ca_on*new_c[i]*($parvalbumin - new_pm[i])",
    )
    + _tridiagonal(
        "new_pm",
        "$d_parvalbumin",
        "dt*($pv_mg_on*new_mg[i] + $pv_mg_off)",
        "pm[i] + dt*$pv_mg_on*new_mg[i]*($parvalbumin - new_p[i])",
    )
    + _tridiagonal(
        "new_mg",
        "$d_calcium",
        "dt*$pv_mg_on*($parvalbumin - new_p[i] - new_pm[i])",
        "mg[i] + dt*$pv_mg_off*new_pm[i]",
    )
)

_BOUND = """\
FROM i = 0 TO $last {
    fast = $mobile - new_mf[i] + $immobile - new_f[i]
    slow = $mobile - new_ms[i] + $immobile - new_s[i]
    pv = $parvalbumin - new_p[i] - new_pm[i]
    follows[i] = $fast_on*fast*r_fast[i] + $slow_on*slow*r_slow[i]
    follows[i] = follows[i] + $pv_ca_on*pv/(1 + dt*($pv_ca_on*new_c[i] + $pv_ca_off))
    follows[i] = dt*follows[i]
    taken[i] = new_c[i]*($fast_on*fast + $slow_on*slow + $pv_ca_on*pv)
    taken[i] = taken[i] - $fast_off*(new_mf[i] + new_f[i])
    taken[i] = dt*(taken[i] - $slow_off*(new_ms[i] + new_s[i]) - $pv_ca_off*new_p[i])
    old_c[i] = new_c[i]
}
taken[0] = taken[0] + $influx*ica
"""

_PUMPED = """\
taken[0] = taken[0] + $pump_rate*($pump_on*new_c[0]*($pumps - new_q) - $pump_off*new_q)
r_q = 1 - dt*($pump_on*new_c[0] + $pump_off)*r_q
follows[0] = follows[0] + $pump_rate*$pump_on*($pumps - new_q)*r_q
"""

_REMOVED = """\
FROM i = 0 TO $last {
    taken[i] = taken[i] + $removal*$loss_rate*new_c[i]/(new_c[i] + $loss_half)
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

_CALCIUM = _tridiagonal(
    "new_c", "$d_calcium", "follows[i]", "c[i] - taken[i] + follows[i]*old_c[i]"
)


def _remember(source: str) -> str:
    """Save the state of the buffers before a sweep."""
    lines = (f"    last_{state}[i] = {source}{state}[i]\n" for state in STATES if state != "c")
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
