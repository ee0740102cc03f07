"""Input impedance against cable theory, NEURON and the published value."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cerebella.morphology.impedance import compute_input_impedance
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from tests.morphology.test_compartments import build_in_neuron

LENGTH_UM, DIAMETER_UM, N = 400.0, 2.0, 400


@pytest.fixture
def cylinder() -> Morphology:
    """One unbranched cylinder with sealed ends."""
    return Morphology(
        name="cylinder",
        section_names=("soma",),
        regions=np.array([0]),
        parents=np.array([-1]),
        parent_ends=np.array([0]),
        n_compartments=np.array([N]),
        first_points=np.array([0, 2]),
        points_um=np.array([[0, 0, 0, DIAMETER_UM], [0, LENGTH_UM, 0, DIAMETER_UM]]),
    )


@pytest.mark.parametrize("frequency_Hz", [0, 50, 500])
@pytest.mark.parametrize("compartment", [0, 120])
def test_a_cylinder_has_the_impedance_of_cable_theory(cylinder, frequency_Hz, compartment):
    p = PurkinjeMembraneParameters()
    admittance = p.leak_S_per_cm2 + 2j * np.pi * frequency_Hz * p.capacitance_uF_per_cm2 * 1e-6
    d, length = DIAMETER_UM * 1e-4, LENGTH_UM * 1e-4
    at = length * (compartment + 0.5) / N
    per_length = 4 * p.axial_resistivity_ohm_cm / (np.pi * d**2)
    q = np.sqrt(per_length * admittance * np.pi * d)
    infinite = per_length / q
    expected = infinite / (np.tanh(q * at) + np.tanh(q * (length - at))) * 1e-6
    found = compute_input_impedance(cylinder, frequency_Hz, compartment=compartment)
    assert found == pytest.approx(expected, rel=2e-4)


@pytest.mark.parametrize("frequency_Hz", [0, 500])
def test_a_branched_cell_has_the_impedance_that_neuron_finds(neuron, small_cell, frequency_Hz):
    h, p = neuron.h, PurkinjeMembraneParameters()
    ends = small_cell.parent_ends.copy()
    ends[6] = 0  # a branch at the start of its parent
    cell = dataclasses.replace(small_cell, parent_ends=ends)
    sections = build_in_neuron(h, cell)
    for section, region in zip(sections, cell.regions, strict=True):
        factor = p.spine_factor(REGIONS[region])
        section.insert("pas")
        section.cm = p.capacitance_uF_per_cm2 * factor
        for segment in section:
            segment.pas.g, segment.pas.e = p.leak_S_per_cm2 * factor, -67
    h.finitialize(-67)
    theirs = h.Impedance()
    theirs.loc(sections[0](0.5))
    theirs.compute(frequency_Hz)
    ours = compute_input_impedance(cell, frequency_Hz)
    assert abs(ours) == pytest.approx(theirs.input(sections[0](0.5)), rel=1e-5)


@pytest.mark.published
def test_the_traced_cell_has_the_published_impedance(traced_cell):
    assert abs(compute_input_impedance(traced_cell, 500)) == pytest.approx(6.64, abs=0.005)
