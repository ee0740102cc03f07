"""Contacts of climbing fibers added to MLI1s."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer.inputs import draw_bias_and_delays
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.cf_contacts import add_cf_contacts
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.generate import generate_network
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=3, scale=0.5)


def contacts(network):
    """Source, target and dendrite of the contacts of CFs with MLI1s, in the order of targets."""
    s = network.synapses
    of_cf = np.isin(s.source_gid, network.gids("CF")) & np.isin(s.target_gid, network.gids("MLI1"))
    return set(
        zip(*(x[of_cf].tolist() for x in (s.source_gid, s.target_gid, s.dendrite)), strict=True)
    )


def test_each_mli1_gets_contacts_on_its_proximal_dendrites_in_turn(network):
    assert contacts(network) == set()
    added = contacts(add_cf_contacts(network, 3, seed=1))
    assert len(added) == 3 * len(network.gids("MLI1"))
    for gid in network.gids("MLI1"):
        assert sorted(dendrite for _, target, dendrite in added if target == gid) == [0, 1, 2]
    assert {source for source, _, _ in added} == set(network.gids("CF"))


def test_more_contacts_include_those_of_fewer_and_depend_on_the_seed(network):
    assert contacts(add_cf_contacts(network, 1)) < contacts(add_cf_contacts(network, 4))
    assert contacts(add_cf_contacts(network, 1)) != contacts(add_cf_contacts(network, 1, seed=1))


def test_everything_else_stays(network):
    assert add_cf_contacts(network, 0) is network
    more = add_cf_contacts(network, 2)
    assert more is add_cf_contacts(network, 2)
    is_new = np.isin(more.synapses.source_gid, network.gids("CF")) & np.isin(
        more.synapses.target_gid, network.gids("MLI1")
    )
    for column in ("source_gid", "target_gid", "dendrite", "x"):
        kept = getattr(more.synapses, column)[~is_new]
        np.testing.assert_array_equal(kept, getattr(network.synapses, column))
    bias, delays = draw_bias_and_delays(network, MLIParameters(), seed=0, trial=1)
    other_bias, other_delays = draw_bias_and_delays(more, MLIParameters(), seed=0, trial=1)
    np.testing.assert_array_equal(bias, other_bias)
    np.testing.assert_array_equal(other_delays[~is_new], delays)


def test_order_of_a_table_is_kept(network):
    old = network.synapses
    rows = np.arange(len(old))[::-1]
    table = Synapses(old.source_gid, old.target_gid, old.dendrite, old.x, rows)
    read = Network(network.cell_counts, table, network.gap_junctions)
    more = add_cf_contacts(read, 1).synapses
    first = more.table_order[: len(old)]
    np.testing.assert_array_equal(more.source_gid[first], old.source_gid[::-1])


def test_a_network_without_fibers_is_refused():
    empty = Synapses(*(np.empty(0) for _ in range(4)))
    none = GapJunctions(*(np.empty(0) for _ in range(6)))
    with pytest.raises(InputError, match="the network has none"):
        add_cf_contacts(Network({"MLI1": 1}, empty, none), 1)


def test_added_fibers_excite_mli1s():
    network = generate_network(seed=3, scale=0.1)

    def n_spikes(per_mli1):
        parameters = {"connections": {"cf_contacts_per_mli1": per_mli1}}
        run = simulate_mli(network, cf_sync=8, duration_ms=156, parameters=parameters)
        times = run.of("MLI1").times_ms
        return ((times > 146) & (times < 156)).sum()

    assert n_spikes(4) > n_spikes(0)
