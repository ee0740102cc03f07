"""Spikes that leave a device by step, sorted on the host."""

from __future__ import annotations

import numpy as np

from cerebella.olive.engines.procedures import sort_spikes

SIZES, ROOM, FIRST = np.array([400, 16]), np.array([0, 3000, 3500]), 7


def test_spikes_of_each_step_are_sorted_by_cell_however_many_there_are():
    rng = np.random.default_rng(1)
    out, n_out, expected = np.zeros((3500, 2), np.int64), np.zeros((2, 2), np.int32), []
    for c in range(2):
        for k, size in enumerate(SIZES):
            by_step = [rng.permutation(size)[: rng.integers(size + 1)] for _ in range(12)]
            keys = np.concatenate([step * size + ids for step, ids in enumerate(by_step)])
            out[ROOM[k] : ROOM[k] + len(keys), c], n_out[c, k] = keys, len(keys)
            expected.append(np.sort(keys))
    steps, cells = np.empty((2, n_out.sum()), np.uint32)
    bounds = np.empty(5, np.int64)
    sort_spikes(FIRST, out, n_out, ROOM, SIZES, steps, cells, bounds, np.empty(3500, np.int64))
    for place, keys in enumerate(expected):
        own, size = slice(bounds[place], bounds[place + 1]), SIZES[place % 2]
        assert np.array_equal(steps[own], FIRST + keys // size)
        assert np.array_equal(cells[own], keys % size)
