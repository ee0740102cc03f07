"""The network as a value: cells, synapses, gap junctions and climbing-fiber times.

It knows nothing of NEURON, of ranks or of file formats. Rows are kept in one canonical
order, so that the same network read from different files is the same network, and gives
the same spikes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np
import numpy.typing as npt

from cerebella.network.cell_types import CELL_TYPES, POPULATIONS
from cerebella.network.checks import (
    SYNAPSE_COLUMNS,
    Rows,
    check_gap_rows,
    check_synapses,
    type_of,
)
from cerebella.results.spikes import Population

SILENT_FROM_MS = 10_000.0
"""A tabulated CF time from here on means "silent in this level" (specification §8)."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Synapses:
    """Chemical synapses, one row each, ordered by target, source, dendrite and x.

    Attributes
    ----------
    source_gid, target_gid : (n,) int64.
    dendrite : (n,) int64, dendrite index 0..11 of the target.
    x : (n,) float64, relative position 0..1 on that dendrite.
    table_row : (n,) int64, row of the table that each synapse was read from, counted from 0,
        or None where the table has the order of these rows. The published runs drew their
        delays in the order of the table; nothing else depends on it, and two tables that
        differ only in the order of their rows are equal.
    """

    source_gid: IntArray
    target_gid: IntArray
    dendrite: IntArray
    x: FloatArray
    table_row: IntArray | None = None

    def __post_init__(self) -> None:
        _canonicalize(self, ("target_gid", "source_gid", "dendrite", "x"))
        rows = self.table_row
        if rows is not None:
            in_order = np.arange(len(rows))
            if not np.array_equal(np.sort(rows), in_order):
                raise ValueError(f"table_row must hold each row from 0 to {len(rows) - 1} once")
            if np.array_equal(rows, in_order):
                object.__setattr__(self, "table_row", None)

    @property
    def table_order(self) -> IntArray:
        """Indices of the synapses in the order of their table: (n,) int64."""
        return np.arange(len(self)) if self.table_row is None else np.argsort(self.table_row)

    def __len__(self) -> int:
        return len(self.source_gid)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Synapses) and _same_columns(self, other, SYNAPSE_COLUMNS)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class GapJunctions:
    """Gap junctions, one row for each physical junction, the lower gid on side a.

    Attributes
    ----------
    gid_a, gid_b : (n,) int64, gid_a < gid_b.
    dendrite_a, dendrite_b : (n,) int64, dendrite index 0..11.
    x_a, x_b : (n,) float64, relative position 0..1.
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
            raise ValueError("a gap junction needs two different cells")
        swap = a > b
        for stem in ("gid", "dendrite", "x"):
            side_a = np.asarray(getattr(self, f"{stem}_a"))
            side_b = np.asarray(getattr(self, f"{stem}_b"))
            object.__setattr__(self, f"{stem}_a", np.where(swap, side_b, side_a))
            object.__setattr__(self, f"{stem}_b", np.where(swap, side_a, side_b))
        _canonicalize(self, ("gid_a", "gid_b", "dendrite_a", "x_a", "dendrite_b", "x_b"))

    @classmethod
    def from_directed(cls, columns: Mapping[str, npt.NDArray]) -> GapJunctions:
        """Make junctions of rows that list both directions of each: `GAP_COLUMNS` (2n,)."""
        once = columns["source_gid"] < columns["target_gid"]
        sides = {
            f"{what}_{side}": columns[f"{end}_{what}"][once]
            for side, end in (("a", "source"), ("b", "target"))
            for what in ("gid", "dendrite", "x")
        }
        return cls(**sides)

    def directed(self) -> dict[str, npt.NDArray]:
        """Both directions of each junction, sorted by source: columns `GAP_COLUMNS` (2n,)."""
        columns = {
            f"{end}_{what}": np.concatenate([getattr(self, f"{what}_{side}") for side in sides])
            for end, sides in (("source", "ab"), ("target", "ba"))
            for what in ("gid", "dendrite", "x")
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
    """Convert the columns, check that they are equally long, and sort the rows."""
    columns = {
        name: np.asarray(
            getattr(table, name), dtype=np.float64 if name.startswith("x") else np.int64
        )
        for name in table.__dataclass_fields__
        if getattr(table, name) is not None
    }
    if len({column.shape for column in columns.values()}) > 1:
        raise ValueError(
            "columns must be equally long: "
            + ", ".join(f"{name} {column.shape}" for name, column in columns.items())
        )
    order = _row_order([columns[key] for key in sort_keys])
    for name, column in columns.items():
        column = column[order]
        column.setflags(write=False)
        object.__setattr__(table, name, column)


def _row_order(keys: list[npt.NDArray]) -> IntArray:
    """Order of rows by the first key, then the second, …; for millions of rows.

    As np.lexsort, but the leading whole-number keys are packed into one number and sorted
    once; only rows that tie there are sorted by the rest.
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
    # Equal rows stay in the order given.
    by_rest = np.lexsort([tied, *(key[tied] for key in keys[: n_whole - 1 : -1]), packed[tied]])
    order[tie] = tied[by_rest]
    return order


def _same_columns(
    a: Synapses | GapJunctions, b: Synapses | GapJunctions, names: Iterable[str]
) -> bool:
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def first_gids(cell_counts: Mapping[str, int]) -> dict[str, int]:
    """First gid of each cell type, given the number of cells of each in gid order."""
    starts = np.cumsum([0, *cell_counts.values()])
    return dict(zip(cell_counts, starts.tolist(), strict=False))


def population_ranges(cell_counts: Mapping[str, int]) -> tuple[Population, ...]:
    """Return the gid ranges MLI1, MLI2, PF and CF, given the number of cells of each type."""
    sizes = {
        name: sum(cell_counts[t.name] for t in CELL_TYPES if t.population == name)
        for name in POPULATIONS
    }
    starts = np.cumsum([0, *sizes.values()]).tolist()
    return tuple(
        Population(name, start, size)
        for (name, size), start in zip(sizes.items(), starts, strict=False)
    )


@dataclass(frozen=True, eq=False)
class Network:
    """Who connects to whom in one piece of molecular layer.

    Attributes
    ----------
    cell_counts : cells of each type, by the names of `CELL_TYPES`; gids run through the types
        in that order, from 0, without gaps.
    synapses, gap_junctions : see there.
    cf_times_ms : for each synchrony level the time of every CF, in gid order;
        from `SILENT_FROM_MS` on a CF is silent.
    name : the netid of the published file names.

    Raises
    ------
    InputError : a row of a table cannot be; the message names the first.
    """

    cell_counts: Mapping[str, int]
    synapses: Synapses
    gap_junctions: GapJunctions
    cf_times_ms: Mapping[int, FloatArray] = field(default_factory=dict)
    name: str = "network"

    def __post_init__(self) -> None:
        unknown = set(self.cell_counts) - {t.name for t in CELL_TYPES}
        if unknown:
            raise ValueError(
                f"unknown cell types {sorted(unknown)}; known: {[t.name for t in CELL_TYPES]}"
            )
        if not self.name or "/" in self.name:
            raise ValueError(f"a network cannot be called {self.name!r}: files are named after it")
        counts = {t.name: int(self.cell_counts.get(t.name, 0)) for t in CELL_TYPES}
        object.__setattr__(self, "cell_counts", counts)
        synapses = {name: getattr(self.synapses, name) for name in SYNAPSE_COLUMNS}
        check_synapses(Rows(), synapses, counts)
        check_gap_rows(Rows(), self.gap_junctions.directed(), counts)
        times = {
            int(level): np.asarray(values, dtype=np.float64)
            for level, values in sorted(self.cf_times_ms.items())
        }
        for level, values in times.items():
            if values.shape != (counts["CF"],):
                raise ValueError(
                    f"CF times of level {level} have shape {values.shape}, not ({counts['CF']},)"
                )
            if not (np.isfinite(values) & (values >= 0)).all():
                raise ValueError(f"CF times of level {level} are not all numbers from 0 ms on")
        object.__setattr__(self, "cf_times_ms", times)

    @cached_property
    def first_gid(self) -> dict[str, int]:
        """First gid of each cell type."""
        return first_gids(self.cell_counts)

    def gids(self, cell_type: str) -> range:
        """All gids of one cell type."""
        first = self.first_gid[cell_type]
        return range(first, first + self.cell_counts[cell_type])

    @property
    def n_cells(self) -> int:
        """Number of cells of all types."""
        return sum(self.cell_counts.values())

    @cached_property
    def populations(self) -> tuple[Population, ...]:
        """The gid ranges MLI1, MLI2, PF and CF."""
        return population_ranges(self.cell_counts)

    def population(self, name: str) -> Population:
        """Return the gid range of MLI1, MLI2, PF or CF."""
        return self.populations[POPULATIONS.index(name)]

    def type_index(self, gids: npt.ArrayLike) -> IntArray:
        """Index into `CELL_TYPES` of each gid (array in, array of the same shape out)."""
        return type_of(gids, self.cell_counts)

    def population_index(self, gids: npt.ArrayLike) -> IntArray:
        """Index into `POPULATIONS` of each gid (array in, array of the same shape out)."""
        of_type = np.array([POPULATIONS.index(t.population) for t in CELL_TYPES])
        return of_type[self.type_index(gids)]

    def __eq__(self, other: object) -> bool:
        """Equal content; the name does not count."""
        return (
            isinstance(other, Network)
            and self.cell_counts == other.cell_counts
            and self.synapses == other.synapses
            and self.gap_junctions == other.gap_junctions
            and self.cf_times_ms.keys() == other.cf_times_ms.keys()
            and all(
                np.array_equal(self.cf_times_ms[k], other.cf_times_ms[k]) for k in self.cf_times_ms
            )
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        cells = ", ".join(f"{p.n_cells:,} {p.name}" for p in self.populations)
        levels = ", ".join(map(str, self.cf_times_ms)) or "none"
        return (
            f"<Network {self.name}: {cells}; {len(self.synapses):,} synapses, "
            f"{len(self.gap_junctions):,} gap junctions; CF synchrony levels {levels}>"
        )
