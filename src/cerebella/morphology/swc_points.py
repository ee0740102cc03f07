"""Points of an SWC file, validated to form a single tree with its root in the soma."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.text import quoted, whole_lines
from cerebella.morphology.morphology import REGIONS

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

TYPE_CODES: Mapping[int, str] = {1: "soma", 2: "ais", 5: "smooth", 3: "spiny"}
"""Region of each type code. In SWC, 3 is (basal) dendrite; codes from 5 on are user-defined."""

NO_PARENT = -1
PREPARE = "prepare the cell with `prepare_morphology`"
"""Remedy for tracings that can be completed."""

_COLUMNS = ("id", "type", "x", "y", "z", "radius", "parent")
_WHOLE = ("id", "type", "parent")
_LENGTHS = ("x", "y", "z", "radius")
_INTEGER = re.compile(r"[-+]?[0-9]{1,30}")
_LARGEST_WHOLE = 2**63 - 1
_COMMAS = re.compile(r"\s*[^\s,]+(\s*,\s*[^\s,]+){6,}\s*")
"""A row in which commas separate at least seven values."""


@dataclass(frozen=True)
class SWCPoints:
    """Points of one file, in file order.

    Attributes
    ----------
    file : Path
        The file.
    rows : ndarray of int64, shape (n_points,)
        Row of each point in the file, counted from 1.
    ids, codes : ndarray of int64, shape (n_points,)
        Id and type code, as in the file.
    regions : ndarray of int64, shape (n_points,)
        Index into `REGIONS`, from the type code.
    parents : ndarray of int64, shape (n_points,)
        Index of the parent point; `NO_PARENT` for the root.
    points_um : ndarray of float, shape (n_points, 4)
        x, y, z and diameter.
    """

    file: Path
    rows: IntArray
    ids: IntArray
    codes: IntArray
    regions: IntArray
    parents: IntArray
    points_um: FloatArray

    def children(self) -> list[list[int]]:
        """Return the indices of the children of each point, in file order."""
        children: list[list[int]] = [[] for _ in self.ids]
        for point, parent in enumerate(self.parents.tolist()):
            if parent != NO_PARENT:
                children[parent].append(point)
        return children

    def refuse(self, point: int, problem: str, remedy: str) -> NoReturn:
        """Raise InputError for one point."""
        raise InputError(
            f"point {self.ids[point]} {problem}",
            file=self.file,
            row=int(self.rows[point]),
            remedy=remedy,
        )


def read_swc_points(file: Path, type_codes: Mapping[int, str]) -> SWCPoints:
    """Read and validate all points.

    Parameters
    ----------
    file : Path
        SWC file.
    type_codes : mapping of int to str
        Region of each type code.

    Returns
    -------
    SWCPoints

    Raises
    ------
    InputError
        If the file cannot be read; a line is malformed, a value not finite, a radius not
        positive, or a type unknown; an id occurs twice or a parent is missing (orphan); the
        points do not form a single tree with its root in the soma; or a region has no points.
    """
    rows, whole, points_um = read_values(file, whole_lines(file))
    _check_radii(points_um[:, 3], rows, file)
    ids, codes, parent_ids = whole.T
    points_um[:, 3] *= 2
    points = SWCPoints(
        file,
        rows,
        ids,
        codes,
        _regions_of(codes, ids, rows, file, type_codes),
        indices_of_parents(ids, parent_ids, rows, file),
        points_um,
    )
    check_single_root(points)
    check_no_loop(points)
    _check_regions(points, type_codes)
    return points


def read_values(file: Path, lines: Iterable[str]) -> tuple[IntArray, IntArray, FloatArray]:
    """Read the values of all points.

    Parameters
    ----------
    file : Path
        The file, for messages.
    lines : iterable of str
        Its lines. Values may be separated by spaces, tabs or commas.

    Returns
    -------
    rows : ndarray of int64, shape (n_points,)
        Row of each point in the file, counted from 1.
    whole : ndarray of int64, shape (n_points, 3)
        Id, type and id of the parent.
    lengths : ndarray of float, shape (n_points, 4)
        x, y, z and radius.

    Raises
    ------
    InputError
        There are no points, a line is malformed, or a value is not a finite number.
    """
    rows, whole, lengths = [], [], []
    for row, line in enumerate(lines, start=1):
        text = line.partition("#")[0]
        words = text.split(",") if _COMMAS.fullmatch(text) else text.split()
        if words:
            named = _named_values(words, file, row)
            rows.append(row)
            whole.append([_whole(named, name, file, row) for name in _WHOLE])
            lengths.append([_length(named, name, file, row) for name in _LENGTHS])
    if not rows:
        raise InputError("contains no points", file=file, remedy="Copy or export the file again")
    return np.array(rows), np.array(whole, dtype=np.int64), np.array(lengths)


def _named_values(words: list[str], file: Path, row: int) -> dict[str, str]:
    if len(words) < len(_COLUMNS):
        raise InputError(
            f"{quoted(' '.join(words))} has {len(words)} value{'s' if len(words) > 1 else ''}, "
            f"but a point has {len(_COLUMNS)}: {' '.join(_COLUMNS)}",
            file=file,
            row=row,
            remedy="The file may be truncated here: copy it again, or correct the row",
        )
    return dict(zip(_COLUMNS, map(str.strip, words), strict=False))


def _whole(named: Mapping[str, str], name: str, file: Path, row: int) -> int:
    """Return an integer below 2⁶³, which may also be written as 3.0."""
    word = named[name]
    if _INTEGER.fullmatch(word):
        value = int(word)
        if abs(value) <= _LARGEST_WHOLE:
            return value
        problem, remedy = f"{quoted(word)} is larger than 2⁶³ − 1", "Number the points from 1"
    else:
        number = _length(named, name, file, row)
        if number == math.floor(number) and abs(number) <= 2**53:
            return int(number)
        problem, remedy = f"{quoted(word)} is not an integer", "Give an integer"
    raise InputError(problem, file=file, row=row, column=name, remedy=remedy)


def _length(named: Mapping[str, str], name: str, file: Path, row: int) -> float:
    """Return a finite number."""
    word = named[name]
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        has_comma = "," in word
        raise InputError(
            f"{quoted(word)} is not a finite number" + (": it has a comma" if has_comma else ""),
            file=file,
            row=row,
            column=name,
            remedy="Write decimals with a point, such as 0.5" if has_comma else "Give a number",
        )
    return value


def _check_radii(radii_um: FloatArray, rows: IntArray, file: Path) -> None:
    if (radii_um > 0).all():
        return
    first = int(np.argmax(radii_um <= 0))
    raise InputError(
        f"radius {radii_um[first]:g} is not positive",
        file=file,
        row=int(rows[first]),
        column="radius",
        remedy=f"Give the radius in µm, or {PREPARE}",
    )


def _regions_of(
    codes: IntArray, ids: IntArray, rows: IntArray, file: Path, type_codes: Mapping[int, str]
) -> IntArray:
    regions = np.empty(len(codes), np.int64)
    for i, code in enumerate(codes.tolist()):
        if code not in type_codes:
            raise InputError(
                f"point {ids[i]} has the unknown type {code}",
                file=file,
                row=int(rows[i]),
                column="type",
                remedy="Known types are "
                + ", ".join(f"{known} ({region})" for known, region in type_codes.items())
                + f"; assign a region to others with type codes, or {PREPARE}",
            )
        regions[i] = REGIONS.index(type_codes[code])
    return regions


def indices_of_parents(ids: IntArray, parent_ids: IntArray, rows: IntArray, file: Path) -> IntArray:
    """Return the index of the parent of each point; `NO_PARENT` stays.

    Raises
    ------
    InputError
        An id occurs twice, or a parent is missing (orphan).
    """
    index_of: dict[int, int] = {}
    for i, one in enumerate(ids.tolist()):
        if one in index_of:
            raise InputError(
                f"point {one} occurs twice, first in row {rows[index_of[one]]}",
                file=file,
                row=int(rows[i]),
                column="id",
                remedy="Give each point a unique id",
            )
        index_of[one] = i
    parents = np.full(len(ids), NO_PARENT)
    for i, parent in enumerate(parent_ids.tolist()):
        if parent == NO_PARENT:
            continue
        if parent not in index_of:
            raise InputError(
                f"point {ids[i]} is an orphan: its parent {parent} does not exist",
                file=file,
                row=int(rows[i]),
                column="parent",
                remedy="Give the id of a point in this file, or -1 for the root",
            )
        parents[i] = index_of[parent]
    return parents


def check_single_root(points: SWCPoints) -> None:
    """Raise InputError if several points have no parent."""
    roots = np.flatnonzero(points.parents == NO_PARENT)
    if len(roots) > 1:
        points.refuse(
            int(roots[1]),
            f"is a second root, after point {points.ids[roots[0]]}"
            + (f" (and {len(roots) - 2} further roots)" if len(roots) > 2 else ""),
            f"A cell has a single root: connect the parts, keep one of them, or {PREPARE}",
        )


def check_no_loop(points: SWCPoints) -> None:
    """Raise InputError unless all points descend from a root."""
    children = points.children()
    reached = np.zeros(len(points.ids), dtype=bool)
    to_visit = np.flatnonzero(points.parents == NO_PARENT).tolist()
    while to_visit:
        point = to_visit.pop()
        reached[point] = True
        to_visit += children[point]
    if not reached.all():
        points.refuse(
            int(np.argmin(reached)),
            "is not connected to a root: its chain of parents contains a loop",
            "Correct the parents; the root, in the soma, has parent -1",
        )


def _check_regions(points: SWCPoints, type_codes: Mapping[int, str]) -> None:
    soma = REGIONS.index("soma")
    present = set(points.regions.tolist())
    for needed in (("soma",), ("ais",), ("smooth", "spiny")):
        if not present & {REGIONS.index(region) for region in needed}:
            codes = [str(code) for code, region in type_codes.items() if region in needed]
            raise InputError(
                f"has no {_WORDS[needed[0]]}: no point of type {' or '.join(codes)}",
                file=points.file,
                remedy=f"Specify its type with type codes, or {PREPARE}; a cell needs a soma, an "
                "axon initial segment and dendrites",
            )
    root = int(np.flatnonzero(points.parents == NO_PARENT)[0])
    if points.regions[root] != soma:
        points.refuse(
            root, "is the root but not in the soma", f"Place it in the soma, or {PREPARE}"
        )
    inside = (points.regions == soma) & (points.parents != NO_PARENT)
    astray = inside & (points.regions[points.parents] != soma)
    if astray.any():
        points.refuse(
            int(np.argmax(astray)),
            "is in the soma but its parent is not",
            "The soma must be connected and start at the root",
        )


_WORDS = {"soma": "soma", "ais": "axon initial segment", "smooth": "dendrite"}
