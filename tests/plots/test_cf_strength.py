"""The figure of the effect of synchrony against CF strength."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.cf_strength import summarize_strengths
from cerebella.plots.cf_strength import plot_cf_strength
from cerebella.plots.save import save_figure

CELLS = {"default": 10.0, "pc_morphology": 20.0, "seed_1": 0.0, "seed_2": 6.0}


@pytest.fixture
def tables():
    """Two trials of four cells; synchrony adds calcium at the second of three strengths."""
    keys = [
        (cell, strength, level, trial)
        for cell in CELLS
        for strength in (0.8, 0.9, 1.0)
        for level in (0, 8)
        for trial in (1, 2)
    ]
    runs = pd.DataFrame(keys, columns=["cell", "strength", "cf_sync", "trial"])
    is_changed = (runs["cf_sync"] == 8) & (runs["strength"] == 0.9)
    runs["calcium_mean_nM"] = 100 + np.where(is_changed, [CELLS[cell] for cell in runs["cell"]], 0)
    runs["recruitment"] = np.where(
        is_changed, 0.7, [{0.8: 0, 0.9: 0.3}.get(x, 1) for x in runs["strength"]]
    )
    runs = runs.assign(n_spikelets=5.0, width_ms=9.0, simple_spike_rate_Hz=40.0)
    territories = runs.assign(territory=1, probability=runs["recruitment"])
    return summarize_strengths(runs), territories


def test_one_curve_for_each_cell_and_their_mean(tables, tmp_path):
    figure = plot_cf_strength(*tables)
    calcium, recruitment, change, territories = figure.axes
    curves = {line.get_label(): line.get_ydata() for line in calcium.lines}
    labels = {"default": "default cell", "pc_morphology": "traced cell"}
    for cell, effect in CELLS.items():
        assert np.asarray(curves[labels.get(cell, cell)], float) == pytest.approx([0, effect, 0])
    assert np.asarray(curves["mean"], float) == pytest.approx([0, 9, 0])
    by_name = {line.get_label(): line.get_ydata() for line in recruitment.lines}
    assert np.asarray(by_name["traced cell"], float) == pytest.approx([0, 0.3, 1])
    by_name = {line.get_label(): line.get_ydata() for line in change.lines}
    assert np.asarray(by_name["traced cell"], float) == pytest.approx([0, 0.4, 0])
    points = territories.lines[0]
    assert sorted(set(np.round(np.asarray(points.get_xdata(), float), 9))) == [0, 0.5, 1]
    assert np.asarray(points.get_ydata()).max() == pytest.approx(0.4)
    assert [ax.texts[0].get_text() for ax in figure.axes] == ["a", "b", "c", "d"]
    (legend,) = figure.legends
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts == ["default cell", "traced cell", "generated (2)", "mean"]
    assert save_figure(figure, tmp_path / "strength.png").stat().st_size > 10_000
