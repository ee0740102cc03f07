"""Connections and weights of the loop, as arguments of compiled code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

CELLS_PER_FIBER = 8
"""Purkinje cells of each climbing fiber, if weights are stored by fiber."""


class Lists(NamedTuple):
    """Connections as lists: source i contacts targets[starts[i]:starts[i + 1]]."""

    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]


class BasketToPurkinje(NamedTuple):
    """Connections BC→PC.

    Attributes
    ----------
    rows : ndarray of int32, shape (n BC, n PC)
        Efficacies, padded to whole tiles; empty for sparse connections.
    starts, targets : ndarray
        As in `Lists`.
    efficacies : ndarray of float64
        Efficacies of the listed synapses.
    """

    rows: IntArray
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]
    efficacies: Floats


class BasketWires(NamedTuple):
    """Connections PF→BC.

    Attributes
    ----------
    rows : ndarray of uint64
        Two bits for each target; empty for sparse or weighted connections.
    starts, targets : ndarray
        As in `Lists`.
    """

    rows: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]


class GapJunctions(NamedTuple):
    """Both directions of each gap junction, as cell and partner."""

    cells: npt.NDArray[np.uint32]
    partners: npt.NDArray[np.uint32]


class LoopWires(NamedTuple):
    """Connections of the loop besides PF→PC."""

    bc_purkinje: BasketToPurkinje
    purkinje_dcn: Lists
    mf_dcn: Lists
    dcn_io: Lists
    gaps: GapJunctions


class FiberWeights(NamedTuple):
    """Weights of PF→PC by PF and climbing fiber.

    Attributes
    ----------
    rows : ndarray of int32, shape (n PF · n fibers,)
        Weight of a PF at the cells of a climbing fiber; the number of fibers is padded to a
        multiple of 8.
    contacts : ndarray of uint16, of the same shape
        Bits of the cells that the PF contacts, times 8.
    masks : ndarray of int32, shape (256, 8)
        For each byte, eight numbers with all bits set or cleared, by the bits of the byte.
    """

    rows: IntArray
    contacts: npt.NDArray[np.uint16]
    masks: IntArray


class ListedWeights(NamedTuple):
    """Weights of PF→PC as a list, in the order of PFs or of cells.

    Attributes
    ----------
    flat : ndarray of int32, shape (n synapses,)
        The weights.
    starts, targets : ndarray
        As in `Lists`.
    places : ndarray of int32, shape (n synapses,), or None
        Index in `flat` of each synapse in the order of PFs; None if that is the order of `flat`.
    where : ndarray of int32, shape (n synapses,), or None
        The same, in the order of cells.
    sources : ndarray of int32, shape (n PC, fan-in)
        PF of each synapse of a cell.
    """

    flat: IntArray
    starts: npt.NDArray[np.int64]
    targets: npt.NDArray[np.integer]
    places: IntArray | None
    where: IntArray | None
    sources: IntArray
