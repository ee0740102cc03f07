"""Places on a cell as text: a region, a path distance, a section with a position.

soma, ais            middle of the soma, of the axon initial segment
smooth, spiny        all compartments of a region; dend is both, all is the whole cell
spiny[150um]         the compartment of the region nearest to a path distance from the soma
spiny[100-200um]     its compartments within a range of path distances
spiny[random 5]      five of its compartments, drawn at random
spiny[12](0.5)       a section of the region by number, and the position on it, 0.5 if omitted
smth_A1_0(0.5)       a section by its name
spiny[12]+           a section and all that it carries
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from cerebella.errors import InputError
from cerebella.morphology.compartments import Compartments, IntArray, compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.randomness import Purpose, generator

GROUPS: dict[str, tuple[str, ...]] = {
    **{region: (region,) for region in REGIONS},
    "dend": ("smooth", "spiny"),
    "all": REGIONS,
}
"""Regions of each name that a place can start with."""

PLACES = (
    f"{', '.join(GROUPS)}, spiny[150um], spiny[100-200um], spiny[random 5], a section "
    "such as spiny[12](0.5), or spiny[12]+ with all that it carries"
)
"""The forms of places, for messages."""

_IN_THEIR_MIDDLE = ("soma", "ais")
_NUMBER = r"(?:\d+\.?\d*|\.\d+)"
_SECTION = re.compile(rf"(?P<section>.+?)(?:\((?P<x>{_NUMBER})\))?")
_PART = re.compile(r"(?P<group>\w+)\[(?P<which>[^\]]*)\]")
_DISTANCE = re.compile(rf"\s*({_NUMBER})(?:\s*-\s*({_NUMBER}))?\s*[uµ]m\s*")
_RANDOM = re.compile(r"\s*random\s+(\d+)\s*")


def compartments_at(place: str, morphology: Morphology, *, seed: int = 0) -> IntArray:
    """Return the compartments at a place.

    Parameters
    ----------
    place : str
        A region, a path distance or a section; see `cerebella.morphology.places`.
    morphology : Morphology
        The cell.
    seed : int
        Seed of the random stream of places such as ``"spiny[random 5]"``, the run's.

    Returns
    -------
    ndarray of int64
        Indices into `Compartments`, increasing and at least one.

    Raises
    ------
    InputError
        The cell has no such place; the message names what it has.

    Examples
    --------
    >>> from cerebella.morphology.places import compartments_at
    >>> cell = cb.load_default_morphology()
    >>> compartments = cb.compute_compartments(cell)
    >>> (one,) = compartments_at("spiny[150um]", cell)
    >>> print(f"{compartments.path_distance_um[one]:.0f} µm")
    150 µm
    >>> len(compartments_at("smooth[0-100um]", cell)), len(compartments_at("all", cell))
    (57, 2569)
    """
    place = place.strip()
    if place.endswith("+"):
        return _carried_by(place, morphology, seed)
    match = _SECTION.fullmatch(place)
    section, x = (match["section"], match["x"]) if match else (place, None)
    if section in morphology.section_names and section not in GROUPS:
        return _on_section(morphology.section_names.index(section), x, place, morphology)
    if section in GROUPS:
        return _of_group(section, x, place, morphology)
    part = _PART.fullmatch(section)
    if part is None or part["group"] not in GROUPS:
        raise _unknown(place, morphology)
    group, which = part["group"], part["which"]
    if which.isdecimal():
        sections = np.flatnonzero(np.isin(morphology.regions, _regions(group)))
        if int(which) >= len(sections):
            raise InputError(
                f"there is no place {place!r}: {group} of {morphology.name} has "
                f"{len(sections)} sections",
                remedy=f"Give {group}[0] to {group}[{len(sections) - 1}]"
                if len(sections)
                else f"Choose from {PLACES}",
            )
        return _on_section(int(sections[int(which)]), x, place, morphology)
    if x is not None:
        raise _unknown(place, morphology)
    own = _all_of(group, place, morphology)
    for form, select in _SELECTIONS.items():
        if selected := form.fullmatch(which):
            return select(own, selected, group, place, morphology, seed)
    raise _unknown(place, morphology)


def _regions(group: str) -> list[int]:
    return [REGIONS.index(region) for region in GROUPS[group]]


def _all_of(group: str, place: str, morphology: Morphology) -> IntArray:
    """Return all compartments of a group; raise InputError if there is none."""
    own = np.flatnonzero(np.isin(compute_compartments(morphology).region, _regions(group)))
    if not len(own):
        there = [name for name in GROUPS if np.isin(morphology.regions, _regions(name)).any()]
        raise InputError(
            f"there is no place {place!r}: {morphology.name} has no {group}",
            remedy=f"Its regions are {', '.join(there)}",
        )
    return own


def _of_group(group: str, x: str | None, place: str, morphology: Morphology) -> IntArray:
    own = _all_of(group, place, morphology)
    if group in _IN_THEIR_MIDDLE:
        first = int(compute_compartments(morphology).section[own[0]])
        return _on_section(first, x, place, morphology)
    if x is not None:
        raise _unknown(place, morphology)
    return own


def _on_section(section: int, x: str | None, place: str, morphology: Morphology) -> IntArray:
    """Return the compartment at a position of a section."""
    position = 0.5 if x is None else float(x)
    if position > 1:
        raise InputError(
            f"place {place!r}: {position:g} is not a position on a section",
            remedy="Give 0 for its beginning to 1 for its end",
        )
    n = int(morphology.n_compartments[section])
    first = int(morphology.n_compartments[:section].sum())
    return np.array([first + min(int(position * n), n - 1)])


def _carried_by(place: str, morphology: Morphology, seed: int) -> IntArray:
    """Return the compartments of a section and of all sections that it carries."""
    section_of = compute_compartments(morphology).section
    sections = section_of[compartments_at(place.removesuffix("+"), morphology, seed=seed)]
    is_carried = np.zeros(morphology.n_sections, dtype=bool)
    is_carried[sections] = True
    for section, parent in enumerate(morphology.parents.tolist()):  # parents come first
        is_carried[section] |= parent >= 0 and is_carried[parent]
    return np.flatnonzero(is_carried[section_of])


def _at_distance(
    own: IntArray, form: re.Match[str], group: str, place: str, morphology: Morphology, seed: int
) -> IntArray:
    compartments = compute_compartments(morphology)
    distance = compartments.path_distance_um[own]
    low, high = float(form[1]), float(form[2] or form[1])
    if form[2] is None:
        found = own[[np.abs(distance - low).argmin()]]
        found = found if np.floor(distance.min()) <= low <= np.ceil(distance.max()) else found[:0]
    else:
        found = own[(low <= distance) & (distance <= high)]
    if not len(found):
        raise InputError(
            f"there is no place {place!r} on {morphology.name}",
            remedy=f"Path distances of {group} from the soma are {_range(compartments, own)}",
        )
    return found


def _range(compartments: Compartments, own: IntArray) -> str:
    distance = compartments.path_distance_um[own]
    return f"{np.floor(distance.min()):.0f} to {np.ceil(distance.max()):.0f} µm"


def _at_random(
    own: IntArray, form: re.Match[str], group: str, place: str, morphology: Morphology, seed: int
) -> IntArray:
    count = int(form[1])
    if not 0 < count <= len(own):
        raise InputError(
            f"place {place!r}: {count} compartments cannot be drawn from the {len(own)} of {group}",
            remedy=f"Give 1 to {len(own)}",
        )
    # Fewer are a part of more, and the same whatever is recorded there.
    return np.sort(generator(seed, Purpose.RECORDED_PLACES).permutation(own)[:count])


_SELECTIONS: dict[re.Pattern[str], Callable[..., IntArray]] = {
    _DISTANCE: _at_distance,
    _RANDOM: _at_random,
}


def _unknown(place: str, morphology: Morphology) -> InputError:
    return InputError(
        f"there is no place {place!r} on {morphology.name}", remedy=f"Places are {PLACES}"
    )
