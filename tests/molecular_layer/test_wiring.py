"""Merging and dealing out keep every contact, every weight and every event."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from cerebella.molecular_layer.wiring import (
    KINDS,
    compartment_of,
    schedule_input_events,
    wire_rank,
)
from cerebella.network.generate import generate_network
from cerebella.parameters.mli_simulation import MLIParameters

PARAMETERS = MLIParameters()
N_RANKS = 3


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=4, scale=0.2)


@pytest.fixture(scope="module")
def whole(network):
    return wire_rank(network, PARAMETERS, seed=0, trial=1)


@pytest.fixture(scope="module")
def ranks(network):
    return [
        wire_rank(network, PARAMETERS, seed=0, trial=1, rank=rank, n_ranks=N_RANKS)
        for rank in range(N_RANKS)
    ]


def connections(wiring):
    """Every MLI connection as (source, target gid, dendrite, x, weight, delay)."""
    s = wiring.mli_synapse
    columns = (
        wiring.mli_source,
        wiring.gid[wiring.synapse_cell[s]],
        wiring.synapse_dendrite[s],
        wiring.synapse_x[s],
        wiring.mli_weight_uS,
        wiring.mli_delay_ms,
    )
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


def contacts(wiring):
    """Every contact of a PF or CF as (source, target gid, dendrite, x, kind)."""
    s = wiring.input_synapse
    columns = (
        wiring.input_source,
        wiring.gid[wiring.synapse_cell[s]],
        wiring.synapse_dendrite[s],
        wiring.synapse_x[s],
        wiring.synapse_kind[s],
    )
    return Counter(zip(*(column.tolist() for column in columns), strict=True))


def test_every_row_of_the_table_is_one_contact(network, whole):
    assert len(whole.mli_source) + len(whole.input_source) == len(network.synapses)
    table = network.synapses
    expected = Counter(zip(table.source_gid.tolist(), table.target_gid.tolist(), strict=True))
    actual = Counter()
    for found in (connections(whole), contacts(whole)):
        for (source, target, *_), n in found.items():
            actual[source, target] += n
    assert actual == expected


def test_one_object_serves_all_contacts_of_a_kind_on_a_compartment(whole):
    sites = list(
        zip(
            whole.synapse_cell.tolist(),
            whole.synapse_dendrite.tolist(),
            whole.synapse_x.tolist(),
            whole.synapse_kind.tolist(),
            strict=True,
        )
    )
    assert len(sites) == len(set(sites)) < (len(whole.mli_source) + len(whole.input_source)) / 5


def test_kinds_follow_the_source(network, whole):
    pf, cf = network.population("PF"), network.population("CF")
    kind = whole.synapse_kind[whole.input_synapse]
    from_pf = np.isin(whole.input_source, list(pf.gids))
    assert set(kind[from_pf]) == {KINDS.index("pf")}
    assert set(kind[np.isin(whole.input_source, list(cf.gids))]) == {KINDS.index("cf")}
    assert set(whole.synapse_kind[whole.mli_synapse]) == {KINDS.index("inhibition")}


def test_only_mli2_to_mli1_has_the_w2_weight(network, whole):
    n_mli1 = network.population("MLI1").n_cells
    target = whole.gid[whole.synapse_cell[whole.mli_synapse]]
    strong = (whole.mli_source >= n_mli1) & (target < n_mli1)
    assert 0 < strong.sum() < len(strong)
    assert set(whole.mli_weight_uS[strong].tolist()) == {1e-6 * 70.0}
    assert set(whole.mli_weight_uS[~strong].tolist()) == {1e-6 * 25.0}


def test_ranks_share_out_everything_and_nothing_twice(whole, ranks):
    assert sorted(np.concatenate([r.gid for r in ranks]).tolist()) == whole.gid.tolist()
    assert sum((connections(r) for r in ranks), Counter()) == connections(whole)
    assert sum((contacts(r) for r in ranks), Counter()) == contacts(whole)
    bias = {gid: b for r in ranks for gid, b in zip(r.gid.tolist(), r.bias_nA, strict=True)}
    assert [bias[gid] for gid in whole.gid.tolist()] == whole.bias_nA.tolist()
    sides = np.concatenate([r.gap_own_side for r in ranks])
    assert sorted(sides.tolist()) == whole.gap_own_side.tolist()


def test_each_side_of_a_gap_junction_reads_the_other(network, whole):
    partner = dict(zip(whole.gap_own_side.tolist(), whole.gap_partner_side.tolist(), strict=True))
    assert len(partner) == 2 * len(network.gap_junctions)
    assert all(partner[partner[side]] == side != partner[side] for side in partner)
    cell_of = dict(zip(whole.gap_own_side.tolist(), whole.gap_cell.tolist(), strict=True))
    pairs = Counter(tuple(sorted((cell_of[s], cell_of[p]))) for s, p in partner.items())
    junctions = network.gap_junctions
    expected = Counter(zip(junctions.gid_a.tolist(), junctions.gid_b.tolist(), strict=True))
    assert pairs == Counter({pair: 2 * n for pair, n in expected.items()})


def test_positions_fall_into_compartments():
    x = np.array([0.0, 0.1999, 0.2, 0.5, 0.999, 1.0])
    distal = np.full(6, 4)
    index, center = compartment_of(PARAMETERS, np.zeros(6, dtype=bool), distal, x)
    assert index.tolist() == [0, 0, 1, 2, 4, 4]
    np.testing.assert_allclose(center, [0.1, 0.1, 0.3, 0.5, 0.9, 0.9])
    index, center = compartment_of(PARAMETERS, np.ones(6, dtype=bool), distal, x)
    assert index.tolist() == [0, 0, 0, 1, 2, 2]
    proximal = np.zeros(6, dtype=np.int64)
    index, center = compartment_of(PARAMETERS, np.zeros(6, dtype=bool), proximal, x)
    assert set(index) == {0}
    assert set(center) == {0.5}


def test_a_spike_reaches_each_contact_of_its_source_once(whole):
    source = int(whole.input_source[len(whole.input_source) // 2])
    synapse, time_ms = schedule_input_events(
        whole, np.array([source, 10**9, source]), np.array([7.0, 8.0, 9.0])
    )
    own = whole.input_synapse[whole.input_source == source].tolist()
    assert synapse.tolist() == own * 2
    assert time_ms.tolist() == [7.0] * len(own) + [9.0] * len(own)
