import numpy as np
import pytest

from cerebella.analysis.dendritic_calcium import SpinyCalcium
from cerebella.errors import InputError
from cerebella.plots.purkinje import plot_purkinje, plot_soma_voltage, plot_spiny_calcium
from cerebella.plots.save import save_figure
from cerebella.runs.load import load_run


def titles_of(figure):
    return [ax.get_title() for ax in figure.axes if ax.get_title()]


def labels_of(figure):
    return [ax.get_ylabel() for ax in figure.axes if ax.get_ylabel()]


def test_a_run_has_raster_rates_voltage_and_calcium(make_purkinje_run, tmp_path):
    figure = plot_purkinje(make_purkinje_run())
    assert titles_of(figure) == ["CF synchrony 8"]
    assert labels_of(figure) == ["Rate (Hz)", "Soma voltage (mV)", "Spiny Ca$^{2+}$ (nM)"]
    assert all(ax.get_xlim() == (80, 270) for ax in figure.axes)
    for ending in ("png", "pdf", "svg"):
        assert save_figure(figure, tmp_path / f"f.{ending}").stat().st_size > 5000


def test_levels_are_columns_and_trials_are_averaged(make_purkinje_run):
    runs = [
        make_purkinje_run(f"{level}_{trial}", cf_sync=level, trial=trial)
        for level in (8, 0)
        for trial in (2, 1)
    ]
    figure = plot_purkinje(runs)
    assert titles_of(figure)[:2] == ["CF synchrony 0 (2 trials)", "CF synchrony 8 (2 trials)"]
    calcium = next(ax for ax in figure.axes if ax.get_ylabel().startswith("Spiny"))
    assert len(calcium.collections) == 1  # the band
    repeated = figure.axes[-1].lines[-1]
    assert repeated.get_label() == "CF synchrony 0 (2 trials)"[:14]
    np.testing.assert_allclose(repeated.get_ydata(), calcium.lines[0].get_ydata())


def test_columns_have_the_same_scale(make_purkinje_run):
    runs = [make_purkinje_run("a", cf_sync=0), make_purkinje_run("b", calcium_mM=0.04)]
    axes = plot_purkinje(runs).axes[-2:]
    assert axes[0].get_ylim() == axes[1].get_ylim()
    assert axes[0].get_ylim()[1] > 20_000


def test_what_no_run_recorded_is_left_out(make_purkinje_run):
    figure = plot_purkinje(make_purkinje_run(traces=("soma_v",)))
    assert labels_of(figure) == ["Rate (Hz)", "Soma voltage (mV)"]


def test_the_window_is_cut_to_the_run_or_chosen(make_purkinje_run):
    run = make_purkinje_run(duration_ms=200.0, simple_ms=(60, 80, 100, 120, 140))
    assert plot_purkinje(run).axes[0].get_xlim() == (80, 200)
    assert plot_purkinje(run, (140, 180)).axes[0].get_xlim() == (140, 180)
    with pytest.raises(InputError, match="ends after the run"):
        plot_purkinje(run, (140, 280))


def test_what_cannot_be_drawn_is_refused(make_purkinje_run):
    with pytest.raises(InputError, match="no runs to draw"):
        plot_purkinje([])
    runs = [make_purkinje_run(f"{level}", cf_sync=level) for level in range(7)]
    with pytest.raises(InputError, match="7 conditions do not fit"):
        plot_purkinje(runs)


def test_the_voltage_has_a_mark_at_the_climbing_fiber(soma_voltage):
    voltage = soma_voltage([100])
    ax = plot_soma_voltage(voltage, cf_time_ms=151.7)
    assert ax.lines[1].get_xdata() == [151.7]
    assert len(plot_soma_voltage(voltage, window_ms=(0, 100), cf_time_ms=151.7).lines) == 1


def test_calcium_of_trials_is_their_mean_and_its_error():
    times = np.arange(5.0)
    trials = [SpinyCalcium(times, np.full(5, value), 3) for value in (100.0, 300.0)]
    ax = plot_spiny_calcium(trials)
    assert set(ax.lines[0].get_ydata()) == {200}
    (band,) = ax.collections
    low, high = np.percentile(band.get_paths()[0].vertices[:, 1], [0, 100])
    assert (low, high) == pytest.approx((100, 300))  # sd 141.4, over the root of 2


@pytest.mark.published
def test_the_published_recording_is_drawn(published_folder):
    name = "pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz"
    figure = plot_purkinje(load_run(published_folder("purkinje") / name))
    assert labels_of(figure) == ["Soma voltage (mV)"]
