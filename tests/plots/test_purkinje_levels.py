import numpy as np
import pytest

from cerebella.analysis.purkinje import compute_purkinje_summary
from cerebella.analysis.purkinje_levels import MEASURES, compare_levels
from cerebella.errors import InputError
from cerebella.plots.purkinje_levels import plot_paired_measure, plot_purkinje_levels

WIDTH = next(measure for measure in MEASURES if measure.key == "width_ms")


@pytest.fixture
def make_levels(make_purkinje_run):
    """Runs of levels whose complex spikes are wider by level + trial, in ms."""

    def make(levels=(0, 8), trials=(1, 2, 3), **changes):
        return [
            make_purkinje_run(
                cf_sync=level,
                trial=trial,
                spikelets_ms=(152, 160 + (level + trial if level else 0)),
                **changes,
            )
            for level in levels
            for trial in trials
        ]

    return make


def test_each_trial_is_a_line_between_levels(make_levels):
    comparisons = compare_levels([compute_purkinje_summary(run) for run in make_levels()])
    ax = plot_paired_measure(comparisons, WIDTH)
    lines = [line.get_ydata() for line in ax.lines[:3]]
    np.testing.assert_allclose(lines, [[8, 17], [8, 18], [8, 19]])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "8"]
    assert ax.texts[0].get_text() == "p = 0.0033"  # t = 10 sqrt(3), 2 degrees of freedom


def test_three_levels_share_the_lines_of_their_trials(make_levels):
    runs = make_levels((0, 4, 8), (1, 2))
    comparisons = compare_levels([compute_purkinje_summary(run) for run in runs])
    ax = plot_paired_measure(comparisons, WIDTH)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [8, 13, 17])
    assert len(ax.texts) == 2


def test_the_figure_lays_levels_over_each_other(make_levels):
    figure = plot_purkinje_levels(make_levels())
    voltage, calcium, *panels = figure.axes
    assert [line.get_label() for line in voltage.lines[::2]] == ["CF synchrony 0", "CF synchrony 8"]
    assert [text.get_text() for text in calcium.get_legend().get_texts()] == [
        "CF synchrony 0",
        "CF synchrony 8",
    ]
    assert panels[2].get_ylabel() == "Complex spike width (ms)"


def test_a_measure_without_a_value_is_called_undefined(make_levels):
    """As the pause in runs that end before the next simple spike."""
    comparisons = compare_levels([compute_purkinje_summary(run) for run in make_levels()])
    undefined = WIDTH._replace(key="pause_ms", of=lambda response: float("nan"))
    texts = [text.get_text() for text in plot_paired_measure(comparisons, undefined).texts]
    assert "undefined in\nthese runs" in texts


def test_times_are_relative_to_the_climbing_fiber(make_levels):
    voltage = plot_purkinje_levels(make_levels()).axes[0]
    assert voltage.get_xlabel() == "Time after the climbing fiber (ms)"
    assert voltage.xaxis.get_major_formatter()(171.7) == "20"


def test_what_was_not_recorded_is_said(make_levels):
    _, calcium, *_ = plot_purkinje_levels(make_levels(traces=("soma_v",))).axes
    assert calcium.texts[0].get_text() == "not recorded"
    voltage, calcium, *_ = plot_purkinje_levels(make_levels(traces=())).axes
    assert voltage.texts[0].get_text() == calcium.texts[0].get_text() == "not recorded"


def test_runs_that_cannot_be_compared_are_refused(make_levels):
    with pytest.raises(InputError, match="do not include several synchrony levels"):
        plot_purkinje_levels(make_levels((8,)))
    other = make_levels(morphology={"name": "other"})
    with pytest.raises(InputError, match="several experiments"):
        plot_purkinje_levels([*make_levels(), *other])
