"""Probes: any state, current or concentration at any place, the same on all engines."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.places import compartments_at
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import population_ranges
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.quantities import quantities_of
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run

COUNTS = {cell_type.name: 2 for cell_type in CELL_TYPES}
FIRST_GIDS = np.arange(2 * len(COUNTS))
SPIKES = SpikeTrains(
    np.linspace(0, 8, len(FIRST_GIDS)), FIRST_GIDS, population_ranges(COUNTS), duration_ms=20.0
)
CELL = PurkinjeParameters().cell


def simulate(morphology, record, **options):
    options = {"duration_ms": 6, "cf_time_ms": 2, "engine": "numba", "progress": False} | options
    return simulate_purkinje(
        SPIKES, network=COUNTS, morphology=morphology, record=record, **options
    )


OUTER_AND_INNER_SHELLS = [
    f"{region}.{name}"
    for region, shells in zip(REGIONS, ("0|19", "0|9", "0|3", "0|3"), strict=True)
    for name, one in quantities_of(region, CELL).items()
    if not one.synapse and (not name.endswith("]") or re.search(rf"\[({shells})\]", name))
]


def test_every_quantity_of_the_membrane_is_the_same_on_all_engines(spiny_cell):
    engines = ("coreneuron", "neuron", "numba", Numba(precision="double"))
    reference, *others = (
        simulate(spiny_cell, OUTER_AND_INNER_SHELLS, engine=engine) for engine in engines
    )
    assert len(reference.traces) == 97
    for name, expected in reference.traces.items():
        size = np.abs(expected.values).max()
        assert size > 0
        for run in others:
            values = run.traces[name].values
            np.testing.assert_allclose(values, expected.values, 0, 5e-6 * size, err_msg=name)


def test_probes_are_the_traces_of_all_compartments_at_their_places(spiny_cell):
    record = ("soma_v", "v", "calcium", "soma.v@0.02ms", "spiny[35um].calcium", "all.v")
    run = simulate(spiny_cell, record)
    (place,) = compartments_at("spiny[35um]", spiny_cell)
    fast, one = run.traces["probe_v_0_02ms"], run.traces["probe_calcium"]
    soma_v = run.traces["soma_v"].values.astype(np.float32)
    np.testing.assert_array_equal(fast.values, soma_v)
    np.testing.assert_array_equal(one.values[:, 0], run.traces["calcium"].values[:, place])
    np.testing.assert_array_equal(run.traces["probe_v"].values, run.traces["v"].values)
    assert (one.variable, one.unit, one.sampling_step_ms) == ("cai", "mM", pytest.approx(0.1))
    assert (one.sections.tolist(), fast.sections.tolist()) == (["dendA1_0"], ["soma"])


def test_recording_more_changes_nothing(spiny_cell):
    alone = simulate(spiny_cell, ["soma_v"])
    with_probes = simulate(spiny_cell, ["soma_v", "all.ica_cap@0.02ms", "all.o3_mslo"])
    np.testing.assert_array_equal(
        with_probes.traces["soma_v"].values, alone.traces["soma_v"].values
    )
    assert with_probes.spikes == alone.spikes


def test_probes_of_one_quantity_and_interval_are_one_trace(spiny_cell):
    run = simulate(spiny_cell, ["soma.v", "spiny.v", "spiny[35um].v@0.1", "ais.v@1ms"])
    assert list(run.traces) == ["probe_v", "probe_v_1ms"]
    compartments = compute_compartments(spiny_cell)
    expected = [1, *compartments.of("spiny").tolist()]
    assert run.traces["probe_v"].positions.tolist() == compartments.x[expected].tolist()
    assert len(run.traces["probe_v_1ms"].times_ms) == 7


def test_places_without_the_quantity_are_left_out(spiny_cell):
    run = simulate(spiny_cell, ["all.ina_narsg"], duration_ms=1)
    assert set(run.traces["probe_ina_narsg"].sections.tolist()) == {"soma", "AIS"}


def test_probes_come_back_from_the_directory(spiny_cell, tmp_path):
    run = simulate(spiny_cell, ["soma.ik_kv3", "spiny[random 2].c_pool[1]"], seed=3)
    run.save(tmp_path / "run")
    back = load_run(tmp_path / "run")
    assert back.manifest["record"] == ["soma.ik_kv3", "spiny[random 2].c_pool[1]"]
    assert list(back.traces) == ["probe_ik_kv3", "probe_c_pool_1"]
    for name, traces in run.traces.items():
        stored = back.traces[name]
        np.testing.assert_array_equal(stored.values, traces.values)
        assert stored.sections.tolist() == traces.sections.tolist()
        assert stored.positions.tolist() == traces.positions.tolist()
    assert back.traces["probe_ik_kv3"].unit == "mA/cm2"


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("soma", "`record`: 'soma' is neither soma_v, calcium, v nor a probe. A probe is a place"),
        ("axon.v", r"there is no place 'axon' on spiny_cell\. Places are soma, ais"),
        ("soma.ik", "`record`: soma has no quantity 'ik'. There are v, calcium, {g,i}_cf, {m,g,"),
        (
            "spiny.ina_nap",
            "spiny has no quantity 'ina_nap'. There are v, calcium, .*, {n,g,ik}_kv3",
        ),
        ("soma.v@0.03ms", "of v 0.03 is not a multiple of the time step of 0.02 ms. Give 0.04"),
        ("soma.v@soon", "'soon' is not a time"),
        (("soma_v", 3), "`record` is"),
    ],
)
def test_what_cannot_be_recorded_is_answered_with_what_can(spiny_cell, record, message):
    with pytest.raises(InputError, match=message):
        simulate(spiny_cell, record)


def test_too_many_quantities_are_refused(spiny_cell):
    with pytest.raises(InputError, match="`record` has 214 quantities, too many for one run"):
        simulate(spiny_cell, [f"soma.{name}" for name in quantities_of("soma", CELL)])
