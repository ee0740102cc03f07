"""Measures of the learned pause in the detailed cell."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cerebella.experiments.eyelid_to_purkinje.measures import (
    LABELS,
    _longest_interval_ms,
    _simple_rate_Hz,
    is_simple,
    summarize_cells,
)


def test_spikes_after_a_climbing_fiber_spike_are_not_simple():
    assert is_simple(np.array([49.0, 50.0, 149.0, 150.0]), np.array([50.0])).tolist() == [
        True,
        False,
        False,
        True,
    ]


def test_the_rate_of_simple_spikes_leaves_out_complex_spike_and_pause():
    every_20_ms = np.arange(0.0, 400.0, 20.0)
    assert _simple_rate_Hz(every_20_ms, np.array([]), (0.0, 200.0)) == 50
    in_complex_spike = np.sort(np.append(every_20_ms[every_20_ms < 120], [121.0, 124.0, 127.0]))
    assert _simple_rate_Hz(in_complex_spike, np.array([120.0]), (0.0, 200.0)) == 50
    assert np.isnan(_simple_rate_Hz(every_20_ms, np.array([20.0]), (0.0, 100.0)))


def test_the_longest_interval_overlaps_the_window():
    spikes_ms = np.array([0.0, 90.0, 100.0, 130.0, 150.0, 250.0])
    assert _longest_interval_ms(spikes_ms, (95.0, 145.0)) == 30
    assert np.isnan(_longest_interval_ms(spikes_ms[:1], (95.0, 145.0)))


def test_sessions_are_the_unit_of_comparison():
    rng = np.random.default_rng(2)
    cells = pd.DataFrame(
        [
            {**dict.fromkeys(LABELS, np.nan), "seed": seed, "zones": zones, "stage": stage}
            | {"before_us_Hz": 50 + seed - 8 * (zones == "trained") * (stage == "after") + noise}
            for seed in range(1, 5)
            for zones in ("trained", "untrained")
            for stage in ("before", "after")
            for noise in rng.normal(0, 0.5, 4)
        ]
    )
    summary = summarize_cells(cells).set_index(["measure", "zones"])
    learned = summary.loc[("before_us_Hz", "trained")]
    assert learned["n_sessions"] == 4
    assert learned["before_trials"] == 16
    assert learned["difference"] == pytest.approx(-8, abs=0.7)
    assert learned["ci_low"] < -8 < learned["ci_high"] < -6
    assert summary.loc[("before_us_Hz", "untrained"), "ci_low"] < 0
    assert summary.loc[("before_us_Hz", "untrained"), "ci_high"] > 0
    assert summary.loc[("width_ms", "trained"), "n_sessions"] == 0
