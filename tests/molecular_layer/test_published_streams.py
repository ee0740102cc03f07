"""The random streams of the published runs: order, and agreement with published spikes."""

from __future__ import annotations

import random

import numpy as np
import pytest

from cerebella.molecular_layer.inputs import (
    cf_spikes_of_level,
    draw_bias_and_delays,
    draw_pf_spikes,
)
from cerebella.molecular_layer.published_streams import published_bias_and_delay_draws
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.molecular_layer.wiring import wire_rank
from cerebella.network.csv_tables import read_cells, read_cf_level
from cerebella.network.generate import generate_network
from cerebella.network.load import load_network, save_network
from cerebella.network.network import GapJunctions, Network, Synapses
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.spikes import merge_spike_trains

PARAMETERS = MLIParameters()
TRIAL = 11
N_MLI1, N_MLI = 208, 267


@pytest.fixture(scope="module")
def network():
    """A network of 54 MLIs, with its table in shuffled order."""
    ordered = generate_network(seed=4, scale=0.2)
    table = ordered.synapses
    mixed = np.random.default_rng(0).permutation(len(table))
    synapses = Synapses(
        table.source_gid, table.target_gid, table.dendrite, table.x, table_row=mixed
    )
    return Network(ordered.cell_counts, synapses, ordered.gap_junctions, ordered.cf_times_ms)


@pytest.mark.parametrize("n_ranks", [1, 5, 12, 100])
def test_each_rank_draws_for_its_cells_and_then_for_its_rows_of_the_table(network, n_ranks):
    table, n_mli = network.synapses, network.population("PF").first_gid
    rows = sorted(range(len(table)), key=table.table_row.tolist().__getitem__)
    source, target = table.source_gid.tolist(), table.target_gid.tolist()
    cells, synapses = np.zeros(n_mli), np.zeros(len(table))
    for rank in range(n_ranks):
        random.seed(42 + TRIAL + rank)
        for gid in range(n_mli):
            if gid % n_ranks == rank:
                cells[gid] = random.random()
        for row in rows:
            if source[row] < n_mli and target[row] % n_ranks == rank:
                synapses[row] = random.random()
    of_cells, of_synapses = published_bias_and_delay_draws(network, TRIAL, n_ranks)
    np.testing.assert_array_equal(of_cells, cells)
    np.testing.assert_array_equal(of_synapses, synapses)


def test_draws_fill_the_ranges_of_the_parameters(network):
    bias_nA, delay_ms = draw_bias_and_delays(
        network, PARAMETERS, seed=0, trial=TRIAL, published_ranks=12
    )
    u, v = published_bias_and_delay_draws(network, TRIAL, 12)
    n_mli1 = network.population("MLI1").n_cells
    np.testing.assert_allclose(bias_nA[:n_mli1], 0.0305 + 0.008 * 2 * (u[:n_mli1] - 0.5))
    np.testing.assert_allclose(bias_nA[n_mli1:], 0.0145 + 0.004 * 2 * (u[n_mli1:] - 0.5))
    inhibitory = network.synapses.source_gid < network.population("PF").first_gid
    np.testing.assert_allclose(delay_ms[inhibitory], 1 + 0.5 * v[inhibitory])
    assert not delay_ms[~inhibitory].any()


def test_a_trial_repeats_the_streams_of_the_trial_before_one_rank_further_on(network):
    now, before = (published_bias_and_delay_draws(network, trial, 4)[0] for trial in (3, 2))
    for rank in range(3):
        ours, theirs = now[rank::4], before[rank + 1 :: 4]
        n = min(len(ours), len(theirs))
        np.testing.assert_array_equal(ours[:n], theirs[:n])


def test_a_replay_does_not_depend_on_our_own_ranks(network):
    def drawn(n_ranks, published_ranks):
        bias, delays = {}, []
        for rank in range(n_ranks):
            wiring = wire_rank(
                network,
                PARAMETERS,
                seed=0,
                trial=TRIAL,
                published_ranks=published_ranks,
                rank=rank,
                n_ranks=n_ranks,
            )
            bias |= dict(zip(wiring.gid.tolist(), wiring.bias_nA.tolist(), strict=True))
            targets = wiring.gid[wiring.synapse_cell[wiring.mli_synapse]]
            columns = (wiring.mli_source, targets, wiring.mli_delay_ms)
            delays += zip(*(column.tolist() for column in columns), strict=True)
        return bias, sorted(delays)

    assert drawn(3, 12) == drawn(1, 12)
    assert drawn(1, 8) != drawn(1, 12)


@pytest.mark.mpi
def test_a_replay_from_tables_gives_the_same_spikes_on_any_ranks(network, tmp_path):
    folder = save_network(network, tmp_path / "tables", format="csv")
    one, two = (
        simulate_mli(
            load_network(folder),
            duration_ms=40,
            replay_published=True,
            engine=CoreNeuron(ranks=ranks),
        )
        for ranks in (1, 2)
    )
    assert len(one.spikes.of("MLI1")) > 0
    assert one.spikes == two.spikes
    assert one.manifest["published_ranks"] == 12


@pytest.fixture(scope="module")
def published_cells(published_networks):
    """The published cells and CF times, without any connection."""
    counts = read_cells(published_networks / "cells_43_20241112_153832.csv")
    levels = {
        level: read_cf_level(published_networks / f"cf_times_43_sync_{level}.csv", counts)
        for level in (0, 8)
    }
    none = Synapses(*[np.empty(0)] * 4), GapJunctions(*[np.empty(0)] * 6)
    return Network(counts, *none, levels, "43_20241112_153832")


@pytest.fixture(scope="module")
def published_spikes(published_networks):
    """Times (ms) and gids of one level of trial 11, in the order of the file."""

    def load(level):
        name = f"spk_43_20241112_153832_cfsync_sync_{level}_w2_70_trial_11.csv"
        times, gids = np.loadtxt(published_networks / name, delimiter=",").T
        return times, gids.astype(np.int64)

    return load


@pytest.mark.published
@pytest.mark.parametrize("level", [0, 8])
def test_pf_and_cf_spikes_are_the_published_ones(published_cells, published_spikes, level):
    pf = draw_pf_spikes(
        published_cells, PARAMETERS, 300, seed=0, trial=TRIAL, published_streams=True
    )
    cf = cf_spikes_of_level(published_cells, level, 300)
    assert_are_published(merge_spike_trains([pf, cf]), *published_spikes(level))


@pytest.mark.published
def test_a_replay_has_the_published_pf_and_cf_spikes(published_cells, published_spikes):
    duration_ms = 40
    spikes = simulate_mli(
        published_cells, cf_sync=8, trial=TRIAL, duration_ms=duration_ms, replay_published=True
    ).spikes
    inputs = merge_spike_trains([spikes.of("PF"), spikes.of("CF")])
    times, gids = published_spikes(8)
    early = times < duration_ms
    assert_are_published(inputs, times[early], gids[early])


def assert_are_published(inputs, times, gids):
    """Compare spikes of PFs and CFs with published ones, cell by cell, in six digits."""
    external = gids >= N_MLI
    times, gids = times[external], gids[external]
    order = np.lexsort((times, gids))
    by_gid = np.lexsort((inputs.times_ms, inputs.gids))
    np.testing.assert_array_equal(inputs.gids[by_gid], gids[order])
    np.testing.assert_allclose(inputs.times_ms[by_gid], times[order], rtol=6e-6)


@pytest.mark.published
def test_the_published_run_had_12_ranks_that_owned_cells_by_gid(published_spikes):
    times, gids = published_spikes(8)
    starts = np.flatnonzero(np.diff(times, prepend=np.inf) < 0)
    owners = [set((block % 12).tolist()) for block in np.split(gids, starts[1:])]
    assert owners == [{rank} for rank in range(12)]


@pytest.mark.published
@pytest.mark.parametrize("level", [0, 8])
def test_published_mlis_fire_by_the_bias_currents_of_12_ranks(
    published_cells, published_spikes, level
):
    _, gids = published_spikes(level)
    n_spikes = np.bincount(gids[gids < N_MLI], minlength=N_MLI)

    def correlations(n_ranks):
        bias_nA, _ = draw_bias_and_delays(
            published_cells, PARAMETERS, seed=0, trial=TRIAL, published_ranks=n_ranks
        )
        return [
            np.corrcoef(bias_nA[cells], n_spikes[cells])[0, 1]
            for cells in (slice(0, N_MLI1), slice(N_MLI1, N_MLI))
        ]

    assert min(correlations(12)) > 0.9
    assert max(max(correlations(n)) for n in range(1, 25) if n != 12) < 0.5
