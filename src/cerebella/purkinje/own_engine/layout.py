"""A Purkinje cell as arrays: blocks of compartments of one region, by precision."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.compiled.functions import one_minus_exp
from cerebella.compiled.memory import aligned, block_size
from cerebella.morphology.compartments import Compartments
from cerebella.morphology.morphology import REGIONS
from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.purkinje.calcium_pools import (
    FARADAY,
    FAST_OFF,
    FAST_ON,
    POOLS,
    PUMP_MOL_PER_CM2,
    PV_CA_OFF,
    PV_CA_ON,
    PV_MG_OFF,
    PV_MG_ON,
    REST_CALCIUM_MM,
    REST_MAGNESIUM_MM,
    SLOW_OFF,
    SLOW_ON,
    CalciumPool,
    shell_geometry,
)
from cerebella.purkinje.channels import Channel, Gate
from cerebella.purkinje.kinetic_schemes import (
    SK2_STATES,
    sk2_factor,
    sk2_transitions,
    steady_state,
)
from cerebella.purkinje.own_engine.rows import LADDERS, Rows

INITIAL_CALCIUM_MM = 5e-5
"""Calcium that channels see until the end of the first step, as published."""
N_SHELLS = max(pool.n_shells for pool in POOLS)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Reals = npt.NDArray[np.floating]


class Part(NamedTuple):
    """Compartments of some regions, in blocks.

    Lengths: b blocks, n places of compartments in blocks, where the last compartment of a region
    is repeated, and r regions of the cell.

    Attributes
    ----------
    region : ndarray of int64, shape (b,)
        Region of each block.
    slot : ndarray of int64, shape (n,)
        Slot of each compartment in the tree.
    area : ndarray of float64, shape (n,)
        Membrane area in 100 µm²: conductance in µS for a density of 1 S/cm².
    scale : ndarray, shape (n,)
        Time step over the square of the diameter (ms/µm²), or the time step where shells do not
        scale.
    influx : ndarray, shape (n,)
        Increase of calcium in the outermost shell in a step (mM) for 1 mA/cm² of P-type current.
    removal : ndarray, shape (n,)
        Factor of the pump or of the loss in a step.
    density : ndarray, shape (r, n_columns)
        Densities of channels in S/cm² or cm/s.
    step : ndarray, shape (n_columns,)
        Time step times temperature factor of channels in ms.
    covered : ndarray, shape (n_gates,)
        Part of the way to the steady state that a gate of constant rate covers in a step.
    shifts : ndarray, shape (r, 3)
        Shifts of resurgent sodium channels in mV.
    leak : ndarray, shape (r,)
        Leak in S/cm².
    outward, inward : ndarray, shape (r, N_SHELLS)
        Rates of exchange between shells over diffusion coefficient and scale.
    totals : ndarray, shape (r, 3)
        Mobile and immobile calbindin and parvalbumin in mM.
    n_shells : ndarray of int64, shape (r,)
        Number of shells.
    first_membrane, first_calcium : ndarray of int64, shape (b,)
        First number of each block in `membrane` and `calcium`.
    membrane, calcium : ndarray
        States.
    p_type : ndarray, shape (n,)
        P-type current in mA/cm².
    """

    region: Ints
    slot: Ints
    area: Floats
    scale: Reals
    influx: Reals
    removal: Reals
    density: Reals
    step: Reals
    covered: Reals
    shifts: Reals
    leak: Reals
    outward: Reals
    inward: Reals
    totals: Reals
    n_shells: Ints
    first_membrane: Ints
    first_calcium: Ints
    membrane: Reals
    calcium: Reals
    p_type: Reals


def lay_out(
    regions: tuple[str, ...],
    dtype: type[np.floating],
    compartments: Compartments,
    slot: Ints,
    cell: PurkinjeCellParameters,
    rows: Rows,
    step_ms: float,
) -> tuple[Part, Ints]:
    """Return the blocks of some regions.

    Parameters
    ----------
    regions : tuple of str
        Names of regions.
    dtype : type
        float32 or float64.
    compartments : Compartments
        All compartments of the cell.
    slot : ndarray of int64, shape (n_compartments,)
        Slot of each compartment in the tree.
    cell : PurkinjeCellParameters
        Membrane.
    rows : Rows
        Rows of its channels.
    step_ms : float
        Time step.

    Returns
    -------
    part : Part
        Blocks, with initial states.
    compartment : ndarray of int64, shape (n,)
        Compartment at each place.
    """
    width = block_size()
    blocks = [_blocks_of(compartments.of(name), width) for name in regions]
    region = np.repeat([REGIONS.index(name) for name in regions], [len(rows) for rows in blocks])
    compartment = np.concatenate(blocks).ravel()
    diameter = compartments.diameter_um[compartment].reshape(-1, width)
    pools = {REGIONS.index(pool.region): pool for pool in POOLS}
    factors = [
        factors_of(pools[r], row, step_ms) for r, row in zip(region.tolist(), diameter, strict=True)
    ]
    scale, influx, removal = np.concatenate(factors, axis=1) if factors else np.empty((3, 0))
    exchange = [exchange_of(pools[r]) for r in range(len(REGIONS))]
    states = {r: rows_of(_start_of_membrane(REGIONS[r], cell, rows), dtype) for r in pools}
    shells = {r: rows_of(start_of_calcium(pools[r]), dtype) for r in pools}
    for r, pool in pools.items():
        if pool.extrusion == "pump":
            shells[r] = np.append(shells[r], np.zeros(2 * pool.n_shells, dtype))
    part = Part(
        region=region.astype(np.int64),
        slot=slot[compartment],
        area=aligned(1e-2 * compartments.area_um2[compartment]),
        scale=aligned(scale, dtype),
        influx=aligned(influx, dtype),
        removal=aligned(removal, dtype),
        density=np.array([_densities(cell, name, rows) for name in REGIONS], dtype),
        step=np.array(_steps(cell, rows, step_ms), dtype),
        covered=np.array(_covered(cell, rows, step_ms), dtype),
        shifts=np.array([_shifts(cell, name) for name in REGIONS], dtype),
        leak=np.array([_leak(cell, name) for name in REGIONS], dtype),
        outward=np.array([outward for outward, _ in exchange], dtype),
        inward=np.array([inward for _, inward in exchange], dtype),
        totals=np.array([_totals(pools[r]) for r in range(len(REGIONS))], dtype),
        n_shells=np.array([pools[r].n_shells for r in range(len(REGIONS))]),
        first_membrane=_starts([width * len(states[r]) for r in region.tolist()]),
        first_calcium=_starts([width * len(shells[r]) for r in region.tolist()]),
        membrane=_repeated([states[r] for r in region.tolist()], width, dtype),
        calcium=_repeated([shells[r] for r in region.tolist()], width, dtype),
        p_type=aligned(np.zeros(len(compartment), dtype)),
    )
    return part, compartment


def _blocks_of(compartments: Ints, width: int) -> Ints:
    """Return compartments in rows, the last filled up with the last compartment."""
    n = -(-len(compartments) // width)
    missing = n * width - len(compartments)
    return np.append(compartments, np.repeat(compartments[-1:], missing)).reshape(n, width)


def _starts(sizes: list[int]) -> Ints:
    return np.cumsum([0, *sizes], dtype=np.int64)[:-1]


def _repeated(rows: list[Reals], width: int, dtype: type[np.floating]) -> Reals:
    """Return states of blocks, each the same in all places of the block."""
    return aligned(np.repeat(np.concatenate(rows) if rows else np.empty(0, dtype), width))


def rows_of(states: Floats, dtype: type[np.floating]) -> Reals:
    """Return states, followed by what rounding to `dtype` cuts off."""
    rounded = states.astype(dtype)
    return np.append(rounded, (states - rounded).astype(dtype))


def exchange_of(pool: CalciumPool) -> tuple[Floats, Floats]:
    """Return exchange with the shells outside and inside over the volume, (N_SHELLS,) each."""
    volume, between = shell_geometry(pool)
    rates = np.zeros((2, N_SHELLS))
    rates[0, : pool.n_shells] = np.append(0.0, between) / volume
    rates[1, : pool.n_shells] = np.append(between, 0.0) / volume
    return rates[0], rates[1]


def factors_of(pool: CalciumPool, diameter_um: Floats, step_ms: float) -> Floats:
    """Return `scale`, `influx` and `removal` of a `Part`, shape (3, n)."""
    volume, _ = shell_geometry(pool)
    of_square, of_step = step_ms / diameter_um**2, np.full(len(diameter_um), step_ms)
    is_scaled = pool.geometry == "scaled"
    influx = step_ms * np.pi / (2 * FARADAY * pool.influx_divisor * volume[0])
    removal = {
        "pump": step_ms * PUMP_MOL_PER_CM2 * np.pi * 1e10 / volume[0] / diameter_um,
        "everywhere": of_step,
        "everywhere/d2": of_square,
    }
    return np.stack(
        [
            of_square if is_scaled else of_step,
            influx / diameter_um if is_scaled else influx * diameter_um,
            removal[pool.extrusion],
        ]
    )


def _totals(pool: CalciumPool) -> tuple[float, float, float]:
    return pool.mobile_mM, pool.immobile_mM, pool.parvalbumin_mM


def start_of_calcium(pool: CalciumPool) -> Floats:
    """Return the states of a pool in equilibrium at rest, over its shells."""
    c, mg = REST_CALCIUM_MM, REST_MAGNESIUM_MM
    mobile, immobile, parvalbumin = _totals(pool)
    fast, slow = FAST_ON * c / (FAST_ON * c + FAST_OFF), SLOW_ON * c / (SLOW_ON * c + SLOW_OFF)
    of_ca, of_mg = PV_CA_ON * c / PV_CA_OFF, PV_MG_ON * mg / PV_MG_OFF
    free = parvalbumin / (1 + of_ca + of_mg)
    states = (
        *(c, mg, mobile * fast, mobile * slow, immobile * fast, immobile * slow),
        *(free * of_ca, free * of_mg),
    )
    shells = np.tile(states, pool.n_shells)
    return np.append(shells, 0.0) if pool.extrusion == "pump" else shells


def _densities(cell: PurkinjeCellParameters, region: str, rows: Rows) -> list[float]:
    return [cell.of_region(region).density(field) for field in rows.densities]


def _steps(cell: PurkinjeCellParameters, rows: Rows, step_ms: float) -> list[float]:
    celsius = cell.temperature_C
    gated = [channel.factor(celsius) for channel, _ in rows.gated]
    ladders = [ladder.factor(celsius) for ladder in LADDERS]
    return [step_ms * factor for factor in (*gated, *ladders, sk2_factor(celsius))]


def _covered(cell: PurkinjeCellParameters, rows: Rows, step_ms: float) -> list[float]:
    return [
        0.0 if callable(gate.rate) else one_minus_exp(step_ms * factor * gate.rate)
        for channel, gate in rows.gates
        for factor in [channel.factor(cell.temperature_C)]
    ]


def _shifts(cell: PurkinjeCellParameters, region: str) -> tuple[float, float, float]:
    own = cell.of_region(region)
    return own.narsg_shift_a_mV, own.narsg_shift_k_mV, own.narsg_shift_i_mV


def _leak(cell: PurkinjeCellParameters, region: str) -> float:
    return cell.membrane.spine_factor(region) * cell.membrane.leak_S_per_cm2


def _start_of_membrane(region: str, cell: PurkinjeCellParameters, rows: Rows) -> Floats:
    """Return the initial states of all channels, whether a region has them or not."""
    v = cell.initial_v_mV
    ladders = []
    for ladder in LADDERS:
        rates = ladder.rates(v, INITIAL_CALCIUM_MM, _shifts(cell, region))
        transitions = ((a, b, factor * rates[k]) for a, b, factor, k in ladder.transitions())
        ladders.append(steady_state(ladder.states, transitions))
    sk2 = steady_state(SK2_STATES, sk2_transitions(INITIAL_CALCIUM_MM))
    gates = [_start_of_gate(channel, gate, v) for channel, gate in rows.gates]
    return np.concatenate([gates, *ladders, sk2])


def _start_of_gate(channel: Channel, gate: Gate, v: float) -> float:
    arguments = (v, INITIAL_CALCIUM_MM) if channel.by_calcium else (v,)
    return (gate.start or gate.steady)(*arguments)
