"""Synapses of cells of another size than the traced one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.preparation.prepare import prepare_morphology
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.cell_size import (
    SizeFactors,
    compute_size_factors,
    count_synapses,
    membrane_area_um2,
    scale_connections,
)

CONNECTIONS = PurkinjeConnectionParameters()


def cell_of(share):
    """Compartments with a share of membrane and dendrite of the traced cell."""
    return SimpleNamespace(
        region=np.array([0, 3]),
        length_um=np.array([29.3, share * CONNECTIONS.mli_dendrite_um]),
        area_um2=np.array([0.0, share * CONNECTIONS.cf_membrane_um2 / 5.3]),
    )


def factors_of(cell, connections=CONNECTIONS):
    return compute_size_factors(compute_compartments(cell), connections)


@pytest.mark.parametrize(
    ("share", "factor"),
    [(1, 1), (0.98, 1), (1.02, 1), (0.97, 0.95), (0.5, 0.5), (1.3, 1.3), (0.01, 0.05)],
)
def test_conductance_and_contacts_follow_the_size_in_steps_of_5_percent(share, factor):
    assert compute_size_factors(cell_of(share), CONNECTIONS) == SizeFactors(factor, factor)


def test_the_default_cell_has_the_published_numbers(default_cell):
    assert factors_of(default_cell) == SizeFactors(1.0, 1.0)


def test_numbers_are_the_same_bits_at_a_factor_of_one():
    assert scale_connections(CONNECTIONS, SizeFactors(1.0, 1.0)) == CONNECTIONS


def test_scaled_parameters_are_conductance_and_contacts():
    scaled = scale_connections(CONNECTIONS, SizeFactors(0.5, 2.0))
    changed = {
        name: value
        for name, value in scaled.model_dump().items()
        if value != getattr(CONNECTIONS, name) and not isinstance(value, dict)
    }
    assert changed == {"cf_scale": 14.5, "mli1_contacts": 15.0, "mli2_contacts": 2.0}


def test_scaling_can_be_set_to_another_size_or_off():
    half = PurkinjeConnectionParameters(
        cf_membrane_um2=2 * CONNECTIONS.cf_membrane_um2, mli_dendrite_um=None
    )
    assert compute_size_factors(cell_of(1), half) == SizeFactors(0.5, 1.0)


def test_synapses_are_counted(small_cell):
    counted = count_synapses(small_cell, CONNECTIONS)
    assert counted["cf_conductance_nS"] == pytest.approx(0.05 * 145)
    assert counted["mli1_contacts"] == pytest.approx(0.05 * 7.5)
    assert counted["mli2_contacts"] == 0.05
    assert counted["pf_contacts"] == pytest.approx(2.8 * 52.8 - 0.5 * 14, abs=14)
    assert 0 <= counted["mli_sites"] <= 25


@pytest.mark.published
def test_the_traced_cell_has_the_published_numbers(traced_cell):
    compartments = compute_compartments(traced_cell)
    assert membrane_area_um2(compartments) == pytest.approx(CONNECTIONS.cf_membrane_um2, rel=1e-4)
    assert factors_of(traced_cell) == SizeFactors(1.0, 1.0)


@pytest.mark.published
@pytest.mark.parametrize(
    ("name", "factors"),
    [
        ("10-2012-02-09-001", (0.85, 0.8)),
        ("Purkinje-slice-ageP35-3", (0.9, 0.6)),
        ("Purkinje-slice-ageP35-4", (1.0, 0.65)),
        ("Purkinje-slice-ageP37-5", (0.75, 0.5)),
        ("Purkinje-slice-ageP43-6", (0.7, 0.65)),
        ("e1cb4a1", (0.65, 0.6)),
        ("e4cb2a2", (0.25, 0.55)),
    ],
)
def test_factors_of_reconstructions_by_others(published_folder, name, factors):
    file = published_folder("morphologies") / f"{name}.CNG.swc"
    assert factors_of(prepare_morphology(file).morphology) == SizeFactors(*factors)
