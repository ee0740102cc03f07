"""Generated cells have the statistics of the traced one."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.growth.generate import generate_morphology
from cerebella.morphology.morphology import REGIONS, length_of
from cerebella.morphology.statistics import describe_morphology
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters
from cerebella.parameters.traced_morphology import TRACED


def assert_like_the_traced_cell(cell):
    values = describe_morphology(cell).values
    exact = {"spiny_sections": 1105, "tips": 568, "branch_points": 567, "smooth_sections": 30}
    assert {key: values[key] for key in exact} == exact
    assert values["branch_points_not_binary"] == 0
    for region in ("smooth", "spiny"):
        for key, tolerance in ((f"{region}_length_um", 0.015), (f"{region}_area_um2", 0.005)):
            assert values[key] == pytest.approx(TRACED[key].value, rel=tolerance), key
    for low in (50, 100, 150, 200):
        key = f"spiny_length_{low}_{low + 50}_um"
        assert values[key] == pytest.approx(TRACED[key].value, rel=0.2), key
    assert 45 <= values["spiny_thin_share_percent"] <= 60
    assert 6.4 <= values["impedance_500Hz_MOhm"] <= 7.0
    assert describe_morphology(cell).warnings == ()


def mirror_overlap(cell):
    """Share of 10 µm squares with dendrite that have dendrite in their mirror image in x, too."""
    c = compute_compartments(cell)
    squares = {tuple(s) for s in np.floor(c.position_um[c.region >= 2, :2] / 10).astype(int)}
    return sum((-1 - x, y) in squares for x, y in squares) / len(squares)


def test_a_generated_cell_is_like_the_traced_one(generated_cell):
    assert_like_the_traced_cell(generated_cell)


def test_the_arbor_is_flat_and_leans(generated_cell):
    values = describe_morphology(generated_cell).values
    assert values["depth_um"] < 30
    assert 200 < values["width_um"] < 300
    assert 200 < values["height_um"] < 280
    assert mirror_overlap(generated_cell) < 0.85


def test_sections_join(generated_cell):
    cell = generated_cell
    for section in range(1, cell.n_sections):
        parent = cell.points_of(cell.parents[section])
        end = parent[-1] if cell.parent_ends[section] else parent[0]
        np.testing.assert_array_equal(cell.points_of(section)[0, :3], end[:3])
        assert length_of(cell.points_of(section)) > 0


def test_regions_follow_each_other_outwards(generated_cell):
    cell = generated_cell
    allowed = {("ais", "soma"), ("smooth", "soma"), ("smooth", "smooth")}
    allowed |= {("spiny", "smooth"), ("spiny", "spiny")}
    names = [REGIONS[r] for r in cell.regions]
    pairs = {(names[s], names[cell.parents[s]]) for s in range(1, cell.n_sections)}
    assert pairs == allowed
    assert cell.parent_ends[1] == 0  # the axon starts at the soma's other end
    assert np.all(cell.parent_ends[2:] == 1)
    subtrees = [s for s in cell.sections_of("spiny") if names[cell.parents[s]] == "smooth"]
    assert len(subtrees) == 31


def test_soma_and_axon_have_the_calibre_of_the_traced_cell(generated_cell):
    values = describe_morphology(generated_cell).values
    assert values["soma_area_um2"] == pytest.approx(1642, rel=2e-3)
    c = compute_compartments(generated_cell)
    traced = [6.027, 15.114, 19.468, 21.110, 21.683, 21.080, 18.309, 13.237, 7.204, 3.900]
    np.testing.assert_allclose(c.diameter_um[c.of("soma")], traced, rtol=0.18)
    traced = [1.492, 1.101, 1.10, 1.10, 1.02, 0.775, 0.74, 0.74, 0.74, 0.74]
    np.testing.assert_allclose(c.diameter_um[c.of("ais")], traced, rtol=0.05)


def test_the_seed_makes_the_cell():
    few = PurkinjeMorphologyParameters(
        n_tips=200, spiny_length_um=4500, spiny_area_um2=15000, first_spacing_um=4
    )
    first, again, other = (generate_morphology(few, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.points_um, again.points_um)
    assert first.points_um.shape != other.points_um.shape
    assert describe_morphology(first).values["tips"] == 200
    assert (first.name, other.name) == ("seed_1", "seed_2")


def test_what_cannot_be_generated_is_named():
    with pytest.raises(InputError, match="seed -1 is negative"):
        generate_morphology(seed=-1)
    with pytest.raises(InputError, match=r"room for .* carrier points"):
        generate_morphology(PurkinjeMorphologyParameters(first_spacing_um=30))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 112))
def test_cells_of_other_seeds_are_like_the_traced_one(seed):
    assert_like_the_traced_cell(generate_morphology(seed=seed))
