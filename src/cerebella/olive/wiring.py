"""Connectivity of the olivocerebellar loop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.network.gap_graph import random_simple_graph
from cerebella.parameters.olive_circuit import OliveCircuitParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.randomness import Purpose, generator

IntArray = npt.NDArray[np.int32]
FloatArray = npt.NDArray[np.float64]

UNITS_PER_WEIGHT = 1 << 26
"""Efficacies are integers in units of 2⁻²⁶, so that sums do not depend on their order."""


@dataclass(frozen=True, eq=False)
class Circuit:
    """The wired circuit. Row i of ``x_of_y`` lists the cells x that contact cell i of y.

    Attributes
    ----------
    sizes : dict of str to int
        Number of cells of each population.
    pf_of_purkinje, pf_of_bc, bc_of_purkinje : ndarray of int32, shape (n target, fan-in)
        Rows are sorted and free of repetitions.
    purkinje_of_dcn, dcn_of_io : ndarray of int32, shape (n target, fan-in)
    mf_of_dcn, io_of_purkinje : ndarray of int32, shape (n target,)
    gaps : ndarray of int32, shape (2 n junctions, 2)
        Pairs (cell, partner) of both directions of each junction, sorted.
    pf_bc_factor : ndarray of float64, shape (n BC,) or (n BC, fan-in)
        Weights relative to the mean.
    bc_purkinje_factor : ndarray of float64, shape (n PC, fan-in)
        Weights relative to the mean.
    io_bias_offset : ndarray of float64, shape (n IO,)
        Deviation from the mean bias in mV/ms.
    """

    sizes: dict[str, int]
    pf_of_purkinje: IntArray
    pf_of_bc: IntArray
    bc_of_purkinje: IntArray
    purkinje_of_dcn: IntArray
    dcn_of_io: IntArray
    mf_of_dcn: IntArray
    io_of_purkinje: IntArray
    gaps: IntArray
    pf_bc_factor: FloatArray
    bc_purkinje_factor: FloatArray
    io_bias_offset: FloatArray


class WiringSettings(NamedTuple):
    """All parameters that determine a circuit, together with a seed."""

    circuit: OliveCircuitParameters
    pf_bc_sd: float
    pf_bc_sd_per_synapse: bool
    bc_purkinje_sd: float
    io_bias_sd_mV_per_ms: float


def wiring_settings(parameters: OliveParameters) -> WiringSettings:
    """Return the parameters that determine a circuit."""
    synapses = parameters.synapses
    return WiringSettings(
        parameters.circuit,
        synapses.pf_bc_sd,
        synapses.pf_bc_sd_per_synapse,
        synapses.bc_purkinje_sd,
        parameters.drive.io_bias_sd_mV_per_ms,
    )


def wire_circuit(parameters: OliveParameters, seed: int) -> Circuit:
    """Draw a circuit; the same parameters and seed give the same circuit."""
    return wire(wiring_settings(parameters), seed)


def wire(settings: WiringSettings, seed: int) -> Circuit:
    """Draw a circuit from the parameters that determine it."""
    circuit, n = settings.circuit, settings.circuit.sizes
    rng = generator(seed, Purpose.LOOP_WIRING)
    pf_of_purkinje = _draw_fan_in(n["PC"], n["PF"], circuit.pf_per_purkinje, rng)
    pf_of_bc = _draw_fan_in(n["BC"], n["PF"], circuit.pf_per_bc, rng)
    bc_of_purkinje = _draw_fan_in(n["PC"], n["BC"], circuit.bc_per_purkinje, rng)
    purkinje_of_dcn, dcn_of_io = _nuclear_loop(circuit, rng)
    gaps = _gap_junctions(circuit, rng)

    weights_rng = generator(seed, Purpose.LOOP_WEIGHTS)
    shape = pf_of_bc.shape if settings.pf_bc_sd_per_synapse else pf_of_bc.shape[:1]
    return Circuit(
        sizes=n,
        pf_of_purkinje=pf_of_purkinje,
        pf_of_bc=pf_of_bc,
        bc_of_purkinje=bc_of_purkinje,
        purkinje_of_dcn=purkinje_of_dcn,
        dcn_of_io=dcn_of_io,
        mf_of_dcn=np.arange(n["DCN"], dtype=np.int32),
        io_of_purkinje=np.repeat(np.arange(n["IO"], dtype=np.int32), n["PC"] // n["IO"]),
        gaps=gaps,
        pf_bc_factor=_factors(weights_rng, settings.pf_bc_sd, shape),
        bc_purkinje_factor=_factors(weights_rng, settings.bc_purkinje_sd, bc_of_purkinje.shape),
        io_bias_offset=settings.io_bias_sd_mV_per_ms * weights_rng.standard_normal(n["IO"]),
    )


def _draw_fan_in(n_targets: int, n_sources: int, fan_in: int, rng: np.random.Generator) -> IntArray:
    """Draw sorted sources of each target without replacement, shape (n_targets, fan_in)."""
    rows = np.empty((n_targets, fan_in), dtype=np.int32)
    for row in rows:
        row[:] = rng.choice(n_sources, fan_in, replace=False, shuffle=False)
    rows.sort(axis=1)
    return rows


def _nuclear_loop(
    circuit: OliveCircuitParameters, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Return the PCs of each DCN and the DCNs of each IO cell."""
    n = circuit.sizes
    if circuit.wiring == "random":
        return (
            _draw_fan_in(n["DCN"], n["PC"], circuit.purkinje_per_dcn, rng),
            _draw_fan_in(n["IO"], n["DCN"], circuit.dcn_per_io, rng),
        )
    purkinje_of_dcn = np.arange(n["PC"], dtype=np.int32).reshape(n["DCN"], -1)
    return purkinje_of_dcn, np.arange(n["IO"], dtype=np.int32)[:, None] // circuit.io_per_zone


def _gap_junctions(circuit: OliveCircuitParameters, rng: np.random.Generator) -> IntArray:
    """Return sorted pairs (cell, partner) of both directions of each junction."""
    n_io = circuit.sizes["IO"]
    if circuit.random_gaps:
        pairs = random_simple_graph(np.full(n_io, circuit.gap_partners, dtype=np.int64), rng)
    else:
        a, b = np.triu_indices(circuit.io_per_zone, 1)
        first = np.arange(0, n_io, circuit.io_per_zone)[:, None]
        pairs = np.stack([(first + a).ravel(), (first + b).ravel()], axis=1)
    sides = np.concatenate([pairs, pairs[:, ::-1]]).astype(np.int32)
    return sides[np.lexsort((sides[:, 1], sides[:, 0]))]


def _factors(rng: np.random.Generator, sd: float, shape: tuple[int, ...]) -> FloatArray:
    """Draw relative weights from a normal distribution with mean 1, clipped at 0."""
    return np.maximum(1.0 + sd * rng.standard_normal(shape), 0.0)


def efficacy_units(factors: FloatArray) -> IntArray:
    """Return relative weights in units of 2⁻²⁶, rounded, as int32."""
    return np.rint(factors * UNITS_PER_WEIGHT).astype(np.int32)
