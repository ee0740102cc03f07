"""Samples of the weights of all circuits on a device, which would take the host longer than a step.

Sums and counts are whole numbers, which do not depend on their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.compiled.cuda_module import cuda
from cerebella.compiled.device import Target, as_kernel, card_target
from cerebella.olive.engines.cuda.arrays import Structure
from cerebella.olive.engines.weight_sample import WeightSample, samples_of_units
from cerebella.olive.wiring import UNITS_PER_WEIGHT

_REGISTERS = 64


@cache
def weighing_phase(target: Target, shape: Structure) -> Any:
    """Return a function that adds the weights of a circuit to its sums and to its histogram.

    Thread `t` of `n` takes every n-th synapse of each zone, in the order of cells.
    """
    add = target.add
    n_zones, per_zone = shape.n_dcn, shape.n_pc // shape.n_dcn * shape.fan_in

    @target.compile
    def weigh(t, n, weights, where, bins_per_unit, synapses, histogram, sums, chosen):
        last = len(histogram) - 1
        for zone in range(n_zones):
            total, upper, lower = np.int64(0), np.int64(0), np.int64(0)
            for k in range(zone * per_zone + t, (zone + 1) * per_zone, n):
                weight = np.int64(weights[where[k]])
                square = weight * weight
                total += weight
                upper += square >> 32
                lower += square & 0xFFFFFFFF
                add(histogram, min(np.int64(weight * bins_per_unit), last), 1)
            add(sums[0], zone, total)
            add(sums[1], zone, upper)
            add(sums[2], zone, lower)
        for k in range(t, len(synapses), n):
            chosen[k] = weights[where[synapses[k]]]

    return weigh


@cache
def weighing_kernel(shape: Structure) -> Any:
    """Return the kernel, with as many rows of blocks as there are circuits."""
    weigh = weighing_phase(card_target(), shape)

    def weighing(weights, where, wirings, bins_per_unit, synapses, histogram, sums, chosen):
        c, t, n = cuda.blockIdx.y, cuda.grid(2)[0], cuda.gridsize(2)[0]
        weigh(
            t, n, weights[c], where[wirings[c]], bins_per_unit,
            synapses[c], histogram[c], sums[c], chosen[c],
        )  # fmt: skip

    return as_kernel(weighing, _REGISTERS)


def weigh_circuits(
    shape: Structure,
    arrays: Mapping[str, Any],
    wirings: Sequence[int],
    n_bins: int,
    synapses: Sequence[npt.NDArray[np.int64]],
    blocks: int,
    threads: int,
) -> list[WeightSample]:
    """Return a sample of the weights of each circuit.

    Parameters
    ----------
    shape : Structure
        The structure of the circuits.
    arrays : mapping of str to array on the device
        Their arrays, by name.
    wirings : sequence of int
        Wiring of each circuit.
    n_bins : int
        Bins of the histogram.
    synapses : sequence of ndarray of int64
        Chosen synapses of each circuit, as indices into its flattened weights.
    blocks, threads : int
        Blocks of threads for each circuit, and threads of a block.
    """
    n, longest = len(synapses), max([1, *map(len, synapses)])
    padded = np.zeros((n, longest), np.int64)
    for row, of_circuit in zip(padded, synapses, strict=True):
        row[: len(of_circuit)] = of_circuit
    histogram = cuda.to_device(np.zeros((n, n_bins), np.int64))
    sums = cuda.to_device(np.zeros((n, 3, shape.n_dcn), np.int64))
    chosen = cuda.to_device(np.zeros((n, longest), np.int32))
    weighing_kernel(shape)[(blocks, n), threads](
        arrays["weights"], arrays["where"], cuda.to_device(np.array(wirings)),
        n_bins / UNITS_PER_WEIGHT, cuda.to_device(padded), histogram, sums, chosen,
    )  # fmt: skip
    samples = samples_of_units(*(array.copy_to_host() for array in (histogram, sums, chosen)))
    return [
        one._replace(chosen=one.chosen[: len(of_circuit)])
        for one, of_circuit in zip(samples, synapses, strict=True)
    ]
