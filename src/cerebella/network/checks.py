"""Validation of network tables, column by column; messages name the first invalid row.

The same checks apply to published CSV tables, SONATA files and networks built in Python;
`Rows` holds the names of rows and columns in each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES, N_DENDRITES, POPULATIONS

Column = npt.NDArray[np.float64] | npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

SYNAPSE_COLUMNS = ("source_gid", "target_gid", "dendrite", "x")
GAP_COLUMNS = (
    *("source_gid", "target_gid"),
    *("source_dendrite", "source_x"),
    *("target_dendrite", "target_x"),
)
_POPULATION_OF_TYPE = np.array([POPULATIONS.index(t.population) for t in CELL_TYPES])
_N_MLI_POPULATIONS = 2  # MLI1 and MLI2 come first


@dataclass(frozen=True)
class Rows:
    """Origin of the rows of a table.

    Attributes
    ----------
    file : Path or None
        The file; None for values built in Python.
    name_of : mapping of str to str
        Names of columns in the file, where they differ.
    first_row : int or None
        Number of the first row in the file; None if rows are elements of an array, which
        messages name as ``column[5]``, counted from 0.
    cells : str
        Source of the list of cells, for messages.
    """

    file: Path | None = None
    name_of: Mapping[str, str] = field(default_factory=dict)
    first_row: int | None = None
    cells: str = "the network"

    def refuse(
        self,
        bad: BoolArray,
        column: str,
        problem: Callable[[int], str] | str,
        remedy: str,
    ) -> None:
        """Raise InputError for the first invalid row, if there is one.

        Parameters
        ----------
        bad : ndarray of bool, shape (n_rows,)
            Marks invalid rows.
        column : str
            Column to name in the message.
        problem : str or callable
            Description of the problem, or a function of the row index that returns it.
        remedy : str
            How to correct it.

        Raises
        ------
        InputError
            If any row is marked.
        """
        rows = np.flatnonzero(bad)
        if not len(rows):
            return
        first, n_further = int(rows[0]), len(rows) - 1
        name = self.name_of.get(column, column)
        text = problem if isinstance(problem, str) else problem(first)
        if n_further:
            text += f" (and {n_further:,} further row{'s' if n_further > 1 else ''})"
        raise InputError(
            text,
            file=self.file,
            row=None if self.first_row is None else first + self.first_row,
            column=name if self.first_row is not None else f"{name}[{first}]",
            remedy=remedy,
        )


def type_of(gids: npt.ArrayLike, cell_counts: Mapping[str, int]) -> npt.NDArray[np.int64]:
    """Return the index of each cell's type in `CELL_TYPES`.

    Parameters
    ----------
    gids : array_like of int
        Gids of cells.
    cell_counts : mapping of str to int
        Number of cells of each type, in gid order.

    Returns
    -------
    ndarray of int64
        Same shape as `gids`.
    """
    return np.searchsorted(np.cumsum(list(cell_counts.values())), np.asarray(gids), side="right")


def check_synapses(
    rows: Rows, columns: Mapping[str, Column], cell_counts: Mapping[str, int] | None
) -> None:
    """Validate the rows of a table of synapses.

    Parameters
    ----------
    rows : Rows
        Names of rows and columns, for messages.
    columns : mapping of str to ndarray, shape (n_synapses,)
        `SYNAPSE_COLUMNS`.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Raises
    ------
    InputError
        For the first invalid row.
    """
    source, target = columns["source_gid"], columns["target_gid"]
    _check_gids(rows, columns, ("source_gid", "target_gid"), cell_counts)
    check_dendrite(rows, "dendrite", columns["dendrite"])
    check_x(rows, "x", columns["x"])
    rows.refuse(
        source == target,
        "target_gid",
        lambda i: f"cell {target[i]:.0f} has a synapse onto itself (an autapse)",
        "Remove the row",
    )
    if cell_counts is not None:
        _check_mli(rows, "target_gid", target, cell_counts, "is the target of a synapse")


def check_gap_rows(
    rows: Rows, columns: Mapping[str, Column], cell_counts: Mapping[str, int] | None
) -> None:
    """Validate the rows of a table of gap junctions.

    Parameters
    ----------
    rows : Rows
        Names of rows and columns, for messages.
    columns : mapping of str to ndarray, shape (2 * n_junctions,)
        `GAP_COLUMNS`, with each junction in both directions.
    cell_counts : mapping of str to int or None
        Number of cells of each type; None skips the checks that depend on it.

    Raises
    ------
    InputError
        For the first invalid row.
    """
    source, target = columns["source_gid"], columns["target_gid"]
    _check_gids(rows, columns, ("source_gid", "target_gid"), cell_counts)
    for side in ("source", "target"):
        check_dendrite(rows, f"{side}_dendrite", columns[f"{side}_dendrite"])
        check_x(rows, f"{side}_x", columns[f"{side}_x"])
    rows.refuse(
        source == target,
        "target_gid",
        lambda i: f"cell {target[i]:.0f} has a gap junction with itself (an autapse)",
        "Remove the row",
    )
    if cell_counts is not None:
        for name in ("source_gid", "target_gid"):
            _check_mli(rows, name, columns[name], cell_counts, "has a gap junction")
    rows.refuse(
        without_mirror(columns),
        "target_gid",
        lambda i: (
            f"gap junction {source[i]:.0f}→{target[i]:.0f} has no mirror row "
            f"{_mirror_text(columns, i)}"
        ),
        "List each junction in both directions, with the same dendrites and positions",
    )


def without_mirror(columns: Mapping[str, Column]) -> BoolArray:
    """Mark rows of gap junctions without a row for the opposite direction.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (n_rows,)
        `GAP_COLUMNS`.

    Returns
    -------
    ndarray of bool, shape (n_rows,)
    """
    forward = columns["source_gid"] < columns["target_gid"]
    ends = []
    for low in (forward, ~forward):
        ends += [
            np.where(low, columns[f"source_{quantity}"], columns[f"target_{quantity}"])
            for quantity in ("gid", "dendrite", "x")
        ]
    junctions, junction = np.unique(
        np.stack(ends, axis=1, dtype=np.float64), axis=0, return_inverse=True
    )
    n_forward = np.bincount(junction[forward], minlength=len(junctions))
    n_backward = np.bincount(junction[~forward], minlength=len(junctions))
    return np.where(forward, (n_forward > n_backward)[junction], (n_backward > n_forward)[junction])


def _mirror_text(columns: Mapping[str, Column], i: int) -> str:
    order = ("target_gid", "source_gid", "target_dendrite", "target_x")
    order += ("source_dendrite", "source_x")
    return ",".join(
        repr(float(columns[name][i])) if name.endswith("x") else f"{columns[name][i]:.0f}"
        for name in order
    )


def check_dendrite(rows: Rows, column: str, dendrite: Column) -> None:
    """Raise InputError for dendrite indices that do not exist in an MLI."""
    rows.refuse(
        ~((dendrite >= 0) & (dendrite < N_DENDRITES)),
        column,
        lambda i: f"dendrite {dendrite[i]:g} does not exist",
        f"MLI dendrites are numbered 0 to {N_DENDRITES - 1}",
    )


def check_x(rows: Rows, column: str, x: Column) -> None:
    """Raise InputError for relative positions that are NaN or outside [0, 1]."""
    rows.refuse(np.isnan(x), column, "the position is NaN", "Give a value from 0 to 1")
    rows.refuse(
        ~((x >= 0) & (x <= 1)),
        column,
        lambda i: f"position {float(x[i])!r} is outside the range 0 to 1",
        "Give a relative position, from 0 (proximal end) to 1 (distal end)",
    )


def _check_gids(
    rows: Rows,
    columns: Mapping[str, Column],
    names: tuple[str, ...],
    cell_counts: Mapping[str, int] | None,
) -> None:
    n_cells = np.inf if cell_counts is None else sum(cell_counts.values())
    for name in names:
        gids = columns[name]
        rows.refuse(
            ~((gids >= 0) & (gids < n_cells)),
            name,
            lambda i, gids=gids: f"unknown gid {gids[i]:.0f}",
            "Gids start at 0"
            if cell_counts is None
            else f"Give a gid from {rows.cells}: 0 to {n_cells - 1}",
        )


def _check_mli(
    rows: Rows, column: str, gids: Column, cell_counts: Mapping[str, int], role: str
) -> None:
    cell_type = type_of(gids, cell_counts)
    rows.refuse(
        _POPULATION_OF_TYPE[cell_type] >= _N_MLI_POPULATIONS,
        column,
        lambda i: f"gid {gids[i]:.0f} {role} but is a {CELL_TYPES[cell_type[i]].published_label}",
        f"Give an MLI (IN1 or IN2): gids 0 to {cell_counts['MLI1'] + cell_counts['MLI2'] - 1}"
        f" of {rows.cells}",
    )
