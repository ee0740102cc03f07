"""The figure of the synchrony experiment, on numbers of which the picture is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.level_statistics import summarize_levels
from cerebella.plots.cf_synchrony import plot_cf_synchrony

MEASURES = {"MLI2_peak_Hz": "MLI2 peak (Hz)", "width_ms": "Width (ms)"}


def runs_of(condition, offset):
    """Three trials that differ by 100 and rise alike, by 1 for each level."""
    return [
        {
            "condition": condition,
            "cf_sync": level,
            "trial": trial,
            "MLI2_peak_Hz": offset + 100 * trial + level,
            "width_ms": np.nan,
        }
        for level in (0, 4, 8)
        for trial in (1, 2, 3)
    ]


@pytest.fixture
def figure():
    runs = pd.DataFrame(runs_of("control", 0) + runs_of("w2-0pS", 50))
    conditions = {"control": "control", "w2-0pS": "w2 0 pS"}
    return plot_cf_synchrony(runs, summarize_levels(runs, MEASURES), MEASURES, conditions)


def test_trials_are_moved_to_one_mean_so_that_their_change_is_seen(figure):
    ax = figure.axes[0]
    thin = [line for line in ax.lines if line.get_linewidth() < 0.5]
    assert len(thin) == 3
    for line in thin:
        np.testing.assert_allclose(line.get_ydata(), [200, 204, 208])


def test_each_condition_has_its_mean_and_its_name(figure):
    lines = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    control, without = (line.get_ydata() for line in lines)
    np.testing.assert_allclose(control, [200, 204, 208])
    np.testing.assert_allclose(without, [250, 254, 258])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["control", "w2 0 pS"]


def test_a_measure_without_values_has_no_panel(figure):
    assert [ax.get_ylabel() for ax in figure.axes if ax.axison] == ["MLI2 peak (Hz)"]
