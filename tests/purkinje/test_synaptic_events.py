"""Which events reach the Purkinje cell, from hand-made spikes."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.placement import NOT_SHARED, Placement
from cerebella.purkinje.synaptic_events import KINDS, collect_events, network_cells
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.stimuli.synaptic import CFSpikes, SynapticBlock

# One MLI1, one MLI2, two PFs that contact Purkinje cells and one that does not.
COUNTS = {
    "MLI1": 1,
    "MLI2": 1,
    "PF_PC_MLI1": 1,
    "PF_PC_MLI2": 1,
    "PF_PC_MLI1_MLI2": 0,
    "PF_MLI1_MLI2": 0,
    "PF_MLI1": 1,
    "PF_MLI2": 0,
    "CF": 1,
}
POPULATIONS = (
    Population("MLI1", 0, 1),
    Population("MLI2", 1, 1),
    Population("PF", 2, 3),
    Population("CF", 5, 1),
)
PLACEMENT = Placement(
    pf_compartment=np.array([10, 10, 11]),
    pf_shared=np.array([1, NOT_SHARED, 0]),
    mli_compartment=np.array([20, 21, 21]),
    cf_compartment=np.array([30, 30, 31]),
)
QUIET = PurkinjeParameters(connections=PurkinjeConnectionParameters(pf_rate_Hz=0))


def drive(times_ms, gids, parameters=QUIET, **options):
    spikes = SpikeTrains(np.array(times_ms, float), np.array(gids), POPULATIONS, 300.0)
    asked = {"duration_ms": 300.0, "trial": 1, "seed": 0} | options
    return collect_events(PLACEMENT, spikes, COUNTS, parameters, **asked)


def events(driven):
    """(kind, compartment, time) of each event."""
    at = driven.event_synapse
    return [
        (KINDS[kind], int(compartment), round(float(time), 6))
        for kind, compartment, time in zip(
            driven.synapse_kind[at],
            driven.synapse_compartment[at],
            driven.event_time_ms,
            strict=True,
        )
    ]


def test_shared_fibers_reach_their_own_contact_after_the_delay():
    driven = drive([1, 50.01, 60.01, 70.0], [0, 2, 3, 4])
    found = [event for event in events(driven) if event[0] == "pf"]
    assert found == [("pf", 11, 50.06), ("pf", 10, 60.06)]


def test_an_mli_reaches_all_its_sites_with_its_delay():
    parameters = QUIET.model_copy(
        update={"connections": QUIET.connections.model_copy(update={"mli1_contacts": 3.0})}
    )
    found = events(drive([100.0, 0], [0, 2], parameters))
    assert [e for e in found if e[0] == "inhibition"] == [
        ("inhibition", 20, 101.64),
        ("inhibition", 21, 101.64),
        ("inhibition", 21, 101.64),
    ]


def test_clamped_mli1s_fire_at_their_rate_whatever_the_network_does():
    def clamped_to(rate_Hz):
        connections = QUIET.connections.model_copy(
            update={"mli1_rate_Hz": rate_Hz, "mli1_contacts": 1.0, "mli2_contacts": 0.0}
        )
        return QUIET.model_copy(update={"connections": connections})

    def inhibition(times_ms, gids, rate_Hz, **options):
        found = events(drive(times_ms, gids, clamped_to(rate_Hz), **options))
        return [time for kind, _, time in found if kind == "inhibition"]

    trains = [inhibition([1.0], [2], 100.0, trial=trial) for trial in range(50)]
    assert np.mean([len(train) for train in trains]) == pytest.approx(30, abs=3)
    assert trains[1] == inhibition([1.0, 50.0, 51.0], [2, 0, 0], 100.0, trial=1)
    assert trains[1] != trains[2]
    assert inhibition([1.0, 50.0], [2, 0], 0.0) == []
    with pytest.raises(InputError, match="MLI1"):
        inhibition([1.0], [2], None)


def test_synapses_of_the_climbing_fiber_in_one_compartment_are_one_of_their_weight():
    driven = drive([1, 1], [0, 2])
    is_cf = driven.synapse_kind == KINDS.index("cf")
    np.testing.assert_array_equal(driven.synapse_compartment[is_cf], [30, 31])
    np.testing.assert_allclose(driven.weight_uS[is_cf], [2 * 2.9e-4, 2.9e-4])
    assert [e for e in events(driven) if e[0] == "cf"] == [("cf", 30, 151.74), ("cf", 31, 151.74)]


def test_without_a_cf_time_the_climbing_fiber_is_silent():
    connections = QUIET.connections.model_copy(update={"cf_time_ms": None})
    parameters = QUIET.model_copy(update={"connections": connections})
    assert all(kind != "cf" for kind, *_ in events(drive([1, 1], [0, 2], parameters)))


def test_a_list_of_cf_times_replaces_that_of_the_parameters():
    driven = drive([1, 1], [0, 2], stimuli=[CFSpikes([80.01, 40.01]), CFSpikes(60.01)])
    assert [e for e in events(driven) if e[:2] == ("cf", 30)] == [
        ("cf", 30, 40.06),
        ("cf", 30, 60.06),
        ("cf", 30, 80.06),
    ]


@pytest.mark.parametrize(
    ("block", "left"),
    [
        (SynapticBlock("pf"), {"inhibition", "cf"}),
        (SynapticBlock(["mli", "cf"]), {"pf"}),
        (SynapticBlock("all", start_ms=100.0), {"pf", "inhibition"}),
        (SynapticBlock("mli", start_ms=51.66, stop_ms=60), {"pf", "inhibition", "cf"}),
        (SynapticBlock("mli", start_ms=51.65, stop_ms=60), {"pf", "cf"}),
    ],
)
def test_blocked_events_are_those_that_would_arrive_in_the_window(block, left):
    driven = drive([50.0, 50.0], [0, 2], stimuli=[block])
    assert {kind for kind, *_ in events(driven)} == left


def test_events_half_way_between_two_steps_go_where_neuron_puts_them():
    """Time is added up in half steps: 20.4 + 1.65 ms is half-way, 2.4 + 1.65 too."""
    found = {time for kind, _, time in events(drive([20.4, 2.4, 0], [0, 0, 2])) if kind != "cf"}
    t, steps = 0.0, []
    for _ in range(1200):
        steps.append(t + 0.5 * 0.02)
        t = t + 0.5 * 0.02 + 0.5 * 0.02
    expected = {round(0.02 * int(np.searchsorted(steps, s + 1.65)), 6) for s in (20.4, 2.4)}
    assert expected <= found


def test_fibers_that_are_not_of_the_network_are_poisson_and_differ_by_trial():
    parameters = PurkinjeParameters(
        connections=PurkinjeConnectionParameters(pf_rate_Hz=1000.0, cf_time_ms=None)
    )
    first, again, other = (drive([1, 1], [0, 2], parameters, trial=t) for t in (1, 1, 2))
    np.testing.assert_array_equal(first.event_time_ms, again.event_time_ms)
    assert not np.array_equal(first.event_time_ms, other.event_time_ms)
    own = [e for e in events(first) if e[:2] == ("pf", 10)]
    assert len(own) == pytest.approx(300, abs=4 * np.sqrt(300))


def test_weights_are_those_of_the_published_model():
    driven = drive([1, 1], [0, 2])
    by_kind = {KINDS[k]: w for k, w in zip(driven.synapse_kind, driven.weight_uS, strict=True)}
    assert by_kind["pf"] == pytest.approx(1.2e-5)
    assert by_kind["inhibition"] == pytest.approx(25e-6)


def test_events_after_the_end_are_left_out():
    driven = drive([1, 1, 9.99, 9.96], [0, 2, 2, 3], duration_ms=10.0)
    assert driven.event_time_ms.max() < 10


def test_a_silent_population_is_taken_for_another_network():
    with pytest.raises(InputError, match=r"MLI1 \(gids 0 to 0\) have no spikes.*`network`"):
        drive([1], [2])


def test_cells_of_a_network_by_their_role():
    mli1, mli2, pf = network_cells(COUNTS)
    assert (mli1.tolist(), mli2.tolist(), pf.tolist()) == ([0], [1], [2, 3])
