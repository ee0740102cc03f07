"""Figures of a morphology."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.plots.morphology import REGION_COLORS, plot_morphology, plot_morphology_views
from cerebella.plots.save import save_figure


@pytest.fixture
def cell() -> Morphology:
    """A soma, an axon initial segment and one smooth section of two compartments each."""
    points = [
        *([0, -10, 0, 8], [0, 10, 0, 8]),
        *([0, -10, 0, 1], [0, -30, 0, 1]),
        *([0, 10, 0, 2], [0, 40, 0, 2], [40, 40, 6, 2]),
    ]
    return Morphology(
        name="cell",
        section_names=("soma", "ais[0]", "smooth[0]"),
        regions=np.array([0, 1, 2]),
        parents=np.array([-1, 0, 0]),
        parent_ends=np.array([0, 0, 1]),
        n_compartments=np.array([2, 2, 2]),
        first_points=np.array([0, 2, 4, 7]),
        points_um=np.array(points, dtype=float),
    )


def shapes(ax):
    return [path.vertices for path in ax.collections[0].get_paths()]


def test_widths_are_diameters_at_scale(cell):
    first_of_axon = shapes(plot_morphology(cell))[3]
    assert np.ptp(first_of_axon, axis=0).tolist() == [1, 10]
    assert plot_morphology(cell).get_aspect() == 1


def test_pieces_share_the_edge_where_a_branch_bends(cell):
    before, after = shapes(plot_morphology(cell))[:2]
    np.testing.assert_allclose(before[[3, 2]], after[[0, 1]])
    np.testing.assert_allclose(np.linalg.norm(before[3] - before[2]), 2)


def test_a_cylinder_for_a_soma_is_as_long_as_it_is(cell):
    soma = np.concatenate(shapes(plot_morphology(cell))[5:])
    assert np.abs(soma[:, 1]).max() == pytest.approx(10, abs=0.3)
    assert np.ptp(soma[:, 0]) == pytest.approx(8, abs=0.1)


def test_the_side_view_shows_the_thickness(cell):
    ax = plot_morphology(cell, view="side")
    across = np.concatenate(shapes(ax)[:3])
    assert np.ptp(across[:, 0]) == pytest.approx(6 + 2, abs=1.1)
    with pytest.raises(InputError, match="unknown view 'top'"):
        plot_morphology(cell, view="top")


def test_each_region_has_its_color(cell):
    colors = {to_hex(c) for c in plot_morphology(cell).collections[0].get_facecolors()}
    assert colors == {REGION_COLORS[region] for region in ("soma", "ais", "smooth")}


def test_compartments_can_be_colored(cell):
    values = np.array([1.0, 2, 3, 4, 5, np.nan])
    ax = plot_morphology(cell, color_by=values, limits=(0, 10), label="Calcium (nM)")
    # The smooth section, drawn first, bends in its first compartment, at 30 of 70.2 µm.
    drawn = ax.collections[0].get_array()
    assert drawn.filled(-1).tolist() == [5, 5, -1, 3, 4, *[1] * 20, *[2] * 20]
    assert ax.collections[0].get_clim() == (0, 10)
    assert [a.get_ylabel() for a in ax.figure.axes] == ["", "Calcium (nM)"]
    with pytest.raises(InputError, match=r"shape \(5,\) instead of \(6,\)"):
        plot_morphology(cell, color_by=values[:5])


@pytest.mark.parametrize("colored", [False, True])
def test_both_views_have_one_scale(cell, tmp_path, colored):
    values = np.arange(6) if colored else None
    figure = plot_morphology_views(cell, color_by=values, label="Calcium (nM)")
    figure.draw_without_rendering()
    front, side, *bars = figure.axes
    assert len(bars) == colored
    assert front.get_ylim() == side.get_ylim()
    front, side = ([ax.transData.get_matrix()[i, i] for i in (0, 1)] for ax in (front, side))
    np.testing.assert_allclose([*front, *side], front[0], rtol=0.01)
    save_figure(figure, tmp_path / "cell.png")


def test_a_view_is_drawn_into_the_axes_it_is_given(cell):
    ax = Figure().add_subplot()
    assert plot_morphology(cell, ax=ax) is ax
