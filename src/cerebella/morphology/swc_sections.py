"""Division of the points of an SWC file into unbranched sections, by a table or by a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.morphology import REGIONS, length_of
from cerebella.morphology.swc_points import NO_PARENT, SWCPoints
from cerebella.network.csv_text import FIRST_ROW, read_text_table

FloatArray = npt.NDArray[np.float64]

TABLE_COLUMNS = (
    *("first_point_id", "n_points", "section", "region", "n_compartments", "length_um"),
)
_NUMBERS = ("first_point_id", "n_points", "n_compartments", "length_um")
_LONGEST_NAME = 256

# The published table and its points agree within 6e-5; both are rounded.
_LENGTH_TOLERANCE = 0.005
_LENGTH_TOLERANCE_UM = 0.01

_SOMA, _AIS = REGIONS.index("soma"), REGIONS.index("ais")


@dataclass(frozen=True)
class SWCSection:
    """One unbranched section.

    Attributes
    ----------
    name : str
        Name; empty without a table.
    region : int
        Index into `REGIONS`.
    first, last : int
        Indices of the first and last point that belong to it.
    points_um : ndarray of float, shape (n_points, 4)
        x, y, z and diameter from its 0-end; at least two points.
    n_compartments : int
        Number of compartments; 0 without a table.
    """

    name: str
    region: int
    first: int
    last: int
    points_um: FloatArray
    n_compartments: int = 0

    @cached_property
    def length_um(self) -> float:
        """Length along the points."""
        return length_of(self.points_um)


def split_into_sections(points: SWCPoints) -> list[SWCSection]:
    """Divide the tree at branch points and at changes of type.

    The end of the parent is prepended to a section that does not start there, unless the parent
    is the soma: tracings start at its surface, not at its center.

    Parameters
    ----------
    points : SWCPoints
        Validated points.

    Returns
    -------
    list of SWCSection
        The soma first.

    Raises
    ------
    InputError
        If a section has zero length or the soma branches.
    """
    children = points.children()
    soma = _soma_chain(points, children)
    sections = [SWCSection("", _SOMA, soma[0], soma[-1], _soma_points(points, soma))]
    for start in _starts(points, children):
        chain = [start]
        while (only := _only_child(points, children, chain[-1])) is not None:
            chain.append(only)
        own = points.points_um[chain]
        parent = int(points.parents[start])
        if len(chain) == 1 or points.regions[parent] != _SOMA:
            own = _from_parents_end(points, parent, own)
        section = SWCSection("", int(points.regions[start]), start, chain[-1], own)
        if not section.length_um:
            points.refuse(start, "forms a section of zero length", "Move or remove the point")
        sections.append(section)
    return sections


def _starts(points: SWCPoints, children: list[list[int]]) -> list[int]:
    """Return the points outside the soma that do not continue the section of their parent."""
    return [
        point
        for point, parent in enumerate(points.parents.tolist())
        if points.regions[point] != _SOMA and _only_child(points, children, parent) != point
    ]


def _only_child(points: SWCPoints, children: list[list[int]], point: int) -> int | None:
    """Return the point that continues the section of `point`, if there is one."""
    if len(children[point]) != 1 or points.codes[children[point][0]] != points.codes[point]:
        return None
    return children[point][0]


def _from_parents_end(points: SWCPoints, parent: int, own: FloatArray) -> FloatArray:
    """Prepend the position of the parent to `own`, with the diameter of the branch."""
    end = points.points_um[parent].copy()
    if np.array_equal(end[:3], own[0, :3]) and len(own) > 1:
        return own
    end[3] = own[0, 3]
    return np.vstack([end, own])


def _soma_chain(points: SWCPoints, children: list[list[int]]) -> list[int]:
    """Return the points of the soma from end to end; of three, the first may be the middle."""
    root = int(np.flatnonzero(points.parents == NO_PARENT)[0])
    inside = [[c for c in some if points.regions[c] == _SOMA] for some in children]
    if len(inside[root]) == 2 and not any(inside[c] for c in inside[root]):
        return [inside[root][0], root, inside[root][1]]
    chain = [root]
    while inside[chain[-1]]:
        if len(inside[chain[-1]]) > 1:
            points.refuse(
                chain[-1],
                f"is a branch point within the soma: {len(inside[chain[-1]])} points of the soma "
                "are attached to it",
                "Describe the soma as one point (a sphere), three points, or a stack of points",
            )
        chain.append(inside[chain[-1]][0])
    return chain


def _soma_points(points: SWCPoints, chain: list[int]) -> FloatArray:
    """Return the points of the soma, (n, 4); a single one becomes a cylinder of equal area."""
    own = points.points_um[chain]
    if len(own) > 1 and length_of(own):
        return own
    x, y, z, diameter = own[0]
    return np.array([[x, y - diameter / 2, z, diameter], [x, y + diameter / 2, z, diameter]])


def read_sections_table(
    file: Path, points: SWCPoints, type_codes: Mapping[int, str]
) -> list[SWCSection]:
    """Read the sections from a table in the published format.

    Columns are `TABLE_COLUMNS`. A section consists of the point first_point_id and the
    n_points − 1 points that follow it in the SWC file, each the child of the previous one.

    Parameters
    ----------
    file : Path
        The table.
    points : SWCPoints
        Validated points of the SWC file.
    type_codes : mapping of int to str
        Region of each type code.

    Returns
    -------
    list of SWCSection
        In the order of the table.

    Raises
    ------
    InputError
        If the table cannot be read or does not match the points.
    """
    table = read_text_table(file, _NUMBERS, ["section", "region"], longest_text=_LONGEST_NAME)
    ids, counts = table.whole("first_point_id"), table.whole("n_points")
    n_compartments, lengths = table.whole("n_compartments"), table.columns["length_um"]
    names = [str(name).strip() for name in table.columns["section"]]
    words = [str(word).strip().lower() for word in table.columns["region"]]
    rows = table.rows()
    rows.refuse(counts < 2, "n_points", lambda i: f"{counts[i]} points", "Give at least 2")
    rows.refuse(
        n_compartments < 1,
        "n_compartments",
        lambda i: f"{n_compartments[i]} compartments",
        "Give at least 1",
    )
    seen: set[str] = set()
    again = np.array([name in seen or seen.add(name) is not None for name in names], dtype=bool)
    rows.refuse(
        again, "section", lambda i: f"{names[i]!r} occurs twice", "Give each section a unique name"
    )
    rows.refuse(
        np.array([word not in REGIONS for word in words], dtype=bool),
        "region",
        lambda i: f"unknown region {words[i]!r}",
        f"Regions are {', '.join(REGIONS)}",
    )
    index_of = {one: i for i, one in enumerate(points.ids.tolist())}
    dendrites = {"smooth", "spiny"} & {REGIONS[r] for r in set(points.regions.tolist())}
    sections = []
    for i, name in enumerate(names):
        first = index_of.get(int(ids[i]))
        if first is None:
            _misfit(file, i, "first_point_id", f"point {ids[i]} is not in {points.file.name}")
        section = SWCSection(
            name,
            REGIONS.index(words[i]),
            first,
            first + int(counts[i]) - 1,
            points.points_um[first : first + int(counts[i])],
            int(n_compartments[i]),
        )
        _check_fit(file, i, section, points, float(lengths[i]), type_codes, dendrites)
        sections.append(section)
    _check_cover(file, sections, points)
    return sections


def _check_fit(
    file: Path,
    i: int,
    section: SWCSection,
    points: SWCPoints,
    length_um: float,
    type_codes: Mapping[int, str],
    dendrites: set[str],
) -> None:
    """Raise InputError if the points, types or length of a section contradict the table."""
    last, n_points = section.last, len(points.ids)
    if last >= n_points:
        _misfit(file, i, "n_points", f"extends beyond the last of {n_points} points")
    inside = np.arange(section.first + 1, last + 1)
    if np.any(points.parents[inside] != inside - 1):
        _misfit(file, i, "n_points", f"points of section {section.name} are not an unbranched line")
    own_regions = points.regions[section.first : last + 1]
    # In a tracing with a single dendritic type, the table defines the smooth sections.
    defined = (
        len(dendrites) > 1 or section.region in (_SOMA, _AIS) or own_regions[0] in (_SOMA, _AIS)
    )
    if defined and np.any(own_regions != section.region):
        other = section.first + int(np.argmax(own_regions != section.region))
        _misfit(
            file,
            i,
            "region",
            f"section {section.name} is {REGIONS[section.region]}, but its point "
            f"{points.ids[other]} has type {points.codes[other]} "
            f"({type_codes[int(points.codes[other])]})",
        )
    difference_um = abs(section.length_um - length_um)
    if not difference_um <= max(_LENGTH_TOLERANCE_UM, _LENGTH_TOLERANCE * length_um):
        _misfit(
            file,
            i,
            "length_um",
            f"section {section.name} has a length of {section.length_um:.4g} µm in the SWC file, "
            f"but {length_um:.4g} µm in the table",
        )
    if not section.length_um:
        _misfit(file, i, "length_um", f"section {section.name} has zero length")


def _check_cover(file: Path, sections: list[SWCSection], points: SWCPoints) -> None:
    """Raise InputError unless each point belongs to one section and there is one soma."""
    owners = np.full(len(points.ids), -1)
    for i, section in enumerate(sections):
        taken = owners[section.first : section.last + 1]
        if np.any(taken >= 0):
            other = sections[int(taken.max())].name
            _misfit(file, i, "first_point_id", f"{section.name} shares points with {other}")
        taken[:] = i
    if np.any(owners < 0):
        unassigned = int(np.argmax(owners < 0))
        raise InputError(
            f"point {points.ids[unassigned]} of {points.file.name} is not in any section",
            file=file,
            remedy=_FIT,
        )
    somata = [i for i, section in enumerate(sections) if section.region == _SOMA]
    if len(somata) > 1:
        _misfit(file, somata[1], "region", "defines a second soma")


_FIT = "Give the sections table of this SWC file, or omit the table"


def _misfit(file: Path, i: int, column: str, problem: str) -> NoReturn:
    raise InputError(problem, file=file, row=i + FIRST_ROW, column=column, remedy=_FIT)
