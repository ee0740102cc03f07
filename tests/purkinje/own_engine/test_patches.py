"""Whole membranes of the regions, one compartment each, against the published patches."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.synaptic_events import Events
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.own_engine.integrate import (
    constants_of,
    lay_out_cell,
    new_scratch,
    place_synapses,
    start_cell,
)
from cerebella.purkinje.own_engine.kernels import Injected, advance
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
    constants, scratch = constants_of(parameters), new_scratch(cell, dtype)
    start_cell(cell, synapses, constants, scratch)
    no_events = Events(np.empty(0, int), np.empty(0, int), np.empty(0))
    n_places, v = len(cell.cable.slot), np.empty(n_steps)
    calcium, potentials = np.empty((n_steps, 1, n_places), np.float32), np.empty((0, 0), np.float32)
    for step in range(n_steps):
        current = np.full((1, 1), current_nA if 250 <= step < 1250 else 0.0)
        advance(
            *(step, step + 1, cell.tree, cell.dendrite, cell.soma, cell.cable, synapses),
            *(
                no_events,
                Injected(cell.place[:1], current),
                constants,
                int(cell.tree.slot[0]),
                v[step : step + 1],
                1,
            ),
            *(calcium[step], potentials, scratch),
        )
    return v[4::5], calcium[4::5, 0, cell.place[0]]


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
