"""Coincidences and correlograms of olivary cells, against trains whose answer is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from cerebella.analysis.olive_synchrony import compute_coincidences, compute_correlogram
from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.results.spike_file import CellSpikes
from cerebella.results.spikes import Population


def olive(trains_ms, n_zones=2, step_ms=0.1):
    """A run in which IO cell i has the i-th train."""
    cells = np.repeat(np.arange(len(trains_ms)), [len(train) for train in trains_ms])
    times = np.concatenate([np.asarray(train, dtype=float) for train in trains_ms])
    order = np.argsort(times, kind="stable")
    spikes = CellSpikes(times[order], cells[order], np.arange(len(trains_ms)))
    return SimpleNamespace(
        populations={
            "IO": Population("IO", 0, len(trains_ms)),
            "DCN": Population("DCN", 99, n_zones),
        },
        require={"parameters": OliveParameters(time_step_ms=step_ms)}.__getitem__,
        of=lambda name: spikes,
        duration_ms=2e6,
    )


def test_cells_that_fire_five_ms_apart_count_and_those_further_apart_do_not():
    run = olive([[100.0, 200.0, 300.0], [105.0, 199.9], [94.9, 206.0], [100.0, 299.0, 301.0]])
    found = compute_coincidences(run, 0, [1, 2, 3], 0.0, 1000.0)
    assert found.event_ms.tolist() == [100.0, 200.0, 300.0]
    assert found.n_cells.tolist() == [2, 1, 1]


def test_only_requested_cells_and_events_in_the_window_count():
    run = olive([[100.0, 200.0], [100.0, 200.0], [200.0], [200.0]])
    found = compute_coincidences(run, 0, [1, 2], 150.0, 1000.0)
    assert found.event_ms.tolist() == [200.0]
    assert found.n_cells.tolist() == [2]


@pytest.mark.parametrize("step_ms", [0.1, 1.0])
def test_independent_trains_coincide_at_chance_level(step_ms):
    rng = np.random.default_rng(1)
    n_steps = round(2_000_000 / step_ms)
    trains = [np.sort(rng.choice(n_steps, 10_000, replace=False)) * step_ms for _ in range(4)]
    run = olive(trains, step_ms=step_ms)
    found = compute_coincidences(run, 0, [1, 2, 3], 0.0, 2e6)
    assert found.n_cells.mean() == pytest.approx(found.chance, rel=0.06)
    correlogram = compute_correlogram(run, 0.0, 2e6)
    assert correlogram.same_zone == pytest.approx(np.ones(21), abs=0.06)
    assert correlogram.other_zones == pytest.approx(np.ones(21), abs=0.06)


def test_the_correlogram_tells_pairs_of_a_zone_from_others():
    shared = 1000.0 * np.arange(1, 100)
    run = olive([shared, shared + 2, shared + 400, shared + 400 + 30])
    correlogram = compute_correlogram(run, 0.0, 110_000.0)
    same = dict(zip(correlogram.lag_ms.tolist(), correlogram.same_zone.tolist(), strict=True))
    assert same[0.0] > 10
    assert same[30.0] == same[-30.0] > 5
    assert same[10.0] == same[100.0] == 0
    assert not correlogram.other_zones.any()
    assert correlogram.at_zero == (same[0.0], 0.0)


def test_the_ratio_is_undefined_without_two_cells_in_a_zone():
    correlogram = compute_correlogram(olive([[10.0], [20.0]]), 0.0, 100.0)
    assert np.isnan(correlogram.same_zone).all()
    assert correlogram.other_zones.any()


@pytest.mark.parametrize("window_ms", [(-1.0, 10.0), (10.0, 10.0), (0.0, 3e6)])
def test_windows_outside_the_run_are_refused(window_ms):
    run = olive([[10.0], [20.0]])
    with pytest.raises(InputError, match="window"):
        compute_correlogram(run, *window_ms)
    with pytest.raises(InputError, match="window"):
        compute_coincidences(run, 0, [1], *window_ms)
