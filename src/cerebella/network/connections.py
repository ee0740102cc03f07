"""Tables of chemical synapses and gap junctions, with rows in canonical order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import prod

import numpy as np
import numpy.typing as npt

from cerebella.network.checks import SYNAPSE_COLUMNS

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Synapses:
    """Chemical synapses, one per row, ordered by target, source, dendrite and x.

    Attributes
    ----------
    source_gid, target_gid : ndarray of int64, shape (n_synapses,)
        Gids of the presynaptic and the postsynaptic cell.
    dendrite : ndarray of int64, shape (n_synapses,)
        Dendrite of the target cell, 0 to 11.
    x : ndarray of float64, shape (n_synapses,)
        Relative position on that dendrite, 0 to 1.
    table_row : ndarray of int64, shape (n_synapses,), or None
        Row of the table from which each synapse was read, counted from 0; None if the table is
        in canonical order. The published runs drew their delays in the order of the table;
        nothing else depends on it, and comparison ignores it.

    Raises
    ------
    ValueError
        If the columns differ in length, or `table_row` is not a permutation.
    """

    source_gid: IntArray
    target_gid: IntArray
    dendrite: IntArray
    x: FloatArray
    table_row: IntArray | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _canonicalize(self, ("target_gid", "source_gid", "dendrite", "x"))
        rows = self.table_row
        if rows is not None:
            in_order = np.arange(len(rows))
            if not np.array_equal(np.sort(rows), in_order):
                raise ValueError(
                    f"table_row must contain each row from 0 to {len(rows) - 1} exactly once"
                )
            if np.array_equal(rows, in_order):
                object.__setattr__(self, "table_row", None)

    @property
    def table_order(self) -> IntArray:
        """Indices of the synapses in the order of their table, shape (n_synapses,)."""
        return np.arange(len(self)) if self.table_row is None else np.argsort(self.table_row)

    def __len__(self) -> int:
        return len(self.source_gid)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Synapses) and _same_columns(self, other, SYNAPSE_COLUMNS)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class GapJunctions:
    """Gap junctions, one row per physical junction, with the lower gid on side a.

    Attributes
    ----------
    gid_a, gid_b : ndarray of int64, shape (n_junctions,)
        Gids of the two cells; ``gid_a < gid_b``.
    dendrite_a, dendrite_b : ndarray of int64, shape (n_junctions,)
        Dendrite on each side, 0 to 11.
    x_a, x_b : ndarray of float64, shape (n_junctions,)
        Relative position on each dendrite, 0 to 1.

    Raises
    ------
    ValueError
        If the columns differ in length or a junction connects a cell to itself.
    """

    gid_a: IntArray
    dendrite_a: IntArray
    x_a: FloatArray
    gid_b: IntArray
    dendrite_b: IntArray
    x_b: FloatArray

    def __post_init__(self) -> None:
        a, b = np.asarray(self.gid_a), np.asarray(self.gid_b)
        if np.any(a == b):
            raise ValueError("a gap junction must connect two different cells")
        swap = a > b
        for stem in ("gid", "dendrite", "x"):
            side_a = np.asarray(getattr(self, f"{stem}_a"))
            side_b = np.asarray(getattr(self, f"{stem}_b"))
            object.__setattr__(self, f"{stem}_a", np.where(swap, side_b, side_a))
            object.__setattr__(self, f"{stem}_b", np.where(swap, side_a, side_b))
        _canonicalize(self, ("gid_a", "gid_b", "dendrite_a", "x_a", "dendrite_b", "x_b"))

    @classmethod
    def from_directed(cls, columns: Mapping[str, npt.NDArray]) -> GapJunctions:
        """Build junctions from rows that list each one in both directions.

        Parameters
        ----------
        columns : mapping of str to ndarray, shape (2 * n_junctions,)
            Columns named as in `GAP_COLUMNS`.

        Returns
        -------
        GapJunctions
        """
        forward = columns["source_gid"] < columns["target_gid"]
        sides = {
            f"{quantity}_{side}": columns[f"{end}_{quantity}"][forward]
            for side, end in (("a", "source"), ("b", "target"))
            for quantity in ("gid", "dendrite", "x")
        }
        return cls(**sides)

    def directed(self) -> dict[str, npt.NDArray]:
        """List each junction in both directions, sorted by source gid.

        Returns
        -------
        dict of str to ndarray, shape (2 * n_junctions,)
            Columns named as in `GAP_COLUMNS`.
        """
        columns = {
            f"{end}_{quantity}": np.concatenate(
                [getattr(self, f"{quantity}_{side}") for side in sides]
            )
            for end, sides in (("source", "ab"), ("target", "ba"))
            for quantity in ("gid", "dendrite", "x")
        }
        order = np.lexsort((columns["target_gid"], columns["source_gid"]))
        return {name: column[order] for name, column in columns.items()}

    def __len__(self) -> int:
        return len(self.gid_a)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GapJunctions) and _same_columns(
            self, other, self.__dataclass_fields__
        )

    __hash__ = None  # type: ignore[assignment]


def _canonicalize(table: Synapses | GapJunctions, sort_keys: tuple[str, ...]) -> None:
    """Convert the columns, check that their lengths agree, and sort the rows."""
    columns = {
        name: np.asarray(
            getattr(table, name), dtype=np.float64 if name.startswith("x") else np.int64
        )
        for name in table.__dataclass_fields__
        if getattr(table, name) is not None
    }
    if len({column.shape for column in columns.values()}) > 1:
        raise ValueError(
            "columns must have the same length: "
            + ", ".join(f"{name} {column.shape}" for name, column in columns.items())
        )
    order = _row_order([columns[key] for key in sort_keys])
    for name, column in columns.items():
        column = column[order]
        column.setflags(write=False)
        object.__setattr__(table, name, column)


def _row_order(keys: list[npt.NDArray]) -> IntArray:
    """Sort rows by the first key, then the second, and so on; fast for millions of rows.

    Equivalent to np.lexsort, but the leading integer keys are packed into a single integer and
    sorted once; only the rows that tie there are sorted by the remaining keys.
    """
    n_whole = next(i for i, key in enumerate(keys) if key.dtype.kind == "f")
    spans = [int(key.max(initial=0)) + 1 for key in keys[:n_whole]]
    too_wide = prod(spans) >= 2**63 or any(key.min(initial=0) < 0 for key in keys[:n_whole])
    if too_wide or not len(keys[0]):
        return np.lexsort(keys[::-1])
    packed = np.zeros(len(keys[0]), dtype=np.int64)
    for key, span in zip(keys, spans, strict=False):
        packed = packed * span + key
    order = np.argsort(packed)
    in_order = packed[order]
    equal = np.concatenate([[False], in_order[1:] == in_order[:-1], [False]])
    tie = equal[1:] | equal[:-1]
    tied = order[tie]
    # Equal rows keep their order.
    by_rest = np.lexsort([tied, *(key[tied] for key in keys[: n_whole - 1 : -1]), packed[tied]])
    order[tie] = tied[by_rest]
    return order


def _same_columns(
    a: Synapses | GapJunctions, b: Synapses | GapJunctions, names: Iterable[str]
) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)
