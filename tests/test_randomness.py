"""Random streams: NEURON's own, named by cell, and independent of other draws."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cerebella.randomness import Purpose, generator, random123


def test_intervals_are_those_of_the_published_poisson_sources(oracle):
    table = oracle("netstim_r123")
    for id1 in np.unique(table["id1"]):
        expected = table["t_ms"][table["id1"] == id1]
        u = random123(0, Purpose.PF_TRAIN, [id1], 0, len(expected))[0]
        np.testing.assert_allclose(np.cumsum(-250 * np.log(u)), expected, rtol=1e-8)


def test_streams_are_neurons_random123_with_the_seed_as_global_index():
    # In a separate process, since the global index is global.
    code = """
from neuron import h
h.Random().Random123_globalindex(7)
r = h.Random()
r.Random123(123, 4, 2)
print(repr(r.uniform(0, 1)), *(repr(r.repick()) for _ in range(5)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    theirs = np.array(done.stdout.split(), dtype=float)
    ours = random123(7, 2, [123], 4, 6)[0]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)


def test_a_cells_stream_does_not_depend_on_the_other_cells():
    together = random123(1, Purpose.BIAS, [5, 9, 2, 7], 3, 8)
    alone = random123(1, Purpose.BIAS, [2], 3, 8)
    np.testing.assert_array_equal(together[2], alone[0])


@pytest.mark.parametrize("first", [4, 12])
def test_a_stream_can_be_drawn_in_parts(first):
    whole = random123(1, Purpose.BIAS, [1, 2], 3, 20)
    part = random123(1, Purpose.BIAS, [1, 2], 3, 8, first_draw=first)
    np.testing.assert_array_equal(part, whole[:, first : first + 8])


def test_seed_purpose_cell_and_trial_all_name_a_stream():
    streams = [
        random123(seed, purpose, [gid], trial, 4)[0].tobytes()
        for seed in (0, 1)
        for purpose in (0, 1)
        for gid in (0, 1)
        for trial in (0, 1)
    ]
    assert len(set(streams)) == 16


def test_draws_are_uniform():
    u = random123(0, Purpose.BIAS, range(1000), 1, 100)
    assert 0 < u.min() < u.max() < 1
    counts, _ = np.histogram(u, bins=20, range=(0, 1))
    chi_square = ((counts - 5000) ** 2 / 5000).sum()
    assert chi_square < 43.8  # 0.1 % of a chi-square with 19 degrees of freedom


def test_generators_repeat_and_differ_by_purpose():
    a, b, c = (
        generator(seed, purpose).random(4).tolist()
        for seed, purpose in ((3, Purpose.WIRING), (3, Purpose.WIRING), (3, Purpose.GAP_JUNCTIONS))
    )
    assert a == b != c
