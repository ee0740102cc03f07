"""The Purkinje cell's mechanisms in the ordinary formulation: kinetic schemes and derivatives.

They have the names and parameters of the package's, so that the package builds and runs the same
cell with either. Only NEURON can run them: for schemes of 54 to 262 states CoreNEURON's compiler
writes out a dense Jacobian and does not finish in a reasonable time.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

from cerebella.neuron_backend.mechanism_sets import MechanismSet, mechanisms_in
from cerebella.purkinje.calcium_pools import POOLS, CalciumPool, shell_geometry
from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms

ORDINARY = Path(__file__).parent / "ordinary_purkinje"
_CALCIUM = "calcium.mod"
_SHARED = ("calcium_to_ion.mod", "double_exponential_synapse.mod")


def ordinary_mechanisms() -> MechanismSet:
    """Return the ordinary mechanisms, with the package's synapse, compiled as NEURON does."""
    texts = dict(mechanisms_in(ORDINARY).texts)
    template = texts.pop(_CALCIUM)
    ours = purkinje_mechanisms().texts
    texts |= {name: ours[name] for name in _SHARED}
    texts |= {f"{pool.mechanism}.mod": _calcium(template, pool) for pool in POOLS}
    return MechanismSet(dict(sorted(texts.items())), compile_s=120, coreneuron=False)


def _calcium(template: str, pool: CalciumPool) -> str:
    """Fill in one pool's numbers."""
    volume, exchange = shell_geometry(pool)
    square = "*diam*diam" if pool.geometry == "scaled" else ""
    geometry = [f"volume[{i}] = {value:.15g}{square}" for i, value in enumerate(volume)]
    geometry += [f"exchange[{i}] = {value:.15g}" for i, value in enumerate(exchange)]
    pump = pool.extrusion == "pump"
    area = "3.14159265358979*diam*1e10"
    parts = {
        "region": pool.region,
        "n_shells": str(pool.n_shells),
        "last": str(pool.n_shells - 1),
        "inner": str(pool.n_shells - 2),
        "geometry": "\n".join(geometry),
        "calbindin": f"{pool.calbindin_mM:g}",
        "parvalbumin": f"{pool.parvalbumin_mM:g}",
        "influx_divisor": f"{pool.influx_divisor:g}",
        "pump_states": "pump (mol/cm2)\npumped (mol/cm2)" if pump else "",
        "pump_start": "pump = 2e-14\npumped = 0" if pump else "",
        "pump_compartment": f"COMPARTMENT {area} {{pump pumped}}" if pump else "",
        "extrusion": _pump(area) if pump else _loss(pool),
    }
    return re.sub(
        r"^( *)\$(\w+)$|\$(\w+)",
        lambda at: indent(parts[at[2]], at[1]) if at[2] else parts[at[3]],
        template,
        flags=re.MULTILINE,
    )


def _pump(area: str) -> str:
    return (
        f"~ c[0] + pump <-> pumped (3000*{area}, 17.5*{area})\n~ pumped <-> pump (72.55*{area}, 0)"
    )


def _loss(pool: CalciumPool) -> str:
    by = "/(diam*diam)" if pool.extrusion == "everywhere/d2" else ""
    return (
        f"FROM i = 0 TO {pool.n_shells - 1} {{\n"
        f"    ~ c[i] << (-volume[i]*0.1*c[i]/(c[i] + 0.00583333333333333){by})\n"
        "}"
    )
