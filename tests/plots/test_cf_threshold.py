from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.cf_threshold import analyze_recruitment
from cerebella.analysis.dendritic_territories import Responses
from cerebella.plots.cf_threshold import plot_cf_threshold
from cerebella.plots.save import save_figure

SCALES = np.array([20.0, 24, 26, 28, 30])


@pytest.fixture
def found(spiny_cell):
    """Two trials of a cell with a thick branch, thin ones, and a twig that is never recruited."""

    def responses(thick, thin):
        first = np.array([np.inf] * 7 + [thick, thin, thin, np.inf])
        return Responses(SCALES, SCALES[:, None] >= first)

    return analyze_recruitment(
        spiny_cell, {1: responses(24, 28), 2: responses(26, 28)}, cf_scale=29.0
    )


def test_each_trial_is_a_line_and_each_territory_a_rectangle(found, tmp_path):
    figure = plot_cf_threshold(found)
    left = figure.axes[0]
    assert [line.get_ydata().tolist() for line in left.lines[:2]] == [
        shares.tolist() for shares in found.shares
    ]
    first, second = (area.get_paths()[0].get_extents() for area in left.collections)
    assert (first.x0, first.x1) == (22, 25)
    assert (second.x0, second.x1) == (27, 27)
    assert (first.y0, second.y0) == pytest.approx((0, first.y1))
    assert second.y1 == pytest.approx(sum(one.share for one in found.territories))
    numbers = [text.get_text() for text in left.texts if text.get_text() != "a"]
    assert numbers == ["1", "2"]
    assert save_figure(figure, tmp_path / "threshold.png").stat().st_size > 5000


def test_lines_mark_the_main_threshold_and_the_parameters(found):
    labels = [text.get_text() for text in plot_cf_threshold(found).axes[0].legend_.get_texts()]
    assert labels == [f"main threshold {found.main_threshold:.1f}", f"CF 29: {found.strength:.2f}x"]


def test_the_cell_is_colored_by_thresholds(found):
    (cell,) = plot_cf_threshold(found).axes[1].collections
    values = np.ma.masked_invalid(cell.get_array()).compressed()
    assert set(values.tolist()) == {one.threshold for one in found.territories}


def test_a_cell_without_territories_is_drawn(found):
    from dataclasses import replace

    figure = plot_cf_threshold(replace(found, territories=()))
    assert not figure.axes[0].collections
