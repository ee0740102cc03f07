"""The figure of a sweep: lines, errors, axes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from cerebella.errors import InputError
from cerebella.plots.sweep import MOST_PANELS, plot_sweep


def table_of(values, other=("a", "b"), seeds=(1, 2, 3), measures=("rate_Hz",)):
    rows = [
        {"across": x, "other": y, "seed": seed, "measure": measure, "value": float(seed + number)}
        for number, (x, y) in enumerate(product(values, other))
        for seed in seeds
        for measure in measures
    ]
    return pd.DataFrame(rows)


def test_one_line_for_each_value_of_another_parameter_with_its_standard_error():
    figure = plot_sweep(table_of([4, 2, 3]), ["across", "other", "seed"], {"rate_Hz": "Rate"})
    (ax,) = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]
    assert figure.legends[0].get_title().get_text() == "other"
    line, _, (bars,) = ax.containers[0].lines
    np.testing.assert_array_equal(line.get_xdata(), [2, 3, 4])
    np.testing.assert_allclose(list(line.get_ydata()), [4, 6, 2])  # means over the three seeds
    heights = [segment[1][1] - segment[0][1] for segment in bars.get_segments()]
    np.testing.assert_allclose(heights, 2 / np.sqrt(3))
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("across", "Rate", "linear")


@pytest.mark.parametrize(
    ("values", "scale"), [([1, 10, 100], "log"), ([1, 2, 100], "linear"), ([0, 1, 10], "linear")]
)
def test_values_of_equal_ratios_are_on_a_logarithmic_axis(values, scale):
    figure = plot_sweep(table_of(values), ["across", "other", "seed"])
    assert figure.axes[0].get_xscale() == scale
    assert list(figure.axes[0].get_xticks()) == values


def test_text_is_at_equal_distances_and_seeds_alone_are_the_axis():
    (ax,) = plot_sweep(table_of(["none", "some"], other=("a",)), ["across", "seed"]).axes
    assert [label.get_text() for label in ax.get_xticklabels()] == ["none", "some"]
    (ax,) = plot_sweep(table_of([1], other=("a",)), ["seed"]).axes
    assert ax.get_xlabel() == "seed"


def test_measures_without_values_have_no_panel_and_no_more_than_eight_are_shown():
    many = table_of([1, 2], measures=[f"measure_{i}" for i in range(12)])
    many.loc[many["measure"] == "measure_0", "value"] = np.nan
    figure = plot_sweep(many, ["across", "other", "seed"])
    shown = [ax.get_ylabel() for ax in figure.axes if ax.get_ylabel()]
    assert shown == [f"measure_{i}" for i in range(1, MOST_PANELS + 1)]


def test_a_table_without_values_is_refused():
    with pytest.raises(InputError, match="no measure has a value"):
        plot_sweep(table_of([1, 2]).assign(value=np.nan), ["across", "other", "seed"])


def test_a_line_has_one_color_in_all_panels_and_the_legend_names_all_lines():
    table = table_of([1, 2], measures=("rate_Hz", "effect_Hz"))
    lowest = (table["measure"] == "effect_Hz") & (table["other"] == "a")
    table.loc[lowest, "value"] = np.nan  # as effects of a lowest level
    figure = plot_sweep(table, ["across", "other", "seed"], {"effect_Hz": "E", "rate_Hz": "R"})
    effect, rate = figure.axes
    colors = {line.get_label(): line.lines[0].get_color() for line in rate.containers}
    assert list(colors) == ["a", "b"]
    (drawn,) = effect.containers
    assert (drawn.get_label(), drawn.lines[0].get_color()) == ("b", colors["b"])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]
