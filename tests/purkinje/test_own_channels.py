"""Channels of the user: functions from formulas, replacement, and the same course everywhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje import channels as of
from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms
from cerebella.purkinje.own_channels import channels_of
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains

IH = {
    "ion": "h",
    "q10": 3,
    "reference_C": 22,
    "gates": {
        "n": {
            "steady": "1/(1 + exp((v + 96.3)/9.67))",
            "rate": "0.000806*(exp(-(v + 68)/22) + exp((v + 68)/7.14))",
        }
    },
}
"""Hyperpolarization-activated channels as those of the package, under another name."""


def cell_with(name, channel, density=None, **regions):
    spiny = {f"{name}_S_per_cm2": density} if density is not None else {}
    given = {"channels": {name: channel}, "spiny": spiny | regions.pop("spiny", {}), **regions}
    return PurkinjeParameters.model_validate({"cell": given})


def test_formulas_become_functions_of_numbers():
    channel = channels_of(cell_with("hcn2", IH).cell)[-1]
    assert (channel.name, channel.densities, channel.carrier) == ("hcn2", ("hcn2_S_per_cm2",), "h")
    (gate,) = channel.gates
    for v in (-90.0, -68.0, 10.0):
        assert gate.steady(v) == pytest.approx(of.ih_steady(v), rel=1e-14)
        assert gate.rate(v) == pytest.approx(of.ih_rate(v), rel=1e-14)


def test_calcium_is_an_argument_if_a_formula_contains_it():
    gate = {"steady": "1/(1 + exp(-(v - 10)/5))", "rate": "1 + 1000*calcium_mM"}
    channel = channels_of(cell_with("kca", {"ion": "k", "gates": {"x": gate}}).cell)[-1]
    assert channel.by_calcium
    assert channel.gates[0].steady(10.0, 1e-3) == 0.5
    assert channel.gates[0].rate(10.0, 1e-3) == 2


def test_a_channel_of_the_name_of_one_of_the_package_replaces_it():
    own = channels_of(cell_with("kv3", {"ion": "k", "gates": IH["gates"]}).cell)
    assert len(own) == len(of.CHANNELS)
    assert [channel.name for channel in own] == [channel.name for channel in of.CHANNELS]
    (kv3,) = (channel for channel in own if channel.name == "kv3")
    assert kv3.gates[0].power == 1


def test_equal_descriptions_are_the_same_channel():
    """Otherwise each run would compile again."""
    assert channels_of(cell_with("hcn2", IH).cell) == channels_of(cell_with("hcn2", IH).cell)


def test_nmodl_is_that_of_the_package():
    texts = purkinje_mechanisms(channels_of(cell_with("hcn2", IH).cell)).texts
    assert texts["pc_hcn2.mod"].replace("hcn2", "ih") == texts["pc_ih.mod"]


@pytest.fixture(scope="module")
def spikes():
    """Spikes of cells of a network of one cell of each type, with a climbing-fiber spike."""
    from cerebella.network.cell_types import CELL_TYPES
    from cerebella.network.network import population_ranges

    counts = {cell_type.name: 1 for cell_type in CELL_TYPES}
    n = len(counts)
    return counts, SpikeTrains([1.0] * n, range(n), population_ranges(counts), duration_ms=12.0)


def run(spikes, parameters, engine, record=("soma_v",)):
    counts, trains = spikes
    return simulate_purkinje(
        trains,
        network=counts,
        parameters=parameters,
        engine=engine,
        record=record,
        cf_time_ms=3,
        progress=False,
    )


@pytest.mark.parametrize(
    "engine",
    ["numba", pytest.param(Numba(precision="double"), marks=pytest.mark.slow)],
    ids=["mixed", "double"],
)
def test_half_the_channels_under_another_name_change_nothing(spikes, engine):
    """The own engine compiles a cell with twice as many such channels, of half the density."""
    density = PurkinjeParameters().cell.spiny.ih_S_per_cm2
    halves = cell_with("hcn2", IH, density / 2, spiny={"ih_S_per_cm2": density / 2})
    record = ("soma_v", "spiny[100um].n_hcn2", "spiny[100um].n_ih")
    with_halves = run(spikes, halves, engine, record)
    without = run(spikes, PurkinjeParameters(), engine)
    difference = with_halves.traces["soma_v"].values - without.traces["soma_v"].values
    assert np.abs(difference).max() < 1e-3
    course = with_halves.traces["probe_n_hcn2"].values
    np.testing.assert_allclose(course, with_halves.traces["probe_n_ih"].values, rtol=1e-5)
    assert not math.isclose(course.min(), course.max(), rel_tol=1e-6)


@pytest.mark.slow
def test_engines_agree_on_a_channel_of_the_user(spikes):
    """NEURON and CoreNEURON compile the mechanisms of the cell with the channel, a minute."""
    gate = {"steady": "1/(1 + exp((v + 82)/9))", "rate": "0.02*linoid((v + 60)/10)", "power": 2}
    parameters = cell_with("kdr", {"ion": "k", "gates": {"n": gate}}, 1e-3)
    record = ("soma_v", "spiny[100um].n_kdr", "spiny[100um].ik_kdr")
    ours = run(spikes, parameters, Numba(precision="double"), record)
    for engine in ("neuron", "coreneuron"):
        theirs = run(spikes, parameters, engine, record)
        for name, trace in ours.traces.items():
            error = np.abs(trace.values - theirs.traces[name].values).max()
            assert error < (1e-3 if name == "soma_v" else 1e-6), (engine, name)
