"""Figures of a morphology: front and side view, with diameters to scale."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import Collection, PolyCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cerebella.errors import InputError
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.morphology.pieces import divide_sections, rounded_soma
from cerebella.plots.style import axes_to_draw_on, new_figure, styled

FloatArray = npt.NDArray[np.float64]

REGION_COLORS = {"soma": "#222222", "ais": "#0077bb", "smooth": "#cc3311", "spiny": "#555555"}
COLOR_MAP = "inferno"
_NO_VALUE_COLOR = "#bbbbbb"
VIEWS = {"front": (0, 1), "side": (2, 1)}
"""Axes (columns of x, y, z) shown horizontally and vertically."""

_CELL_LABELS = {"default": "default cell", "pc_morphology": "traced cell"}
"""Labels of cells by the names of their files."""

_DRAWING_ORDER = ("spiny", "smooth", "ais", "soma")
# Keeps thin dendrites visible and closes gaps between pieces of a branch.
_OUTLINE_PT = 0.2
_SCALE_BAR_UM = 50.0
_WIDTH_IN, _MAX_HEIGHT_IN = 6.0, 8.0


def label_of_cell(name: str) -> str:
    """Return the label of a cell in legends and titles; names of NeuroMorpho.Org end in .CNG."""
    return _CELL_LABELS.get(name, name.removesuffix(".CNG"))


def plot_morphology(
    morphology: Morphology,
    *,
    ax: Axes | None = None,
    view: str = "front",
    color_by: npt.ArrayLike | None = None,
    limits: tuple[float, float] | None = None,
    label: str = "",
) -> Axes:
    """Draw one view of a cell to scale.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.
    view : {"front", "side"}, default "front"
        Projection: (x, y) or (z, y).
    color_by : array_like of float, shape (n_compartments,), optional
        Values shown as colors (NaN is gray); by default, colors indicate the region.
    limits : tuple of float, optional
        Values of the lowest and highest color; by default the range of `color_by`.
    label : str, optional
        Label of the color bar, with the unit; without a label there is no color bar.

    Returns
    -------
    Axes

    Raises
    ------
    InputError
        If the view is unknown, or the number of values is not that of the compartments.

    Examples
    --------
    Color each compartment by its distance from the soma:

    >>> morphology = cb.load_default_morphology()
    >>> distance_um = cb.compute_compartments(morphology).path_distance_um
    >>> ax = cb.plot_morphology(morphology, color_by=distance_um, label="Path distance (µm)")
    >>> ax.figure.axes[-1].get_ylabel()
    'Path distance (µm)'
    """
    if view not in VIEWS:
        raise InputError(f"unknown view {view!r}", remedy=f"Views are {', '.join(VIEWS)}")
    starts, ends, compartments = divide_sections(morphology)
    regions = np.repeat(morphology.regions, morphology.n_compartments)[compartments]
    order = np.argsort([_DRAWING_ORDER.index(REGIONS[r]) for r in regions], kind="stable")
    soma = regions[order] == REGIONS.index("soma")
    shapes = [
        *_cut_cones(starts[order][~soma], ends[order][~soma], VIEWS[view]),
        *_soma_discs(starts[order][soma], ends[order][soma], VIEWS[view]),
    ]
    with axes_to_draw_on(ax) as ax:
        drawn = PolyCollection(shapes, linewidths=_OUTLINE_PT)
        if color_by is None:
            colors = [REGION_COLORS[REGIONS[r]] for r in regions[order]]
            drawn.set(facecolors=colors, edgecolors=colors)
        else:
            values = _values(color_by, int(morphology.n_compartments.sum()))
            low, high = limits or (np.nanmin(values), np.nanmax(values))
            drawn.set(
                array=values[compartments[order]], norm=Normalize(low, high), edgecolor="face"
            )
            drawn.set_cmap(colormaps[COLOR_MAP].with_extremes(bad=_NO_VALUE_COLOR))
        ax.add_collection(drawn)
        ax.autoscale_view()
        ax.set_aspect("equal")
        ax.set_axis_off()
        _draw_scale_bar(ax)
        if color_by is not None and label:
            _draw_color_bar(drawn, [ax], label)
    return ax


def plot_morphology_views(
    morphology: Morphology,
    *,
    color_by: npt.ArrayLike | None = None,
    limits: tuple[float, float] | None = None,
    label: str = "",
) -> Figure:
    """Draw the front and the side view of a cell at the same scale.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    color_by : array_like of float, shape (n_compartments,), optional
        Values shown as colors; by default, colors indicate the region.
    limits : tuple of float, optional
        Values of the lowest and highest color; by default the range of `color_by`.
    label : str, optional
        Label of the color bar, with the unit.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        If the number of values is not that of the compartments.

    Examples
    --------
    >>> figure = cb.plot_morphology_views(cb.load_default_morphology())
    >>> len(figure.axes)
    2
    """
    width, height, depth = (
        np.ptp(morphology.points_um[:, :3], axis=0) + morphology.points_um[:, 3].max()
    )
    with styled():
        figure = new_figure(_WIDTH_IN, min(_WIDTH_IN * height / (width + depth), _MAX_HEIGHT_IN))
        grid = figure.add_gridspec(1, 2)
        front, side = figure.add_subplot(grid[0]), figure.add_subplot(grid[1])
        plot_morphology(morphology, ax=front, color_by=color_by, limits=limits)
        plot_morphology(morphology, ax=side, view="side", color_by=color_by, limits=limits)
        side.set_ylim(front.get_ylim())
        widths = [float(np.ptp(ax.get_xlim())) for ax in (front, side)]
        grid.set_width_ratios(widths)
        if color_by is not None and label:
            _draw_color_bar(front.collections[0], [front, side], label)
        figure.suptitle(morphology.name, fontsize=8)
    return figure


def _values(color_by: npt.ArrayLike, n_compartments: int) -> FloatArray:
    values = np.asarray(color_by, dtype=np.float64)
    if values.shape != (n_compartments,):
        raise InputError(
            f"color_by has shape {values.shape} instead of ({n_compartments},)",
            remedy="Give one value per compartment",
        )
    return values


def _cut_cones(starts: FloatArray, ends: FloatArray, columns: tuple[int, int]) -> FloatArray:
    """Return the corners of each piece in projection, shape (n_pieces, 4, 2)."""
    a, b = starts[:, columns], ends[:, columns]
    direction = b - a
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    # The direction of a piece parallel to the line of sight is arbitrary.
    direction = np.where(length > 0, direction / np.where(length > 0, length, 1), (0.0, 1.0))
    across_a = np.stack([-direction[:, 1], direction[:, 0]], axis=1)
    across_b = across_a.copy()
    # Consecutive pieces share an edge unless the branch turns sharply.
    middle = across_a[:-1] + across_a[1:]
    joined = np.all(ends[:-1] == starts[1:], axis=1) & (np.linalg.norm(middle, axis=1) > 1)
    middle[joined] /= np.linalg.norm(middle[joined], axis=1, keepdims=True)
    across_b[:-1][joined] = across_a[1:][joined] = middle[joined]
    wide_a, wide_b = across_a * starts[:, 3:] / 2, across_b * ends[:, 3:] / 2
    return np.stack([a - wide_a, a + wide_a, b + wide_b, b - wide_b], axis=1)


def _soma_discs(starts: FloatArray, ends: FloatArray, columns: tuple[int, int]) -> FloatArray:
    """Return the corners of disks along the soma, shape (n_pieces, 24, 2)."""
    starts, ends = rounded_soma(starts, ends)
    middles = (starts + ends) / 2
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1) / 2
    return middles[:, None, columns] + middles[:, 3][:, None, None] * circle


def _draw_color_bar(drawn: Collection, axes: list[Axes], label: str) -> None:
    axes[0].figure.colorbar(drawn, ax=axes, label=label, shrink=0.5, aspect=25, pad=0.02)


def _draw_scale_bar(ax: Axes) -> None:
    """Draw a scale bar of 50 µm below the cell, if it fits."""
    (left, right), (bottom, _) = ax.get_xlim(), ax.get_ylim()
    if right - left < _SCALE_BAR_UM:
        return
    ax.plot([right - _SCALE_BAR_UM, right], [bottom, bottom], color="black", linewidth=1.2)
    ax.text(
        right - _SCALE_BAR_UM / 2, bottom, f"{_SCALE_BAR_UM:.0f} µm\n", ha="center", va="center"
    )
