"""The network as a value: cells, synapses, gap junctions and climbing-fiber times.

It does not depend on NEURON, on MPI ranks or on file formats. Rows are kept in a canonical
order, so that a network read from different file formats compares equal and yields the same
spikes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.names import checked_name
from cerebella.network.cell_types import CELL_TYPES, POPULATIONS
from cerebella.network.checks import (
    SYNAPSE_COLUMNS,
    Rows,
    check_gap_rows,
    check_synapses,
    type_of,
)
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.results.html_table import table_as_html
from cerebella.results.spikes import Population

SILENT_FROM_MS = 10_000.0
"""Tabulated CF times at or above this value mark a CF that is silent in the level (ms)."""

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def first_gids(cell_counts: Mapping[str, int]) -> dict[str, int]:
    """Return the first gid of each cell type.

    Parameters
    ----------
    cell_counts : mapping of str to int
        Number of cells of each type, in gid order.

    Returns
    -------
    dict of str to int
    """
    starts = np.cumsum([0, *cell_counts.values()])
    return dict(zip(cell_counts, starts.tolist(), strict=False))


def population_ranges(cell_counts: Mapping[str, int]) -> tuple[Population, ...]:
    """Return the gid ranges of the populations MLI1, MLI2, PF and CF.

    Parameters
    ----------
    cell_counts : mapping of str to int
        Number of cells of each type.

    Returns
    -------
    tuple of Population
        One per population, in gid order.
    """
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
    """Connectivity of a patch of the molecular layer.

    Parameters
    ----------
    cell_counts : mapping of str to int
        Number of cells of each type, by the names in `CELL_TYPES`. Gids are contiguous from 0
        and follow the order of the types.
    synapses : Synapses
        Chemical synapses.
    gap_junctions : GapJunctions
        Electrical synapses.
    cf_times_ms : mapping of int to ndarray of float, shape (n_cf,), optional
        For each synchrony level, the spike time of every CF in ms, in gid order. A time of
        10 000 ms or later marks a CF that is silent in that level.
    name : str, default "network"
        Identifier used in the published file names (``netid``).

    Raises
    ------
    InputError
        If a row of a table is invalid, in which case the message names the first such row; a
        cell type is unknown; the CF times do not match the number of CFs; or the name cannot be
        part of a file name.

    Notes
    -----
    The cell types and the connectivity are those of park2026.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> network.n_cells, len(network.gap_junctions)
    (2163, 49)
    >>> [(p.name, p.n_cells) for p in network.populations]
    [('MLI1', 21), ('MLI2', 6), ('PF', 2134), ('CF', 2)]
    >>> network.gids("MLI2")
    range(21, 27)
    >>> int(np.sum(network.population_index(network.synapses.source_gid) == 3))  # CF→MLI2
    24
    """

    cell_counts: Mapping[str, int]
    synapses: Synapses
    gap_junctions: GapJunctions
    cf_times_ms: Mapping[int, FloatArray] = field(default_factory=dict)
    name: str = "network"

    def __post_init__(self) -> None:
        unknown = set(self.cell_counts) - {t.name for t in CELL_TYPES}
        if unknown:
            raise InputError(
                f"unknown cell types {sorted(unknown)}; known: {[t.name for t in CELL_TYPES]}"
            )
        checked_name(self.name, "network")
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
                raise InputError(
                    f"CF times of level {level} have shape {values.shape}, not ({counts['CF']},)"
                )
            if not (np.isfinite(values) & (values >= 0)).all():
                raise InputError(
                    f"CF times of level {level} must be finite and not negative (in ms)"
                )
        object.__setattr__(self, "cf_times_ms", times)

    @cached_property
    def derived(self) -> dict[str, Any]:
        """Values that a simulation of this network keeps for the next one, such as its wiring."""
        return {}

    @cached_property
    def first_gid(self) -> dict[str, int]:
        """First gid of each cell type."""
        return first_gids(self.cell_counts)

    def gids(self, cell_type: str) -> range:
        """Return the gids of one cell type.

        Parameters
        ----------
        cell_type : str
            Name of the type, such as ``"MLI1"`` or ``"PF_PC_MLI1"``.

        Returns
        -------
        range
        """
        first = self.first_gid[cell_type]
        return range(first, first + self.cell_counts[cell_type])

    @property
    def n_cells(self) -> int:
        """Total number of cells, fibers included."""
        return sum(self.cell_counts.values())

    @cached_property
    def populations(self) -> tuple[Population, ...]:
        """Gid ranges of MLI1, MLI2, PF and CF."""
        return population_ranges(self.cell_counts)

    def population(self, name: str) -> Population:
        """Return the gid range of one population.

        Parameters
        ----------
        name : {"MLI1", "MLI2", "PF", "CF"}
            Name of the population.

        Returns
        -------
        Population
        """
        return self.populations[POPULATIONS.index(name)]

    def type_index(self, gids: npt.ArrayLike) -> IntArray:
        """Return the index of each cell's type in `CELL_TYPES`.

        Parameters
        ----------
        gids : array_like of int
            Gids of cells.

        Returns
        -------
        ndarray of int64
            Same shape as `gids`.
        """
        return type_of(gids, self.cell_counts)

    def population_index(self, gids: npt.ArrayLike) -> IntArray:
        """Return the index of each cell's population in `POPULATIONS`.

        Parameters
        ----------
        gids : array_like of int
            Gids of cells.

        Returns
        -------
        ndarray of int64
            Same shape as `gids`.
        """
        of_type = np.array([POPULATIONS.index(t.population) for t in CELL_TYPES])
        return of_type[self.type_index(gids)]

    def __eq__(self, other: object) -> bool:
        """Compare the contents; the name is ignored."""
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

    def _repr_html_(self) -> str:
        levels = {
            f"CF synchrony {level}": f"{(times < SILENT_FROM_MS).sum()} CFs fire"
            for level, times in self.cf_times_ms.items()
        }
        rows = {
            **{p.name: f"{p.n_cells:,} cells" for p in self.populations},
            "synapses": f"{len(self.synapses):,}",
            "gap junctions": f"{len(self.gap_junctions):,}",
            **levels,
        }
        return table_as_html(f"Network {self.name}", rows)
