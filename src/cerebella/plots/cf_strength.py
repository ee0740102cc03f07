"""The effect of synchrony against the strength of the climbing fiber, one curve for each cell."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.cf_strength import ALL
from cerebella.analysis.level_statistics import LEVEL
from cerebella.analysis.strength_responses import CELL, STRENGTH
from cerebella.plots.morphology import label_of_cell
from cerebella.plots.style import letter_panels, new_figure, styled

_WIDTH_IN, _HEIGHT_IN = 7.1, 5.2
_COLORS = ("#cc3311", "#0077bb", "#ee7733", "#009988", "#aa3377", "#33bbee", "#999933", "#117733")
_DEFAULT, _GENERATED = "default", "seed_"
_DEFAULT_COLOR, _GENERATED_COLOR, _ALL_COLOR = "#000000", "#bbbbbb", "#555555"
_BINS = np.array([0.0, 0.01, 0.22, 0.42, 0.58, 0.78, 0.99, 1.0])

Floats = npt.NDArray[np.float64]


def plot_cf_strength(summary: pd.DataFrame, territories: pd.DataFrame) -> Figure:
    """Plot the effect of synchrony and the recruitment of territories against CF strength.

    Top left: effect of the highest level of synchrony on calcium. Top right: recruitment, by
    membrane, at the lowest level; the band is its mean over cells at the lowest and at the highest
    level. Bottom left: difference of the recruitment between these levels. Bottom right: the same
    difference for single territories, against the mean of their probability at both levels; a
    point is a territory at one strength, and lines are means ± s.e.m. of bins. Thick lines are
    means over cells with 95 % intervals.

    Parameters
    ----------
    summary, territories : pandas.DataFrame
        Tables of `sweep_cf_strength`.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Examples
    --------
    >>> import pandas as pd
    >>> keys = [("default", s, level, t) for s in (0.9, 1.0) for level in (0, 8) for t in (1, 2)]
    >>> runs = pd.DataFrame(keys, columns=["cell", "strength", "cf_sync", "trial"])
    >>> runs["calcium_mean_nM"] = 300.0 * runs["strength"] + runs["cf_sync"] + runs["trial"]
    >>> runs[["recruitment", "n_spikelets", "width_ms", "simple_spike_rate_Hz"]] = 1.0
    >>> territories = runs.assign(territory=1, probability=0.5)
    >>> figure = cb.plot_cf_strength(cb.summarize_strengths(runs), territories)
    >>> figure.axes[3].get_xlabel()
    'Probability of a territory'
    """
    levels = sorted(set(summary[LEVEL]))
    lowest, highest = levels[0], levels[-1]
    effect = f"synchrony {highest} − {lowest}"
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        axes = figure.subplots(2, 2).ravel()
        cells = [cell for cell in dict.fromkeys(summary[CELL]) if cell != ALL]
        colors = _colors(cells)
        for ax, measure, column, level in (
            (axes[0], "calcium_percent", "difference", highest),
            (axes[1], "recruitment", "mean", lowest),
            (axes[2], "recruitment", "difference", highest),
        ):
            chosen = summary.loc[(summary["measure"] == measure) & (summary[LEVEL] == level)]
            for cell in cells:
                own = chosen.loc[chosen[CELL] == cell]
                ax.plot(
                    own[STRENGTH],
                    own[column],
                    color=colors[cell],
                    linewidth=0.8,
                    label=label_of_cell(cell),
                )
            ax.set_xlabel("CF strength (x)")
            ax.axvline(1.0, color="black", linestyle=":", linewidth=0.6)
        _plot_all(axes[0], summary, "calcium_percent", highest)
        _plot_all(axes[2], summary, "recruitment", highest)
        _plot_mean_recruitment(axes[1], summary, lowest, highest)
        _plot_territories(axes[3], territories, lowest, highest)
        axes[0].set_ylabel(f"Calcium, {effect}\n(% of level {lowest})")
        axes[1].set_ylabel(f"Recruitment, synchrony {lowest}")
        axes[2].set_ylabel(f"Recruitment, {effect}")
        axes[3].set(xlabel="Probability of a territory", ylabel=f"Probability, {effect}")
        _legend(figure, axes[0], cells)
        letter_panels(axes)
    return figure


def _colors(cells: list[str]) -> dict[str, str]:
    """Return a color for each cell; generated cells have one in common."""
    others = [cell for cell in cells if cell != _DEFAULT and not cell.startswith(_GENERATED)]
    return {
        cell: _DEFAULT_COLOR
        if cell == _DEFAULT
        else _GENERATED_COLOR
        if cell not in others
        else _COLORS[others.index(cell) % len(_COLORS)]
        for cell in cells
    }


def _plot_all(ax: Axes, summary: pd.DataFrame, measure: str, level: int) -> None:
    """Plot the mean difference over cells with its interval."""
    chosen = (summary[CELL] == ALL) & (summary["measure"] == measure) & (summary[LEVEL] == level)
    own = summary.loc[chosen]
    ax.axhline(0, color="black", linewidth=0.4)
    ax.fill_between(own[STRENGTH], own["ci_low"], own["ci_high"], color=_ALL_COLOR, alpha=0.25)
    ax.plot(own[STRENGTH], own["difference"], color=_ALL_COLOR, linewidth=2.2, label="mean")


def _plot_mean_recruitment(ax: Axes, summary: pd.DataFrame, lowest: int, highest: int) -> None:
    """Plot the mean recruitment over cells at both levels."""
    means = {}
    for level in (lowest, highest):
        chosen = (summary[CELL] == ALL) & (summary["measure"] == "recruitment")
        means[level] = summary.loc[chosen & (summary[LEVEL] == level)].set_index(STRENGTH)["mean"]
    ax.fill_between(means[lowest].index, *means.values(), color=_COLORS[0], alpha=0.5, linewidth=0)
    ax.plot(means[lowest], color=_ALL_COLOR, linewidth=2.2)
    ax.axhline(0.5, color="black", linestyle=":", linewidth=0.6)
    ax.set_ylim(-0.02, 1.02)


def _plot_territories(ax: Axes, territories: pd.DataFrame, lowest: int, highest: int) -> None:
    """Plot by how much synchrony changes the probability of each territory at each strength."""
    wide = territories.pivot_table(
        index=[CELL, "territory", STRENGTH], columns=LEVEL, values="probability"
    )
    both = wide[[lowest, highest]].dropna().to_numpy(float)
    middle, change = both.mean(axis=1), both[:, 1] - both[:, 0]
    ax.plot(middle, change, ".", color=_GENERATED_COLOR, markersize=3, alpha=0.5)
    place = np.digitize(middle, _BINS[1:-1])
    filled = [bin_ for bin_ in range(len(_BINS) - 1) if (place == bin_).sum() > 1]
    own: list[Floats] = [change[place == bin_] for bin_ in filled]
    ax.errorbar(
        [middle[place == bin_].mean() for bin_ in filled],
        [one.mean() for one in own],
        [one.std(ddof=1) / len(one) ** 0.5 for one in own],
        color=_ALL_COLOR,
        marker="o",
        markersize=4,
        linewidth=2.2,
    )
    ax.axhline(0, color="black", linewidth=0.4)
    ax.set_xlim(-0.02, 1.02)


def _legend(figure: Figure, ax: Axes, cells: list[str]) -> None:
    """Write a legend in which generated cells are one entry."""
    shown: dict[str, Artist] = {}
    n_generated = sum(cell.startswith(_GENERATED) for cell in cells)
    for handle, label in zip(*ax.get_legend_handles_labels(), strict=True):
        is_generated = str(label).startswith(_GENERATED)
        shown.setdefault(f"generated ({n_generated})" if is_generated else str(label), handle)
    figure.legend(
        [*shown.values()],
        [*shown],
        loc="outside upper center",
        ncols=min(len(shown), 4),
    )
