import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from cerebella.errors import InputError
from cerebella.plots.dendritic_calcium import plot_dendritic_calcium
from cerebella.plots.save import save_figure


def colors_of(ax):
    """Calcium (µM) of the drawn compartments."""
    (cell,) = (c for c in ax.collections if isinstance(c, PolyCollection))
    return set((10 ** np.asarray(cell.get_array())).round(3).tolist())


def test_each_moment_has_a_panel_with_its_calcium(make_purkinje_run, tmp_path):
    figure = plot_dendritic_calcium(make_purkinje_run(), (150, 160))
    before, during, bar = figure.axes
    assert [before.get_title(), during.get_title()] == ["150 ms\nCF −1.7 ms", "160 ms\nCF +8.3 ms"]
    assert bar.get_ylabel().endswith("line: dendritic spike, 5 µM")
    assert colors_of(before) == {0.04}
    assert colors_of(during) == {0.04, 1, 2, 4, 6}
    assert save_figure(figure, tmp_path / "dendrite.png").stat().st_size > 5000


def test_moments_are_around_the_peak(make_purkinje_run):
    """Calcium is high from 155 ms on."""
    panels = plot_dendritic_calcium(make_purkinje_run()).axes[:-1]
    titles = [ax.get_title().partition("\n")[0] for ax in panels]
    assert titles == ["147 ms", "153.5 ms", "155 ms", "156.5 ms", "163 ms"]
    short = make_purkinje_run(duration_ms=157.0)
    assert len(plot_dendritic_calcium(short).axes) == 4 + 1


def test_runs_are_rows_of_one_scale(make_purkinje_run):
    runs = [make_purkinje_run("a"), make_purkinje_run("b", calcium_mM=0.02)]
    figure = plot_dendritic_calcium(runs, (160,), limits_uM=(0.1, 10))
    assert len(figure.axes) == 3
    limits = {ax.collections[0].get_clim() for ax in figure.axes[:2]}
    assert limits == {(-1, 1)}
    assert [ax.texts[-1].get_text() for ax in figure.axes[:2]] == ["a", "b"]


def test_what_cannot_be_drawn_is_refused(make_purkinje_run):
    run = make_purkinje_run()
    with pytest.raises(InputError, match="no runs"):
        plot_dendritic_calcium([])
    with pytest.raises(InputError, match="calcium from 0 to 299 ms, not at 400 ms"):
        plot_dendritic_calcium(run, (400,))
    with pytest.raises(InputError, match="did not record calcium"):
        plot_dendritic_calcium(make_purkinje_run(traces=("soma_v",)))
    with pytest.raises(InputError, match="1 runs at 9 times"):
        plot_dendritic_calcium(run, range(150, 159))
