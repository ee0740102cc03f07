"""From the points of an SWC file to unbranched sections: by a table, or by a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

# The published table and its points agree to 6e-5; both are rounded.
_LENGTH_TOLERANCE = 0.005
_LENGTH_TOLERANCE_UM = 0.01

_SOMA, _AIS = REGIONS.index("soma"), REGIONS.index("ais")


@dataclass(frozen=True)
class SWCSection:
    """One unbranched section.

    Attributes
    ----------
    name : empty where the file has none.
    region : index into `REGIONS`.
    first, last : indices of its first and last own point.
    points_um : (n, 4) x, y, z and diameter from its 0-end, two points at least.
    n_compartments : 0 where no table gives it.
    """

    name: str
    region: int
    first: int
    last: int
    points_um: FloatArray
    n_compartments: int = 0

    @property
    def length_um(self) -> float:
        """Length along the points."""
        return length_of(self.points_um)


def split_into_sections(points: SWCPoints) -> list[SWCSection]:
    """Cut the tree where it branches and where its type changes.

    A section whose first point does not lie on its parent's end starts at that end, unless the
    parent is the soma, from whose surface (not center) a tracing starts.

    Raises
    ------
    InputError : a section has no length, or the soma is branched.
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
            points.refuse(start, "makes a section without length", "Move or remove the point")
        sections.append(section)
    return sections


def _starts(points: SWCPoints, children: list[list[int]]) -> list[int]:
    """Points outside the soma that do not go on from their parent."""
    return [
        point
        for point, parent in enumerate(points.parents.tolist())
        if points.regions[point] != _SOMA and _only_child(points, children, parent) != point
    ]


def _only_child(points: SWCPoints, children: list[list[int]], point: int) -> int | None:
    """Return the point that continues the section of `point`."""
    if len(children[point]) != 1 or points.codes[children[point][0]] != points.codes[point]:
        return None
    return children[point][0]


def _from_parents_end(points: SWCPoints, parent: int, own: FloatArray) -> FloatArray:
    """Put the parent's place before `own`, with the branch's diameter, unless it is there."""
    end = points.points_um[parent].copy()
    if np.array_equal(end[:3], own[0, :3]) and len(own) > 1:
        return own
    end[3] = own[0, 3]
    return np.vstack([end, own])


def _soma_chain(points: SWCPoints, children: list[list[int]]) -> list[int]:
    """Points of the soma from end to end; of three, the first may be the middle."""
    root = int(np.flatnonzero(points.parents == NO_PARENT)[0])
    inside = [[c for c in some if points.regions[c] == _SOMA] for some in children]
    if len(inside[root]) == 2 and not any(inside[c] for c in inside[root]):
        return [inside[root][0], root, inside[root][1]]
    chain = [root]
    while inside[chain[-1]]:
        if len(inside[chain[-1]]) > 1:
            points.refuse(
                chain[-1],
                "is where the soma branches",
                "Draw the soma as one point (a sphere), as three, or as a stack from end to end",
            )
        chain.append(inside[chain[-1]][0])
    return chain


def _soma_points(points: SWCPoints, chain: list[int]) -> FloatArray:
    """Points (n, 4) of the soma; a single one becomes a cylinder along y of a sphere's area."""
    own = points.points_um[chain]
    if len(own) > 1 and length_of(own):
        return own
    x, y, z, diameter = own[0]
    return np.array([[x, y - diameter / 2, z, diameter], [x, y + diameter / 2, z, diameter]])


def read_sections_table(
    file: Path, points: SWCPoints, type_codes: Mapping[int, str]
) -> list[SWCSection]:
    """Read the sections of a table like the published one.

    Columns are `TABLE_COLUMNS`: points first_point_id and the n_points − 1 that follow it in
    the SWC file belong to a section, each the child of the one before.

    Raises
    ------
    InputError : the table cannot be read or does not fit the points.
    """
    table = read_text_table(file, _NUMBERS, ["section", "region"], longest_text=_LONGEST_NAME)
    ids, counts = table.whole("first_point_id"), table.whole("n_points")
    n_compartments, lengths = table.whole("n_compartments"), table.columns["length_um"]
    names = [str(name).strip() for name in table.columns["section"]]
    words = [str(word).strip().lower() for word in table.columns["region"]]
    rows = table.rows()
    rows.refuse(counts < 2, "n_points", lambda i: f"{counts[i]} points", "Give 2 at least")
    rows.refuse(
        n_compartments < 1,
        "n_compartments",
        lambda i: f"{n_compartments[i]} compartments",
        "Give 1 at least",
    )
    seen: set[str] = set()
    again = np.array([name in seen or seen.add(name) is not None for name in names], dtype=bool)
    rows.refuse(
        again, "section", lambda i: f"{names[i]!r} occurs twice", "Give each a name of its own"
    )
    rows.refuse(
        np.array([word not in REGIONS for word in words], dtype=bool),
        "region",
        lambda i: f"unknown region {words[i]!r}",
        f"Regions are {', '.join(REGIONS)}",
    )
    index_of = {one: i for i, one in enumerate(points.ids.tolist())}
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
        _check_fit(file, i, section, points, float(lengths[i]), type_codes)
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
) -> None:
    """Refuse a section whose points, types or length are not those of the table."""
    last, n_points = section.last, len(points.ids)
    if last >= n_points:
        _misfit(file, i, "n_points", f"goes beyond the last of {n_points} points")
    inside = np.arange(section.first + 1, last + 1)
    if np.any(points.parents[inside] != inside - 1):
        _misfit(file, i, "n_points", f"points of section {section.name} are not one line")
    own_regions = points.regions[section.first : last + 1]
    dendrites = {"smooth", "spiny"} & {REGIONS[r] for r in set(points.regions.tolist())}
    # A tracing with one type for all dendrites leaves it to the table which are smooth.
    told = len(dendrites) > 1 or section.region in (_SOMA, _AIS) or own_regions[0] in (_SOMA, _AIS)
    if told and np.any(own_regions != section.region):
        other = section.first + int(np.argmax(own_regions != section.region))
        _misfit(
            file,
            i,
            "region",
            f"section {section.name} is {REGIONS[section.region]}, its point {points.ids[other]} "
            f"of type {points.codes[other]} ({type_codes[int(points.codes[other])]})",
        )
    difference_um = abs(section.length_um - length_um)
    if not difference_um <= max(_LENGTH_TOLERANCE_UM, _LENGTH_TOLERANCE * length_um):
        _misfit(
            file,
            i,
            "length_um",
            f"section {section.name} is {section.length_um:.4g} µm long by its points, "
            f"{length_um:.4g} by the table",
        )
    if not section.length_um:
        _misfit(file, i, "length_um", f"section {section.name} has no length")


def _check_cover(file: Path, sections: list[SWCSection], points: SWCPoints) -> None:
    """Refuse a table in which a point belongs to no section or to two, or with two somata."""
    owners = np.full(len(points.ids), -1)
    for i, section in enumerate(sections):
        taken = owners[section.first : section.last + 1]
        if np.any(taken >= 0):
            other = sections[int(taken.max())].name
            _misfit(file, i, "first_point_id", f"{section.name} shares points with {other}")
        taken[:] = i
    if np.any(owners < 0):
        free = int(np.argmax(owners < 0))
        raise InputError(
            f"point {points.ids[free]} of {points.file.name} is in no section",
            file=file,
            remedy=_FIT,
        )
    somata = [i for i, section in enumerate(sections) if section.region == _SOMA]
    if len(somata) > 1:
        _misfit(file, somata[1], "region", "a second soma")


_FIT = "Give the table that belongs to this SWC file, or none"


def _misfit(file: Path, i: int, column: str, problem: str) -> NoReturn:
    raise InputError(problem, file=file, row=i + FIRST_ROW, column=column, remedy=_FIT)
