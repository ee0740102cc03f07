"""From the olive to the molecular layer: assignment of fibers, choice of events, CF spikes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cerebella.analysis.olive_synchrony import Coincidences
from cerebella.errors import InputError
from cerebella.experiments.olive_to_purkinje.events import (
    assign_fibers,
    cf_spikes_around,
    choose_events,
    default_loop,
)
from cerebella.network.generate import generate_network
from cerebella.parameters.olive_circuit import OliveCircuitParameters
from cerebella.results.spike_file import CellSpikes
from cerebella.results.spikes import Population


def test_the_default_loop_has_a_cell_for_each_fiber_and_couples_more_than_pairs():
    circuit = default_loop(22).circuit
    assert circuit.sizes["IO"] == 64
    assert default_loop(100).circuit.sizes["IO"] == 104
    assert circuit.random_gaps
    assert circuit.gap_partners == 5


@pytest.mark.parametrize("seed", range(5))
def test_every_fiber_has_a_cell_of_its_own(seed):
    fibers = assign_fibers(default_loop(22).circuit, 22, seed)
    assert len({fibers.own, *fibers.network}) == 23
    assert fibers == assign_fibers(default_loop(22).circuit, 22, seed)
    assert fibers != assign_fibers(default_loop(22).circuit, 22, seed + 1)


@pytest.mark.parametrize("seed", range(5))
def test_fibers_of_the_network_come_from_the_nearest_zones(seed):
    circuit = OliveCircuitParameters(io_per_zone=8)
    fibers = assign_fibers(circuit, 22, seed)
    own = fibers.own // 8
    zones = np.array(fibers.network) // 8
    assert np.sum(zones == own) == 7
    assert set(zones) == {own, (own + 1) % 8, (own - 1) % 8}


def test_too_few_cells_are_refused_with_the_scale_that_has_enough():
    with pytest.raises(InputError, match=r"16 IO cells are too few for 22") as caught:
        assign_fibers(OliveCircuitParameters(), 22, 0)
    assert "circuit.scale=1.5" in str(caught.value)


def test_a_network_without_climbing_fibers_is_refused():
    with pytest.raises(InputError, match="no climbing fibers"):
        assign_fibers(OliveCircuitParameters(), 0, 0)


@pytest.fixture
def found():
    n_cells = np.array([0] * 50 + [1] * 20 + [2] * 3 + [4])
    return Coincidences(1000.0 * np.arange(len(n_cells)), n_cells, 0.2)


def test_chosen_events_cover_the_synchrony_found(found):
    chosen = choose_events(found, 8, seed=0)
    assert sorted(event.n_synchronous for event in chosen) == [0, 0, 1, 1, 2, 2, 2, 4]
    for event in chosen:
        assert found.n_cells[int(event.time_ms) // 1000] == event.n_synchronous
    assert len({event.time_ms for event in chosen}) == 8
    assert chosen == choose_events(found, 8, seed=0)
    assert chosen != choose_events(found, 8, seed=1)


def test_all_events_can_be_requested_and_no_more(found):
    assert len(choose_events(found, 74, seed=0)) == 74
    with pytest.raises(InputError, match=r"75 events requested.*fires 74 times"):
        choose_events(found, 75, seed=0)


def test_the_window_holds_the_spikes_of_each_fibers_cell_with_the_event_where_it_belongs():
    network = generate_network(seed=3, scale=0.1)
    first = network.population("CF").first_gid
    times = np.array([900.0, 949.9, 998.3, 1000.0, 1003.0, 1148.2, 1148.3])
    cells = np.array([3, 5, 3, 7, 5, 3, 5])
    run = SimpleNamespace(
        populations={"IO": Population("IO", 0, 16)},
        of=lambda name: CellSpikes(times, cells, np.arange(16)),
    )
    n_cf = network.population("CF").n_cells
    io_of_cf = [3, 5, *range(8, 6 + n_cf)]
    spikes = cf_spikes_around(run, network, io_of_cf, 1000.0, at_ms=151.7, duration_ms=300.0)
    assert list(spikes) == [
        (51.7, first),
        (101.6, first + 1),
        (150.0, first),
        (154.7, first + 1),
        (299.9, first),
    ]
