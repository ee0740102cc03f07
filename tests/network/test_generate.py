"""The generator keeps the published numbers and the statistics of electron microscopy."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.network.generate import generate_network
from cerebella.parameters.mli_network import MLINetworkParameters

COUNTS = {
    "MLI1": 208,
    "MLI2": 59,
    "PF_PC_MLI1": 3679,
    "PF_PC_MLI2": 2943,
    "PF_PC_MLI1_MLI2": 368,
    "PF_MLI1_MLI2": 368,
    "PF_MLI1": 8830,
    "PF_MLI2": 5151,
    "CF": 22,
}


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=11)


def rows(network, source, target):
    source_index, target_index = (
        network.population_index(gids)
        for gids in (network.synapses.source_gid, network.synapses.target_gid)
    )
    names = [population.name for population in network.populations]
    return np.flatnonzero(
        (source_index == names.index(source)) & (target_index == names.index(target))
    )


def per_cell(network, source, target):
    population = network.population(target)
    gids = network.synapses.target_gid[rows(network, source, target)]
    return np.bincount(gids - population.first_gid, minlength=population.n_cells)


def test_cells_are_the_published_numbers(network):
    assert network.cell_counts == COUNTS
    assert network.gids("PF_PC_MLI1_MLI2") == range(6889, 7257)
    assert network.gids("CF") == range(21606, 21628)


@pytest.mark.parametrize(
    ("target", "n_synapses", "classes"),
    [
        ("MLI1", 645, ["PF_PC_MLI1", "PF_PC_MLI1_MLI2", "PF_MLI1_MLI2", "PF_MLI1"]),
        ("MLI2", 460, ["PF_PC_MLI2", "PF_PC_MLI1_MLI2", "PF_MLI1_MLI2", "PF_MLI2"]),
    ],
)
def test_each_mli_has_its_pf_synapses_from_distinct_fibers_of_its_classes(
    network, target, n_synapses, classes
):
    own = rows(network, "PF", target)
    assert set(per_cell(network, "PF", target)) == {n_synapses}
    pairs = set(
        zip(network.synapses.source_gid[own], network.synapses.target_gid[own], strict=True)
    )
    assert len(pairs) == len(own)
    sources = np.unique(network.synapses.source_gid[own])
    allowed = np.concatenate([list(network.gids(name)) for name in classes])
    assert np.isin(sources, allowed).all()
    assert len(sources) > 0.9 * len(allowed)


def test_inhibition_sums_to_43_and_23_with_the_mli2_share_of_em(network):
    for target, total, from_mli2 in (("MLI1", 43, 12.8), ("MLI2", 23, 1.83)):
        strong, weak = (per_cell(network, source, target) for source in ("MLI2", "MLI1"))
        assert set((strong + weak).tolist()) == {total}
        assert strong.mean() == pytest.approx(from_mli2, abs=0.15)
        assert set(strong.tolist()) == {int(from_mli2), int(from_mli2) + 1}


@pytest.mark.parametrize(
    ("source", "target", "expected", "tolerance"),
    [
        ("MLI1", "MLI1", 1.59, 0.03),
        ("MLI1", "MLI2", 1.45, 0.03),
        ("MLI2", "MLI1", 4.74, 0.2),
        ("MLI2", "MLI2", 2.20, 0.5),
    ],
)
def test_synapses_per_connected_pair_are_those_of_em(network, source, target, expected, tolerance):
    own = rows(network, source, target)
    pairs = set(
        zip(network.synapses.source_gid[own], network.synapses.target_gid[own], strict=True)
    )
    assert len(own) / len(pairs) == pytest.approx(expected, abs=tolerance)


def test_no_cell_inhibits_itself(network):
    assert not np.any(network.synapses.source_gid == network.synapses.target_gid)


def test_synapses_lie_on_dendrites_in_proportion_to_length(network):
    for target, distal_um in (("MLI1", 180), ("MLI2", 100)):
        own = np.concatenate([rows(network, source, target) for source in ("PF", "MLI1", "MLI2")])
        counts = np.bincount(network.synapses.dendrite[own], minlength=12)
        length = np.array([20] * 4 + [distal_um] * 8)
        expected = counts.sum() * length / length.sum()
        assert ((counts - expected) ** 2 / expected).sum() < 31.3  # 0.1 %, 11 degrees of freedom
        deciles, _ = np.histogram(network.synapses.x[own], bins=10, range=(0, 1))
        assert deciles == pytest.approx(np.full(10, len(own) / 10), rel=0.1)


def test_each_mli2_has_one_cf_contact_in_the_middle_of_each_proximal_dendrite(network):
    own = rows(network, "CF", "MLI2")
    contacts = {
        (target, dendrite, x)
        for target, dendrite, x in zip(
            network.synapses.target_gid[own].tolist(),
            network.synapses.dendrite[own].tolist(),
            network.synapses.x[own].tolist(),
            strict=True,
        )
    }
    assert contacts == {(gid, k, 0.5) for gid in network.gids("MLI2") for k in range(4)}
    assert len(rows(network, "CF", "MLI1")) == 0


def test_four_independent_draws_of_cfs_reach_the_expected_number_of_mli2():
    """Eight of 22 CFs contact 59 (1 - (14/22)^4) = 49.3 MLI2; in the published spikes 45 fire."""
    reached = []
    for seed in range(20):
        network = generate_network(seed=seed)
        own = rows(network, "CF", "MLI2")
        synchronous = network.synapses.source_gid[own] < 21606 + 8
        reached.append(len(np.unique(network.synapses.target_gid[own][synchronous])))
    assert np.mean(reached) == pytest.approx(49.3, abs=3 * 2.9 / np.sqrt(20))


def test_gap_junctions_make_a_simple_graph_of_degree_5_at_most_and_4_6_on_average(network):
    junctions = network.gap_junctions
    pairs = set(zip(junctions.gid_a.tolist(), junctions.gid_b.tolist(), strict=True))
    assert len(pairs) == len(junctions) == 478
    assert junctions.gid_b.max() < 208
    degree = np.bincount(np.concatenate([junctions.gid_a, junctions.gid_b]), minlength=208)
    assert degree.max() == 5
    assert degree.min() >= 1
    assert degree.mean() == pytest.approx(4.596, abs=0.001)
    dendrite = np.concatenate([junctions.dendrite_a, junctions.dendrite_b])
    assert set(dendrite.tolist()) == set(range(4, 12))
    x = np.concatenate([junctions.x_a, junctions.x_b])
    assert 0.6 <= x.min() < x.max() <= 1
    assert x.mean() == pytest.approx(0.8, abs=0.02)


def test_cf_levels_add_spikes_in_the_published_order(network):
    times = network.cf_times_ms
    assert list(times) == list(range(9))
    joining = [
        (np.flatnonzero((times[n] < 10_000) & (times[n - 1] >= 10_000))).tolist()
        for n in range(1, 9)
    ]
    assert joining == [[0], [1], [4], [5], [2], [3], [6], [7]]
    assert times[8].tolist()[:8] == [
        150.0,
        150.684,
        154.0252,
        147.6549,
        145.2733,
        152.2365,
        151.3597,
        151.7254,
    ]


@pytest.mark.published
def test_cf_levels_are_the_published_ones(network, published_networks):
    for level in (0, 1, 2, 4, 6, 8):
        file = published_networks / f"cf_times_43_sync_{level}.csv"
        gid, time = np.loadtxt(file, delimiter=",", skiprows=1).T
        assert gid.tolist() == list(network.gids("CF"))
        np.testing.assert_allclose(network.cf_times_ms[level], time, atol=1e-4)


def test_the_seed_names_the_network():
    a, b, c = (generate_network(seed=seed, scale=0.1) for seed in (1, 1, 2))
    assert a == b
    assert a != c


def test_scale_multiplies_cells_and_keeps_the_numbers_of_each_cell():
    network = generate_network(seed=1, scale=3)
    assert network.population("MLI1").n_cells == 624
    assert network.population("CF").n_cells == 66
    assert set(per_cell(network, "PF", "MLI1")) == {645}
    assert len(network.gap_junctions) == pytest.approx(3 * 478, abs=6)
    assert sum(network.cf_times_ms[8] < 10_000) == 66
    assert sum(network.cf_times_ms[0] < 10_000) == 42


def test_counts_and_probabilities_are_parameters():
    parameters = MLINetworkParameters(n_mli2=30)
    assert generate_network(parameters, seed=1).population("MLI2").n_cells == 30


def test_a_scale_without_enough_fibers_is_refused():
    with pytest.raises(InputError, match="645"):
        generate_network(seed=1, scale=0.045)
    with pytest.raises(InputError):
        generate_network(seed=1, scale=-1)
