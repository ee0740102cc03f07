"""Quantities that can be recorded: where they exist, and currents from states."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.own_engine.integrate import advance_to, set_up
from cerebella.purkinje.own_engine.sampling import plan_recorder
from cerebella.purkinje.quantities import describe_names, quantities_of
from cerebella.purkinje.recordings import Recording
from cerebella.purkinje.synaptic_events import SynapticEvents

CELL = PurkinjeParameters().cell
REGIONS = ("soma", "ais", "smooth", "spiny")
NONE = np.empty(0, int)
NO_SYNAPSES = SynapticEvents(NONE, NONE, np.empty(0), NONE, np.empty(0))


def test_a_channel_exists_where_its_density_is_not_zero():
    names = {region: set(quantities_of(region, CELL)) for region in REGIONS}
    for region in REGIONS:
        assert {"v", "calcium", "n_kv3", "g_kv3", "ik_kv3", "i_leak"} <= names[region]
    assert {"o_narsg", "ina_narsg", "m_nap"} <= names["soma"] - names["spiny"]
    assert {"h_fast_kv4", "ik_kv1", "q_pool"} <= names["spiny"] - names["soma"]
    assert "ica_cat31" not in names["soma"]
    blocked = CELL.model_copy(update={"spiny": CELL.spiny.model_copy(update={"kv3_S_per_cm2": 0})})
    assert not {"n_kv3", "g_kv3", "ik_kv3"} & set(quantities_of("spiny", blocked))


def test_names_in_messages_are_grouped_by_mechanism():
    text = describe_names(quantities_of("soma", CELL))
    assert text.startswith("v, calcium, {g,i}_cf, {m,g,ina}_nap, {n,g,ik}_kv3")
    assert "{c1-c5,o,b,i1-i6,g,ina}_narsg" in text
    assert text.endswith("{c,mg,mf,ms,f,s,p,pm}_pool[0-19]")


def test_messages_hold_the_names_of_all_quantities():
    everything = [name for region in REGIONS for name in quantities_of(region, CELL)]
    assert len(f"There are {describe_names(dict.fromkeys(everything))}") <= 320


def test_conductances_and_currents_are_those_of_the_states():
    spiny = quantities_of("spiny", CELL)
    assert spiny["g_kv3"].compute(0.5) == pytest.approx(0.2268 * 0.5**4)
    assert spiny["ik_kv3"].compute(0.5, -60.0) == pytest.approx(0.2268 * 0.5**4 * 17)
    fast, slow = CELL.spiny.kv4_fast_S_per_cm2, CELL.spiny.kv4_slow_S_per_cm2
    assert spiny["g_kv4"].compute(0.5, 0.2, 0.4) == pytest.approx(
        0.5**4 * (fast * 0.2 + slow * 0.4)
    )
    assert spiny["g_sk2"].compute(0.1, 0.3) == pytest.approx(0.4 * CELL.spiny.sk2_S_per_cm2)
    at_0_mV, near = (spiny["ica_cap"].compute(1.0, v, 1e-4) for v in (0.0, 1e-9))
    assert at_0_mV == pytest.approx(near)
    assert at_0_mV < 0


@pytest.mark.parametrize("region", range(4), ids=REGIONS)
def test_all_currents_together_are_those_of_the_membrane(spiny_cell, region):
    """The kernels' own sum, in nA, at the end of a step is that of the recorded currents."""
    parameters = PurkinjeParameters()
    simulation = set_up(parameters, spiny_cell, NO_SYNAPSES, in_doubles=True)
    name = REGIONS[region]
    quantities = quantities_of(name, parameters.cell)
    currents = [one for one in quantities.values() if one.unit == "mA/cm2"]
    compartment = np.flatnonzero(spiny_cell.regions.repeat(spiny_cell.n_compartments) == region)[:1]
    recordings = [
        Recording(one.name, {name: one}, compartment, np.array([region]), 250, np.float64)
        for one in currents
    ]
    found = advance_to(250, simulation, 0, plan_recorder(simulation.cell, recordings))
    total = sum(values.item() for values in found)
    place = simulation.cell.place[compartment[0]]
    part = simulation.cell.soma if region < 2 else simulation.cell.dendrite
    area = part.area[place - (0 if region >= 2 else len(simulation.cell.dendrite.slot))]
    expected = simulation.cell.cable.i_nA[place] / area
    assert total == pytest.approx(expected, rel=1e-12)
    assert len(found) >= 9
    assert min(abs(values.item()) for values in found) > 1e-12
