import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from cerebella.errors import InputError
from cerebella.plots.molecular_layer import plot_molecular_layer
from cerebella.plots.population_rates import plot_population_rates
from cerebella.plots.raster import plot_cf_spikes, plot_raster
from cerebella.plots.save import save_figure
from cerebella.plots.style import POPULATION_COLORS
from cerebella.results.condition import Condition
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.run import Run


def recording(tmp_path, spikes, **condition):
    return Run({}, spikes=spikes, path=tmp_path / "run", condition=Condition(**condition))


def drawn_times(ax):
    return sorted(time for line in ax.lines for time in line.get_xdata())


def test_each_spike_has_its_mark(small_spikes):
    ax = plot_raster(small_spikes)
    drawn = np.sort(np.concatenate([small_spikes.of(p).times_ms for p in ("MLI1", "MLI2")]))
    np.testing.assert_array_equal(drawn_times(ax), drawn)
    assert [line.get_color() for line in ax.lines] == [
        POPULATION_COLORS["MLI1"],
        POPULATION_COLORS["MLI2"],
    ]


def test_each_cell_has_its_row(small_spikes):
    rows = {tuple(line.get_ydata()) for line in plot_raster(small_spikes).lines}
    assert max(rows)[0] > 3  # MLI2 above the four MLI1
    assert plot_raster(small_spikes).get_yticklabels()[0].get_text() == "MLI1\n4 cells"


def test_only_the_window_is_drawn(small_spikes):
    ax = plot_raster(small_spikes, window_ms=(60, 100))
    assert drawn_times(ax) == [60.025, 60.025, 90.0]
    assert ax.get_xlim() == (60, 100)


def test_climbing_fibers_are_drawn_alone(small_spikes):
    assert drawn_times(plot_cf_spikes(small_spikes)) == [151.5]


def test_plots_draw_into_the_axes_they_are_given(small_spikes):
    ax = Figure().add_subplot()
    assert plot_raster(small_spikes, ax) is ax
    assert plot_population_rates(small_spikes, ax) is ax


def test_rates_have_a_band_for_several_trials_only(small_spikes):
    assert len(plot_population_rates(small_spikes).collections) == 0
    ax = plot_population_rates([small_spikes, small_spikes])
    assert len(ax.collections) == 2
    assert ax.get_ylabel() == "Rate (Hz)"
    assert ax.get_ylim()[0] == 0


def test_what_bands_and_smoothing_are_is_said(small_spikes):
    figure = plot_molecular_layer({"one": [small_spikes, small_spikes]}, window_ms=(0, 100))
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert "mean ± s.e.m. over trials, smoothed by a Gaussian, SD 2 ms" in titles


def test_a_figure_is_a_picture_in_a_notebook_without_pyplot(small_spikes):
    png, size = plot_molecular_layer({"one": [small_spikes]}, window_ms=(0, 100))._repr_png_()
    assert png.startswith(b"\x89PNG")
    assert size["width"] == 340


def test_a_figure_is_shown_in_the_viewer_of_pictures(small_spikes, monkeypatch):
    shown = []
    monkeypatch.setattr("PIL.Image.Image.show", lambda image: shown.append(image.size))
    plot_molecular_layer({"one": [small_spikes]}, window_ms=(0, 100)).show()
    assert [width for width, _ in shown] == [680]


def test_each_condition_has_a_column_of_the_same_scale(tmp_path, small_spikes):
    quiet = SpikeTrains(
        small_spikes.times_ms[:3], small_spikes.gids[:3], small_spikes.populations, 200.0
    )
    runs = [
        recording(tmp_path, small_spikes, cf_sync=8, trial=1),
        recording(tmp_path, quiet, cf_sync=8, trial=2),
        recording(tmp_path, quiet, cf_sync=0, trial=1),
    ]
    figure = plot_molecular_layer(runs)
    grid = np.array(figure.axes).reshape(4, 2)
    assert [ax.get_title() for ax in grid[0]] == ["CF synchrony 0", "CF synchrony 8 (2 trials)"]
    for row in grid:
        assert row[0].get_ylim() == row[1].get_ylim()
    assert {ax.get_xlim() for ax in figure.axes} == {(80.0, 200.0)}
    assert [ax.get_xlabel() for ax in grid[:, 0]] == ["", "", "", "Time (ms)"]
    assert grid[2, 0].get_ylabel() == "MLI1 rate (Hz)"


def test_one_run_and_a_mapping_are_drawn_too(tmp_path, small_spikes):
    assert len(plot_molecular_layer(recording(tmp_path, small_spikes)).axes) == 4
    figure = plot_molecular_layer({"control": [small_spikes], "blocked": [small_spikes] * 2})
    assert [ax.get_title() for ax in figure.axes[:2]] == ["control", "blocked (2 trials)"]


def test_a_run_shorter_than_the_published_window_is_drawn_whole():
    spikes = SpikeTrains(np.array([5.0]), np.array([0]), (Population("MLI1", 0, 1),), 60.0)
    figure = plot_molecular_layer({"short": [spikes]})
    assert figure.axes[0].get_xlim() == (0, 60)


def test_a_network_without_spikes_is_drawn(tmp_path, small_populations):
    silent = SpikeTrains(np.empty(0), np.empty(0, dtype=int), small_populations, 300.0)
    save_figure(plot_molecular_layer({"silent": [silent]}), tmp_path / "silent.png")


def test_what_cannot_be_drawn_is_named(small_spikes):
    with pytest.raises(InputError, match="no runs"):
        plot_molecular_layer([])
    with pytest.raises(InputError, match="7 conditions"):
        plot_molecular_layer({str(n): [small_spikes] for n in range(7)})
    with pytest.raises(InputError, match="lasts 200 ms"):
        plot_molecular_layer({"a": [small_spikes]}, window_ms=(80, 280))
    with pytest.raises(InputError, match="neither MLI1 nor MLI2"):
        plot_molecular_layer({"a": [small_spikes.of("PF")]})


@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, small_spikes, ending):
    for name in ("a", "b"):
        save_figure(plot_molecular_layer({"x": [small_spikes]}), tmp_path / f"{name}.{ending}")
    first, second = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("a", "b"))
    assert first == second
    assert b"CreationDate" not in first
    assert b"<dc:date>" not in first


def test_text_in_vector_files_is_text(tmp_path, small_spikes):
    figure = plot_molecular_layer({"x": [small_spikes]})
    assert "MLI1 rate (Hz)" in save_figure(figure, tmp_path / "f.svg").read_text()
    assert b"/Type3" not in save_figure(figure, tmp_path / "f.pdf").read_bytes()


@pytest.mark.parametrize("name", ["f.JPG", "f"])
def test_other_formats_are_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"\.png, \.pdf or \.svg"):
        save_figure(Figure(), tmp_path / name)


def test_a_figure_is_replaced_but_a_folder_is_not(tmp_path, small_spikes):
    figure = plot_raster(small_spikes).figure
    (tmp_path / "f.PNG").write_text("old")
    assert save_figure(figure, tmp_path / "f.PNG").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        save_figure(figure, tmp_path / "folder.png")


def test_the_style_of_the_caller_is_left_alone(tmp_path, small_spikes):
    before = dict(matplotlib.rcParams)
    save_figure(plot_molecular_layer({"x": [small_spikes]}), tmp_path / "f.png")
    assert dict(matplotlib.rcParams) == before
