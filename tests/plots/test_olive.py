from __future__ import annotations

import pytest

from cerebella.analysis.olive_balance import summarize_olive
from cerebella.errors import InputError
from cerebella.olive.level import LEVEL
from cerebella.olive.simulate import simulate_olive
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.plots.olive import plot_io_rate, plot_olive


@pytest.fixture(scope="module")
def make_run():
    parameters = apply_settings(OliveParameters(), ["circuit.scale=0.25", "time_step_ms=1"])

    def make(*record, duration_ms=4000.0):
        return simulate_olive(
            parameters,
            duration_ms=duration_ms,
            record=record,
            perturbations=["2s:io_bias+0.3"],
        )

    return make


@pytest.fixture(scope="module")
def run(make_run):
    return make_run()


@pytest.mark.parametrize("name", LEVEL.figures)
def test_each_figure_draws_something(run, name):
    figure = run.plot(name)
    figure.draw_without_rendering()
    assert all(ax.lines or ax.patches or ax.images or ax.collections for ax in figure.axes)


def test_colors_of_the_weights_are_explained(run):
    weights, bar = run.plot("weight_distribution").axes
    assert bar.get_ylabel() == "Fraction of synapses"
    assert weights.images[0].norm.vmax == pytest.approx(1.0), "weights are equal at the start"


def test_the_rate_stands_beside_the_predicted_line(run):
    ax = plot_io_rate(run)
    assert any(line.get_linestyle() == "--" for line in ax.lines)
    assert "predicted 1 Hz" in [text.get_text() for text in ax.get_legend().get_texts()]


def test_rasters_of_a_longer_run_show_its_end_so_that_marks_do_not_merge(make_run):
    long = make_run(duration_ms=70_000.0)
    raster = plot_olive(long).axes[1]
    assert raster.get_xlim() == (10, 70)
    assert plot_olive(long, (5000.0, 8000.0)).axes[1].get_xlim() == (5, 8)


def test_what_was_not_recorded_is_said(make_run):
    bare = make_run("IO=none", "PC=none", "IO.v=none")
    texts = [t.get_text() for ax in plot_olive(bare).axes for t in ax.texts]
    assert texts.count("no IO recorded") == 3
    assert summarize_olive(bare)["io_isi_cv"] is None


def test_a_window_outside_the_run_is_refused(run):
    with pytest.raises(InputError, match="window"):
        plot_olive(run, (3000.0, 9000.0))


def test_rates_and_weights_by_10_s_have_one_entry_for_each(run):
    summary = summarize_olive(run)
    assert len(summary["io_rate_Hz_by_10s"]) == len(summary["weight_mean_by_10s"]) == 1
    assert 0 < summary["io_isi_cv"] < 1
    assert -1 <= summary["io_pair_correlation"] <= 1
