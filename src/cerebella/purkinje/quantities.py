"""What can be recorded in a compartment: potential, states of mechanisms, currents.

Names are those of NEURON, quantity before mechanism: ``n_kv3``, ``o_narsg``, ``g_kv3``, ``ik_kv3``.
Engines record variables (the potential and states); conductances and currents are computed from
these in doubles, at the potential, states and calcium of the time of the sample. They are those
that enter the next time step. Those of synapses follow from their events and the potential
(`cerebella.purkinje.synaptic_conductance`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.parameters.purkinje_cell import PurkinjeCellParameters, RegionParameters
from cerebella.purkinje.calcium_pools import POOLS, STATES
from cerebella.purkinje.channels import (
    JUNCTION_MV,
    Channel,
    Gate,
    ghk_flux,
    ghk_per_mV,
)
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG, SK2_DENSITY, SK2_STATES
from cerebella.purkinje.own_channels import channels_of

Floats = npt.NDArray[np.float64]

POOL = "pool"
"""Mechanism of the calcium of a compartment, whatever its region."""


class Variable(NamedTuple):
    """What an engine records.

    Attributes
    ----------
    state : str
        Name of the state; ``"v"`` for the potential, ``"cai"`` for the calcium that channels see.
    mechanism : str
        Name of the channel without prefix, or `POOL`; empty for potential and calcium.
    shell : int
        Shell of the calcium pool, 0 the outermost.
    of_user : bool
        Whether the mechanism is NMODL of the user.
    """

    state: str
    mechanism: str = ""
    shell: int = 0
    of_user: bool = False


V, CALCIUM, PUMP = Variable("v"), Variable("cai"), Variable("q", POOL)


def itself(value: Floats) -> Floats:
    """Return the value: a quantity that is a variable."""
    return value


class Quantity(NamedTuple):
    """A quantity of one region.

    Attributes
    ----------
    name : str
        Name in probes.
    unit : str
        Unit.
    variables : tuple of Variable
        What engines record for it.
    compute : function
        The quantity from arrays of the variables.
    synapse : str
        Kind of the synapses of which it is the conductance or the current; engines record the
        potential for it.
    """

    name: str
    unit: str
    variables: tuple[Variable, ...]
    compute: Callable[..., Any] = itself
    synapse: str = ""

    @property
    def variable(self) -> str:
        """Name of the variable in files of traces."""
        return CALCIUM.state if self.name == "calcium" else self.name


def quantities_of(region: str, cell: PurkinjeCellParameters) -> dict[str, Quantity]:
    """Return the quantities that exist in a region, by name.

    Parameters
    ----------
    region : str
        ``"soma"``, ``"ais"``, ``"smooth"`` or ``"spiny"``.
    cell : PurkinjeCellParameters
        The membrane; a channel exists where its density is not zero.

    Returns
    -------
    dict of str to Quantity

    Examples
    --------
    >>> from cerebella.purkinje.quantities import quantities_of
    >>> spiny = quantities_of("spiny", cb.PurkinjeParameters().cell)
    >>> kv3 = spiny["ik_kv3"]
    >>> [variable.state for variable in kv3.variables], kv3.unit
    (['n', 'v'], 'mA/cm2')
    >>> print(f"{kv3.compute(0.5, -67.0):.4f}")
    0.1417
    """
    return {quantity.name: quantity for quantity in _each(region, cell)}


def describe_names(names: Iterable[str]) -> str:
    """Return names of quantities as text, those of a mechanism and of its shells as one.

    Examples
    --------
    >>> from cerebella.purkinje.quantities import describe_names
    >>> describe_names(["v", "n_kv3", "g_kv3", "c_pool[0]", "f_pool[0]", "c_pool[1]", "f_pool[1]"])
    'v, {n,g}_kv3, {c,f}_pool[0-1]'
    """
    shells: dict[str, list[int]] = {}
    for name in names:
        stem, _, shell = name.removesuffix("]").partition("[")
        shells.setdefault(stem, []).extend([int(shell)] if shell else [])
    mechanisms: dict[str, list[str]] = {}
    for stem, found in shells.items():
        own, _, mechanism = stem.rpartition("_")
        of_shells = f"[{min(found)}-{max(found)}]" if found else ""
        key = f"_{mechanism}{of_shells}" if own else mechanism
        mechanisms.setdefault(key, []).append(own)
    return ", ".join(
        f"{{{','.join(_with_ranges(own))}}}{key}" if len(own) > 1 else own[0] + key
        for key, own in mechanisms.items()
    )


def _with_ranges(names: Sequence[str]) -> Iterator[str]:
    """Yield names, numbered ones such as c1, c2, c3 as c1-c3."""
    for letters, numbered in groupby(names, lambda name: name.rstrip("0123456789")):
        first, *others = numbered
        yield f"{first}-{others[-1]}" if others and first != letters else first


def _each(region: str, cell: PurkinjeCellParameters) -> Iterator[Quantity]:
    own = cell.of_region(region)
    yield Quantity("v", "mV", (V,))
    yield Quantity("calcium", "mM", (CALCIUM,))
    for kind, regions in _SYNAPSES.items():
        if region in regions:
            yield Quantity(f"g_{kind}", "nS", (V,), synapse=kind)
            yield Quantity(f"i_{kind}", "nA", (V,), synapse=kind)
    for channel in channels_of(cell):
        if any(own.density(density) for density in channel.densities):
            yield from _of_channel(channel, own, cell)
    for name, states, is_open, density, carrier in _SCHEMES:
        if getattr(own, density):
            yield from _of_scheme(name, states, is_open, getattr(own, density), carrier, cell)
    for name, one in cell.mechanisms.items():
        if own.values_of(name, one.parameters):
            for state, unit in one.quantities.items():
                variable = Variable(state, name, of_user=True)
                yield Quantity(f"{state}_{name}", unit, (variable,))
    leak = cell.membrane.spine_factor(region) * cell.membrane.leak_S_per_cm2
    yield Quantity("i_leak", "mA/cm2", (V,), lambda v: leak * (v - cell.leak_reversal_mV))
    pool = next(pool for pool in POOLS if pool.region == region)
    for shell in range(pool.n_shells):
        for state in STATES:
            yield Quantity(f"{state}_{POOL}[{shell}]", "mM", (Variable(state, POOL, shell),))
    if pool.extrusion == "pump":
        yield Quantity(f"q_{POOL}", "mol/cm2", (PUMP,))


_SCHEMES = (
    *((s.name, s.states, s.is_open, s.density, s.carrier) for s in (NARSG, MSLO)),
    ("sk2", SK2_STATES, SK2_STATES[-2:], SK2_DENSITY, "k"),
)
"""Name, states, conducting states, density and ion of kinetic schemes."""

_SYNAPSES = {"pf": ("spiny",), "inhibition": ("smooth", "spiny"), "cf": ("soma", "smooth")}
"""Regions that synapses of each kind can be in, by their names in the parameters."""

_CURRENTS = {"na": "ina", "k": "ik", "h": "i", "ca": "ica", "t": "ica"}


def _of_channel(
    channel: Channel, own: RegionParameters, cell: PurkinjeCellParameters
) -> Iterator[Quantity]:
    gates = tuple(Variable(gate.name, channel.name) for gate in channel.all_gates)
    for gate in gates:
        yield Quantity(f"{gate.state}_{channel.name}", "1", (gate,))
    conductance = _conductance(channel, [own.density(density) for density in channel.densities])
    if channel.carrier in ("ca", "t"):
        per_mV = ghk_per_mV(cell.temperature_C)
        junction = JUNCTION_MV if channel.carrier == "t" else 0.0

        def current(*values: Floats) -> Floats:
            *of_gates, v, calcium = values
            return 1000 * conductance(*of_gates) * _flux(per_mV * (v + junction), calcium)

        name = f"{_CURRENTS[channel.carrier]}_{channel.name}"
        yield Quantity(name, "mA/cm2", (*gates, V, CALCIUM), current)
    else:
        yield from _ohmic(channel.name, channel.carrier, gates, conductance, cell)


def _of_scheme(
    name: str,
    states: tuple[str, ...],
    is_open: tuple[str, ...],
    density: float,
    carrier: str,
    cell: PurkinjeCellParameters,
) -> Iterator[Quantity]:
    for state in states:
        yield Quantity(f"{state}_{name}", "1", (Variable(state, name),))
    conducting = tuple(Variable(state, name) for state in is_open)
    yield from _ohmic(name, carrier, conducting, lambda *values: density * sum(values), cell)


def _ohmic(
    name: str,
    carrier: str,
    states: tuple[Variable, ...],
    conductance: Callable[..., Any],
    cell: PurkinjeCellParameters,
) -> Iterator[Quantity]:
    """Yield conductance and current of channels with a reversal potential."""
    reversal_mV = getattr(cell, f"{carrier}_reversal_mV")
    yield Quantity(f"g_{name}", "S/cm2", states, conductance)
    yield Quantity(
        f"{_CURRENTS[carrier]}_{name}",
        "mA/cm2",
        (*states, V),
        lambda *values: conductance(*values[:-1]) * (values[-1] - reversal_mV),
    )


def _conductance(channel: Channel, densities: Sequence[float]) -> Callable[..., Any]:
    """Return a function of the gates that gives the conductance, or the permeability."""
    n_shared = len(channel.gates)

    def open_part(gates: tuple[Gate, ...], values: tuple[Any, ...]) -> Any:
        return np.prod([v**gate.power for gate, v in zip(gates, values, strict=True)], axis=0)

    def conductance(*values: Any) -> Any:
        shared = open_part(channel.gates, values[:n_shared])
        if not channel.variants:
            return densities[0] * shared
        each = zip(densities, channel.variants, values[n_shared:], strict=True)
        return shared * sum(density * value**gate.power for density, gate, value in each)

    return conductance


def _flux(xi: Floats, calcium_mM: Floats) -> Floats:
    """Return the GHK flux of calcium as charge per volume (C/cm³)."""
    covered = -np.expm1(-xi)
    near = np.abs(xi) < 1e-6
    ratio = np.where(near, 1 + xi / 2, xi / np.where(near, 1.0, covered))
    return ghk_flux(ratio, covered, calcium_mM)
