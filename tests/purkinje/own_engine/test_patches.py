"""Whole membranes of the regions, one compartment each, against the published patches."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.synaptic_events import Events
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.own_engine.integrate import (
    NO_ELECTRODES,
    constants_of,
    lay_out_cell,
    new_scratch,
    place_synapses,
    start_cell,
)
from cerebella.purkinje.own_engine.procedures import advance_procedure
from cerebella.purkinje.own_engine.sampling import plan_recorder, values_from, with_memory
from cerebella.purkinje.quantities import quantities_of
from cerebella.purkinje.recordings import Recording
from cerebella.purkinje.synaptic_events import SynapticEvents

# Region, diameter in µm, current from 5 to 25 ms in nA, tolerance in mV at 0.02 ms.
PATCHES = {
    "spiny": (1, 0.15, 2e-3),
    "smooth": (3, 0.1, 2e-3),
    "soma": (20, 0.0, 2e-3),
    "ais": (1, 0.0, 2e-2),
}


def patch(region, diameter_um):
    points = np.array([[0, 0, 0, diameter_um], [20, 0, 0, diameter_um]], dtype=float)
    one = np.array([1])
    return Morphology(
        "patch",
        ("patch",),
        np.array([REGIONS.index(region)]),
        -one,
        one,
        one,
        np.array([0, 2]),
        points,
    )


def course(region, in_doubles, n_steps=2000):
    """Return potential and calcium of a patch every 0.1 ms."""
    diameter_um, current_nA, _ = PATCHES[region]
    morphology, parameters = patch(region, diameter_um), PurkinjeParameters()
    compartments = compute_compartments(morphology)
    dtype = np.float64 if in_doubles else np.float32
    cell = lay_out_cell(morphology, compartments, parameters, dtype)
    nothing = SynapticEvents(
        *(np.empty(0, int) for _ in range(2)), np.empty(0), *([np.empty(0, int)] * 2)
    )
    synapses, _ = place_synapses(nothing, cell, parameters)
    constants, scratch = constants_of(parameters), new_scratch(cell)
    start_cell(cell, synapses, constants, scratch)
    no_events = Events(np.empty(0, int), np.empty(0, int), np.empty(0))
    one, of_region = np.array([0]), np.array([REGIONS.index(region)])
    quantities = quantities_of(region, parameters.cell)
    plan = plan_recorder(
        cell,
        [
            Recording(name, {region: quantities[name]}, one, of_region, 1)
            for name in ("v", "calcium")
        ],
    )
    samples = []
    for step in range(n_steps):
        current = np.full((1, 1), current_nA if 250 <= step < 1250 else 0.0)
        electrodes = NO_ELECTRODES._replace(place=cell.place[:1], current_nA=current)
        recorder = with_memory(plan, step, step + 1)
        advance_procedure(cell.rows)(
            *(step, step + 1, cell.tree, cell.dendrite, cell.soma, cell.cable, synapses),
            *(no_events, electrodes, constants, recorder, scratch),
        )
        samples.append([values.item() for values in values_from(recorder, plan)])
    return np.array(samples)[4::5].T


@pytest.mark.parametrize("in_doubles", [True, False])
@pytest.mark.parametrize("region", PATCHES)
def test_potential_and_calcium_of_a_patch(oracle, region, in_doubles):
    vector = oracle("pc_patch")
    own = np.char.lower(vector["region"]) == region
    v, calcium = course(region, in_doubles)
    expected_v, expected_calcium = (vector[f"{name}_dt002"][own][1:] for name in ("v_mV", "cai_mM"))
    tolerance_mV = PATCHES[region][2]
    np.testing.assert_allclose(v, expected_v[: len(v)], rtol=0, atol=tolerance_mV)
    np.testing.assert_allclose(calcium, expected_calcium[: len(calcium)], rtol=1e-3)
