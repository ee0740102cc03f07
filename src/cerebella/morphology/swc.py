"""Morphologies as SWC files, with an optional table of sections.

Unlike common SWC readers, which merge unifurcations, drop the duplicate points that separate
sections, or redraw the soma, this module preserves every point, name and compartment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.morphology.morphology import REGIONS, Morphology, length_of
from cerebella.morphology.regions import assign_regions
from cerebella.morphology.swc_points import NO_PARENT, TYPE_CODES, SWCPoints, read_swc_points
from cerebella.morphology.swc_sections import (
    TABLE_COLUMNS,
    SWCSection,
    read_sections_table,
    split_into_sections,
)
from cerebella.results.atomic import atomic_file
from cerebella.results.outputs import check_file_output, refuse_existing

COMPARTMENT_LENGTH_UM = 4.0
"""Approximately the median length of the spiny sections of the published traced cell."""

_CODE_OF = {region: code for code, region in TYPE_CODES.items()}
_SOMA, _AIS = REGIONS.index("soma"), REGIONS.index("ais")


def load_morphology(
    swc: Path | str,
    sections: Path | str | None = None,
    *,
    type_codes: Mapping[int, str] = TYPE_CODES,
    compartment_length_um: float = COMPARTMENT_LENGTH_UM,
) -> Morphology:
    """Load a morphology from an SWC file.

    Parameters
    ----------
    swc : Path or str
        SWC file: id, type, x, y, z, radius (µm), parent.
    sections : Path or str, optional
        CSV table of sections with columns first_point_id, n_points, section, region,
        n_compartments, length_um. Without a table, the tree is divided at branch points and at
        changes of type, and a section of length L has
        ``max(1, round(L / compartment_length_um))`` compartments.
    type_codes : mapping of int to {"soma", "ais", "smooth", "spiny"}, optional
        Region of each type code in the file; by default 1 is the soma, 2 the axon initial
        segment, 5 smooth and 3 spiny dendrite.
    compartment_length_um : float, default 4.0
        Target length of compartments in µm, used without a table.

    Returns
    -------
    Morphology
        The soma is first and parents precede children; otherwise the order is that of the table
        or the file. The axon initial segment is attached to the 0-end of the soma and dendrites
        to its 1-end, unless a table states otherwise.

    Raises
    ------
    InputError
        If a file is invalid; the message names the file, row and value, and a remedy.

    See Also
    --------
    save_morphology : Write a morphology.

    Notes
    -----
    If all dendrites have the same type and there is no table, smooth and spiny dendrite are told
    apart by the length that a section carries, its path distance and its diameter, each relative
    to the cell (docs/morphologies.md).

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("cell.swc").write_text('''
    ... 1 1 0  0 0 8   -1
    ... 2 2 0 -9 0 0.5  1
    ... 3 2 0 -25 0 0.5 2
    ... 4 5 0  9 0 2    1
    ... 5 5 0 40 0 2    4
    ... 6 3 9 60 0 0.6  5
    ... 7 3 -9 60 0 0.6 5
    ... ''')
    >>> cb.load_morphology("cell.swc")
    <Morphology 'cell': 5 sections (1 soma, 1 ais, 1 smooth, 2 spiny), 26 compartments>
    """
    swc = Path(swc)
    check_type_codes(type_codes)
    check_compartment_length(compartment_length_um)
    points = read_swc_points(swc, type_codes)
    if sections is None:
        parts = split_into_sections(points)
    else:
        parts = read_sections_table(Path(sections), points, type_codes)
    return assemble_sections(
        swc.stem, points, parts, compartment_length_um, has_table=sections is not None
    )


def assemble_sections(
    name: str,
    points: SWCPoints,
    parts: list[SWCSection],
    compartment_length_um: float,
    *,
    has_table: bool = False,
) -> Morphology:
    """Order sections with parents before children, and determine regions and compartments.

    Parameters
    ----------
    name : str
        Name of the cell.
    points : SWCPoints
        Its points.
    parts : list of SWCSection
        Its sections.
    compartment_length_um : float
        Target length of compartments without a table.
    has_table : bool
        The regions of the sections are those of a table.

    Returns
    -------
    Morphology
    """
    parents = _parents_of(parts, points)
    order = _parents_first(parts, parents)
    place = {part: i for i, part in enumerate(order)}
    parts = [parts[part] for part in order]
    parents = np.array([place.get(parents[part], NO_PARENT) for part in order])
    regions = np.array([part.region for part in parts])
    lengths_um = np.array([part.length_um for part in parts])
    if not has_table:
        regions = assign_regions(regions, parents, [part.points_um for part in parts])
    by_rule = np.maximum(1, np.round(lengths_um / compartment_length_um)).astype(np.int64)
    given = np.array([part.n_compartments for part in parts])
    return Morphology(
        name=name,
        section_names=_names(parts, regions),
        regions=regions,
        parents=parents,
        parent_ends=_parent_ends(parts, parents, points),
        n_compartments=np.where(given > 0, given, by_rule),
        first_points=np.cumsum([0, *(len(part.points_um) for part in parts)]),
        points_um=np.concatenate([part.points_um for part in parts]),
    )


def save_morphology(
    morphology: Morphology,
    swc: Path | str,
    sections: Path | str | None = None,
    *,
    comments: Iterable[str] = (),
) -> None:
    """Write a morphology as an SWC file and an optional table of sections.

    With the table, `load_morphology` restores everything except the name exactly. Equal
    morphologies yield identical bytes. Existing files are replaced atomically.

    Parameters
    ----------
    morphology : Morphology
        Morphology to write.
    swc : Path or str
        SWC file.
    sections : Path or str, optional
        CSV table of sections, as read by `load_morphology`.
    comments : iterable of str
        Lines of comments at the start of the SWC file.

    Examples
    --------
    >>> morphology = cb.load_default_morphology()
    >>> cb.save_morphology(morphology, "cell.swc", "cell_sections.csv")
    >>> again = cb.load_morphology("cell.swc", "cell_sections.csv")
    >>> np.array_equal(again.points_um, morphology.points_um)
    True
    """
    m = morphology
    first_ids = m.first_points + 1
    lines = [
        f"# {m.name}: a Purkinje cell of {m.n_sections} sections; lengths in µm",
        "# types: " + ", ".join(f"{code} {region}" for code, region in TYPE_CODES.items()),
        "# Each section keeps its own first point; that of the soma's children is attached to the",
        "# soma's first or last point.",
        *(f"# {comment}" for comment in comments),
        "# id type x y z radius parent",
    ]
    for section in range(m.n_sections):
        code = _CODE_OF[REGIONS[m.regions[section]]]
        parent = _parent_point_id(m, section)
        for i, (x, y, z, diameter) in enumerate(m.points_of(section).tolist()):
            one = first_ids[section] + i
            lines.append(f"{one} {code} {x!r} {y!r} {z!r} {diameter / 2!r} {parent}")
            parent = one
    _write(Path(swc), lines)
    if sections is not None:
        _write(Path(sections), _table_lines(m))


def _table_lines(m: Morphology) -> Iterable[str]:
    yield ",".join(TABLE_COLUMNS)
    for section, name in enumerate(m.section_names):
        points = m.points_of(section)
        region = REGIONS[m.regions[section]]
        yield (
            f"{m.first_points[section] + 1},{len(points)},{name},"
            f"{'AIS' if region == 'ais' else region},{m.n_compartments[section]},"
            f"{length_of(points):.4f}"
        )


def _parent_point_id(m: Morphology, section: int) -> int:
    parent = int(m.parents[section])
    if parent == NO_PARENT:
        return NO_PARENT
    end = m.first_points[parent] if m.parent_ends[section] == 0 else m.first_points[parent + 1] - 1
    return int(end) + 1


def _write(file: Path, lines: Iterable[str]) -> None:
    with atomic_file(file) as temporary:
        temporary.write_text("".join(f"{line}\n" for line in lines), "utf-8", newline="\n")


def check_compartment_length(length_um: float) -> None:
    """Raise InputError unless the target length of compartments is positive."""
    if not 0 < length_um < float("inf"):
        raise InputError(
            f"compartment length {length_um:g} µm is not positive",
            remedy=f"The default is {COMPARTMENT_LENGTH_UM:g} µm",
        )


def check_swc_output(swc: Path, *, force: bool) -> None:
    """Raise InputError unless an SWC file of this name may be written.

    Parameters
    ----------
    swc : Path
        File to write.
    force : bool
        It may replace an existing file.
    """
    if swc.suffix.lower() != ".swc":
        raise InputError("a morphology is written as SWC", file=swc, remedy="End the name in .swc")
    if not force:
        refuse_existing(swc)
    check_file_output(swc)


def check_type_codes(type_codes: Mapping[int, str]) -> None:
    """Raise InputError if a type code stands for an unknown region."""
    for code, region in type_codes.items():
        if region not in REGIONS:
            raise InputError(
                f"unknown region {region!r} for type code {code}",
                remedy=f"Regions are {', '.join(REGIONS)}",
            )


def _parents_of(parts: list[SWCSection], points: SWCPoints) -> list[int]:
    """Return the parent section of each section, from the parent of its first point."""
    owner = np.full(len(points.ids), NO_PARENT)
    soma = next(i for i, part in enumerate(parts) if part.region == _SOMA)
    owner[points.regions == _SOMA] = soma
    for i, part in enumerate(parts):
        point = part.last  # walk back through the points of the section
        while point != part.first and i != soma:
            owner[point] = i
            point = int(points.parents[point])
        owner[part.first] = i
    return [
        NO_PARENT if i == soma else int(owner[points.parents[part.first]])
        for i, part in enumerate(parts)
    ]


def _parents_first(parts: list[SWCSection], parents: list[int]) -> list[int]:
    """Order sections so that the soma is first and parents precede children; stable."""
    order: dict[int, None] = {parents.index(NO_PARENT): None}
    for part in range(len(parts)):
        line = [part]
        while parents[line[-1]] not in order and line[-1] not in order:
            line.append(parents[line[-1]])
        order.update(dict.fromkeys(reversed(line)))
    return list(order)


def _parent_ends(parts: list[SWCSection], parents: np.ndarray, points: SWCPoints) -> np.ndarray:
    """Return the end of the parent, 0 or 1, at which each section starts, (n_sections,).

    If all sections start at the same point of the soma, its ends are not defined by the file:
    the axon initial segment is attached to end 0 and the dendrites to end 1.
    """
    at_point = points.parents[[part.first for part in parts]]
    on_soma = np.flatnonzero(parents == 0)
    ends_differ = parts[0].name or len(set(at_point[on_soma].tolist())) > 1
    ends = np.ones(len(parts), dtype=np.int64)
    ends[0] = 0
    for i in range(1, len(parts)):
        part, parent, at = parts[i], parts[parents[i]], at_point[i]
        if at in (parent.first, parent.last) and (ends_differ or parents[i] != 0):
            ends[i] = at == parent.last
        elif parents[i] == 0:
            ends[i] = part.region != _AIS
        else:
            points.refuse(
                part.first,
                f"starts section {part.name}, but its parent {points.ids[at]} is neither the "
                f"first nor the last point of section {parent.name}",
                "Give the sections table of this SWC file, or omit the table",
            )
    return ends


def _names(parts: list[SWCSection], regions: np.ndarray) -> tuple[str, ...]:
    """Return the names from the table, or soma, ais[0], smooth[0], spiny[0] and so on."""
    count = dict.fromkeys(REGIONS, 0)
    names = []
    for part, index in zip(parts, regions.tolist(), strict=True):
        region = REGIONS[index]
        names.append(part.name or (f"{region}[{count[region]}]" if region != "soma" else region))
        count[region] += 1
    return tuple(names)
