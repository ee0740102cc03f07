"""Compartments against closed forms, NEURON and the table of the traced cell."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS


def build_in_neuron(h, morphology):
    sections = [h.Section(name=f"s{i}") for i in range(morphology.n_sections)]
    for i, section in enumerate(sections):
        for point in morphology.points_of(i):
            h.pt3dadd(*point, sec=section)
        section.nseg = int(morphology.n_compartments[i])
        if i:
            parent = sections[morphology.parents[i]]
            section.connect(parent(float(morphology.parent_ends[i])), 0)
        section.Ra = 120
    return sections


def assert_as_in_neuron(h, morphology):
    ours = compute_compartments(morphology, origin_x=0.5 / morphology.n_compartments[0])
    sections = build_in_neuron(h, morphology)
    h.distance(0, sections[0](0.5 / morphology.n_compartments[0]))
    segments = [segment for section in sections for segment in section]
    # NEURON keeps points in single precision, and starts distances at a compartment's center.
    theirs = {
        "x": [s.x for s in segments],
        "diameter_um": [s.diam for s in segments],
        "area_um2": [s.area() for s in segments],
        "path_distance_um": [h.distance(s) for s in segments],
        "length_um": [s.sec.L / s.sec.nseg for s in segments],
    }
    for name, values in theirs.items():
        np.testing.assert_allclose(getattr(ours, name), values, rtol=1e-5, atol=2e-5, err_msg=name)
    # NEURON's ri is that from a compartment's center to the one before, in MΩ.
    inner = np.flatnonzero(np.diff(ours.section) == 0) + 1
    ri = np.array([s.ri() for s in segments])
    own = 120 * (ours.axial_per_um[inner, 0] + ours.axial_per_um[inner - 1, 1]) * 0.01
    np.testing.assert_allclose(own, ri[inner], rtol=1e-5)


def test_a_cylinder_has_equal_compartments(small_cell):
    c = compute_compartments(small_cell)
    ais = c.of("ais")
    # 18 µm in four compartments, tapering from 1.2 to 0.8.
    np.testing.assert_allclose(c.length_um[ais], 4.5)
    np.testing.assert_allclose(c.x[ais], [0.125, 0.375, 0.625, 0.875])
    np.testing.assert_allclose(c.diameter_um[ais], [1.15, 1.05, 0.95, 0.85])
    np.testing.assert_allclose(c.position_um[ais, 1], [-12.25, -16.75, -21.25, -25.75])
    axial = 4 * 18 / (np.pi * 1.2 * 0.8)
    assert c.axial_per_um[ais].sum() == pytest.approx(axial)


def test_area_is_that_of_cut_cones(small_cell):
    c = compute_compartments(small_cell)
    soma = np.pi * (3 + 10) * np.hypot(7, 10) + np.pi * (10 + 2) * np.hypot(8, 10)
    assert c.area_um2[c.of("soma")].sum() == pytest.approx(soma)


def test_distance_is_along_the_cell_from_the_origin(small_cell):
    c = compute_compartments(small_cell)
    np.testing.assert_allclose(c.path_distance_um[c.section == 0], [8, 4, 0, 4, 8])
    np.testing.assert_allclose(c.path_distance_um[c.section == 1], [12.25, 16.75, 21.25, 25.75])
    assert c.path_distance_um[c.section == 3][0] == pytest.approx(10 + 20 + 25 / 12)
    from_first = compute_compartments(small_cell, origin_x=0.1)
    assert from_first.path_distance_um[0] == 0
    assert from_first.path_distance_um[c.section == 2][0] == pytest.approx(18 + 2)


def test_order_is_that_of_sections(small_cell):
    c = compute_compartments(small_cell)
    assert len(c) == small_cell.n_compartments.sum()
    assert np.all(np.diff(c.section) >= 0)
    assert np.all(np.diff(c.x)[np.diff(c.section) == 0] > 0)
    np.testing.assert_array_equal(c.region, small_cell.regions[c.section])


def test_a_small_cell_is_as_in_neuron(neuron, small_cell):
    assert_as_in_neuron(neuron.h, small_cell)


@pytest.mark.published
def test_the_traced_cell_is_as_in_neuron(neuron, traced_cell):
    assert_as_in_neuron(neuron.h, traced_cell)


@pytest.mark.published
def test_the_traced_cell_has_its_known_sizes(traced_cell):
    c = compute_compartments(traced_cell)
    assert len(c) == 2475
    table = {
        "soma": (29.296, 1634.86, 10),
        "ais": (18.717, 56.32, 10),
        "smooth": (379.098, 3429.92, 99),
        "spiny": (9474.483, 33083.17, 2356),
    }
    for region, (length, area, n) in table.items():
        own = c.of(region)
        assert len(own) == n
        assert c.length_um[own].sum() == pytest.approx(length, abs=1e-3)
        assert c.area_um2[own].sum() == pytest.approx(area, abs=0.01)
    assert c.diameter_um[c.of("soma")].round(3).tolist() == [
        *(6.027, 15.114, 19.468, 21.110, 21.683, 21.080, 18.309, 13.237, 7.204, 3.900),
    ]
    spiny = c.region == REGIONS.index("spiny")
    # Ten are traced as 1.5 exactly, and rounding puts some of them on either side.
    assert 1895 <= np.sum(spiny & (c.diameter_um < 1.5)) <= 1905
    assert np.mean(c.diameter_um[spiny]) == pytest.approx(1.032, abs=5e-4)
    length = np.average(c.diameter_um[spiny], weights=c.length_um[spiny])
    assert length == pytest.approx(1.110, abs=5e-4)
    assert c.path_distance_um[c.of("smooth")].min() == pytest.approx(14.6 + 1.43, abs=0.1)


def test_compartments_of_a_cell_are_computed_once_and_cannot_be_changed(small_cell):
    c = compute_compartments(small_cell)
    assert compute_compartments(small_cell) is c
    assert compute_compartments(small_cell, origin_x=0.1) is not c
    with pytest.raises(ValueError, match="read-only"):
        c.length_um[0] = 1.0
