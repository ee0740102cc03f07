"""Recruitment of the spiny dendrite by climbing fibers of increasing strength."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure

from cerebella.analysis.cf_threshold import CFThreshold, cf_scale_of_strength
from cerebella.plots.morphology import COLOR_MAP, label_of_cell, plot_morphology
from cerebella.plots.style import OTHER_COLOR, letter_panels, new_figure, styled

_WIDTH_IN, _HEIGHT_IN = 7.1, 3.2
_COLORS = (0.15, 0.85)
"""Part of the color map, without its darkest and lightest colors."""

_LABELED_SHARE = 0.05
"""Territories of at least this share of the spiny membrane are labeled."""


def plot_cf_threshold(found: CFThreshold) -> Figure:
    """Plot the recruited membrane against the CF scale, and the territories on the cell.

    Left: share of the spiny membrane that each CF recruited, one line for each trial. Territories
    are rectangles, one upon the other, from the lowest to the highest of their thresholds in the
    trials and as high as their share of the membrane. Lines mark the main threshold and the CF
    scale of the parameters. Right: the cell, colored by the threshold of each territory; the rest
    is gray.

    Parameters
    ----------
    found : CFThreshold
        Result of `compute_cf_threshold`.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Examples
    --------
    >>> cell = cb.load_default_morphology()
    >>> spiny = cb.compute_compartments(cell).of("spiny")
    >>> thresholds = np.array([26.0, 27.0, 26.5])
    >>> one = cb.Territory(spiny[:900], "spiny[0]", 60.0, 1, 9e3, 0.4, thresholds)
    >>> scales, shares = np.array([10.0, 25.0, 27.0, 60.0]), np.array([0.0, 0.0, 0.4, 1.0])
    >>> found = cb.CFThreshold(cell, (1,), (scales,), (shares,), (one,), np.array([26.5]), 29.0)
    >>> figure = cb.plot_cf_threshold(found)
    >>> figure.axes[0].get_xlabel()
    'CF scale'
    """
    norm, colors = _colors(found)
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        left, right = figure.subplots(1, 2, width_ratios=[1.35, 1])
        _plot_shares(left, found)
        base = 0.0
        for number, territory in enumerate(found.territories, start=1):
            low, high = territory.thresholds.min(), territory.thresholds.max()
            color = colors(norm(territory.threshold))
            left.fill_between([low, high], base, base + territory.share, color=color, alpha=0.7)
            if territory.share >= _LABELED_SHARE:
                left.annotate(
                    f"{number}",
                    (high, base + territory.share / 2),
                    (3, 0),
                    textcoords="offset points",
                    va="center",
                )
            base += territory.share
        values = np.full(int(found.morphology.n_compartments.sum()), np.nan)
        for territory in found.territories:
            values[territory.compartments] = territory.threshold
        if found.territories:
            plot_morphology(
                found.morphology,
                ax=right,
                color_by=values,
                limits=(float(norm.vmin or 0), float(norm.vmax or 1)),
                label="Threshold (CF scale)",
            )
        else:
            plot_morphology(found.morphology, ax=right)
        right.set_title(label_of_cell(found.morphology.name))
        letter_panels([left, right])
    return figure


def _colors(found: CFThreshold) -> tuple[Normalize, Colormap]:
    thresholds = [one.threshold for one in found.territories] or [found.main_threshold]
    low, high = min(thresholds), max(thresholds)
    whole = max(high - low, 1.0) / (_COLORS[1] - _COLORS[0])
    first = low - _COLORS[0] * whole
    return Normalize(first, first + whole), colormaps[COLOR_MAP]


def _plot_shares(ax: Axes, found: CFThreshold) -> None:
    for scales, shares in zip(found.scales, found.shares, strict=True):
        ax.plot(scales, shares, ".-", color=OTHER_COLOR, linewidth=0.6, markersize=2)
    first = min((one.thresholds.min() for one in found.territories), default=found.main_threshold)
    last = max((one.thresholds.max() for one in found.territories), default=found.main_threshold)
    last = max(last, found.cf_scale)
    margin = 0.1 * (last - first) + 1
    ax.set(
        xlim=(min(first, found.cf_scale) - margin, last + margin),
        ylim=(0, 1.02),
        xlabel="CF scale",
        ylabel="Recruited share of spiny membrane",
    )
    for scale, label, line in (
        (found.main_threshold, f"main threshold {found.main_threshold:.1f}", "--"),
        (found.cf_scale, f"CF {found.cf_scale:g}: {found.strength:.2f}x", ":"),
    ):
        ax.axvline(scale, color="black", linestyle=line, linewidth=0.8, label=label)
    ax.legend(loc="lower right")
    per_strength = cf_scale_of_strength(1.0, found.main_threshold)
    above = ax.secondary_xaxis(
        "top",
        functions=(
            lambda scale: np.asarray(scale) / per_strength,
            lambda strength: np.asarray(strength) * per_strength,
        ),
    )
    above.set_xlabel("CF strength (x)")
