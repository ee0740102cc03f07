"""Places on a cell as text: regions, path distances, random ones, sections with a position."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.places import compartments_at


@pytest.fixture(scope="module")
def cell():
    return load_default_morphology()


def of(cell, *regions):
    compartments = compute_compartments(cell)
    return np.concatenate([compartments.of(region) for region in regions]).tolist()


@pytest.mark.parametrize("region", ["soma", "ais"])
def test_soma_and_initial_segment_are_their_middle(cell, region):
    (one,) = compartments_at(region, cell)
    assert one in of(cell, region)
    assert compute_compartments(cell).x[one] == pytest.approx(0.55)


def test_other_regions_are_all_of_their_compartments(cell):
    assert compartments_at("spiny", cell).tolist() == of(cell, "spiny")
    assert compartments_at("dend", cell).tolist() == sorted(of(cell, "smooth", "spiny"))
    assert compartments_at("all", cell).tolist() == list(range(len(compute_compartments(cell))))


def test_a_path_distance_is_the_nearest_compartment_of_the_region(cell):
    (one,) = compartments_at("spiny[150um]", cell)
    distance = compute_compartments(cell).path_distance_um
    spiny = of(cell, "spiny")
    assert one in spiny
    assert abs(distance[one] - 150) == np.abs(distance[spiny] - 150).min()
    assert compartments_at(" spiny[ 150 µm ]", cell).tolist() == [one]


def test_a_range_of_path_distances_contains_its_ends(cell):
    distance = compute_compartments(cell).path_distance_um
    found = compartments_at("spiny[100-200um]", cell)
    inside = [i for i in of(cell, "spiny") if 100 <= distance[i] <= 200]
    assert found.tolist() == inside
    low = repr(float(distance[found].min()))
    assert len(compartments_at(f"spiny[{low}-{low}um]", cell)) >= 1
    assert len(compartments_at("soma[0-100um]", cell)) == 10


def test_random_places_follow_from_the_seed_and_fewer_are_a_part_of_more(cell):
    five = compartments_at("spiny[random 5]", cell, seed=3).tolist()
    assert five == compartments_at("spiny[random 5]", cell, seed=3).tolist() == sorted(set(five))
    assert set(five) <= set(of(cell, "spiny"))
    assert set(five) < set(compartments_at("spiny[random 9]", cell, seed=3).tolist())
    assert five != compartments_at("spiny[random 5]", cell, seed=4).tolist()


def test_a_section_has_a_number_within_its_region_or_a_name(cell):
    compartments = compute_compartments(cell)
    names = np.array(cell.section_names)[compartments.section]
    for place, name in (
        ("spiny[12]", "spiny[12]"),
        ("dend[3]", "smooth[3]"),
        ("all[1]", "ais[0]"),
        ("smooth[3](0.5)", "smooth[3]"),
    ):
        (one,) = compartments_at(place, cell)
        assert names[one] == name
    own = np.flatnonzero(names == "smooth[0]")
    assert compartments_at("smooth[0](0)", cell).tolist() == own[:1].tolist()
    assert compartments_at("smooth[0](1)", cell).tolist() == own[-1:].tolist()
    assert compartments_at("soma(0.05)", cell).tolist() == [0]


def test_a_section_with_all_that_it_carries(cell):
    compartments = compute_compartments(cell)
    parents = cell.parents.tolist()
    (start,) = compartments_at("smooth[3]", cell)
    root = int(compartments.section[start])

    def hangs_on_root(section):
        return section == root or (parents[section] >= 0 and hangs_on_root(parents[section]))

    expected = [i for i, s in enumerate(compartments.section.tolist()) if hangs_on_root(s)]
    assert compartments_at("smooth[3]+", cell).tolist() == expected
    assert {*cell.regions[compartments.section[expected]].tolist()} == {2, 3}
    assert len(compartments_at("soma+", cell)) == len(compartments)
    (tip,) = np.flatnonzero(np.isin(np.arange(cell.n_sections), cell.parents, invert=True))[-1:]
    name = f"{cell.section_names[tip]}+"
    assert (
        compartments_at(name, cell).tolist() == np.flatnonzero(compartments.section == tip).tolist()
    )


def test_a_name_comes_before_a_number(cell):
    names = list(cell.section_names)
    names[2], names[3] = names[3], "trunk.a"
    renamed = dataclasses.replace(cell, section_names=tuple(names))
    assert compartments_at("smooth[1](0)", renamed) == compartments_at("smooth[0](0)", cell)
    assert compartments_at("trunk.a(0)", renamed) == compartments_at("smooth[1](0)", cell)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("axon", "there is no place 'axon' on default. Places are soma, ais, smooth"),
        ("spiny[]", r"there is no place 'spiny\[\]'"),
        ("spiny[far]", r"there is no place 'spiny\[far\]'"),
        ("spiny(0.5)", r"there is no place 'spiny\(0.5\)'"),
        ("", "there is no place ''"),
        ("+", "there is no place ''"),
        ("spiny[1105]", r"spiny of default has 1105 sections. Give spiny\[0\] to spiny\[1104\]"),
        ("spiny[3](1.5)", "1.5 is not a position on a section. Give 0 for its beginning to 1"),
        ("spiny[900um]", "Path distances of spiny from the soma are 50 to 268 µm"),
        ("spiny[200-100um]", r"there is no place 'spiny\[200-100um\]'"),
        ("soma[random 11]", "11 compartments cannot be drawn from the 10 of soma. Give 1 to 10"),
        ("soma[random 0]", "0 compartments cannot be drawn"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(cell, place, message):
    with pytest.raises(InputError, match=message):
        compartments_at(place, cell)


def test_a_cell_without_a_region_says_so(cell):
    without = dataclasses.replace(cell, regions=np.where(cell.regions == 1, 2, cell.regions))
    with pytest.raises(
        InputError, match=r"default has no ais\. Its regions are soma, smooth, spiny"
    ):
        compartments_at("ais", without)
