"""Calcium of parallel and climbing fibers together, with and without inhibition."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.analysis.cf_strength import ALL
from cerebella.analysis.pairing import PLACEMENTS, PUBLISHED_PAIRING, groups_by
from cerebella.plots.style import letter_panels, new_figure, styled

_WIDTH_IN, _HEIGHT_IN = 7.1, 3.0
_COLORS = ("#222222", "#0077bb", "#cc3311", "#009988")
_PUBLISHED_COLOR = "#888888"
_PERCENTS = {
    "percent_active_3": "MLIs active\n3 pulses",
    "percent_inhibited_3": "MLIs inhibited\n3 pulses",
    "percent_inhibited_9": "MLIs inhibited\n9 pulses",
}
_SPIKELETS = {"spikelets_active": "MLIs active", "spikelets_inhibited": "MLIs inhibited"}
_SPREAD = 0.13


def plot_disinhibition(sites: pd.DataFrame, summary: pd.DataFrame) -> Figure:
    """Plot calcium in % of the linear sum, and spikelets, with and without inhibition.

    Colors are placements of synapses. Dots are sites (means over trials) or, for spikelets,
    cells; markers are means ± s.e.m.; gray bands are the published means ± s.e.m. of gaffield2018.

    Parameters
    ----------
    sites, summary : pandas.DataFrame
        Tables of `sweep_disinhibition`.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Examples
    --------
    >>> import pandas as pd
    >>> sites = pd.DataFrame({"cell": "default", "site": [0, 1], "trial": 1})
    >>> sites[["cf_placement", "mli_placement"]] = ["uniform", "dendrite"]
    >>> sites["percent_active_3"], sites["percent_inhibited_3"] = [99.0, 103.0], [104.0, 110.0]
    >>> sites[["percent_inhibited_9", "spikelets_active", "spikelets_inhibited"]] = 5.0
    >>> figure = cb.plot_disinhibition(sites, cb.summarize_pairing(sites))
    >>> figure.axes[1].get_ylabel()
    'Spikelets of the climbing fiber'
    """
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        left, right = figure.subplots(1, 2, width_ratios=[1.7, 1])
        _plot_measures(left, sites, summary, _PERCENTS, ["cell", "site"])
        left.set_ylabel("Calcium of PF and CF\n(% of the linear sum)")
        left.axhline(100, color="black", linewidth=0.5, linestyle=":")
        _plot_measures(right, sites, summary, _SPIKELETS, ["cell"])
        right.set_ylabel("Spikelets of the climbing fiber")
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=3)
        letter_panels([left, right])
    return figure


def _plot_measures(
    ax: Axes, sites: pd.DataFrame, summary: pd.DataFrame, measures: dict[str, str], unit: list[str]
) -> None:
    """Plot measures side by side, for all placements."""
    placements = groups_by(sites, PLACEMENTS)
    for x, measure in enumerate(measures):
        known = PUBLISHED_PAIRING[measure]
        ax.fill_between(
            [x - 0.42, x + 0.42],
            known.mean - known.sem,
            known.mean + known.sem,
            color=_PUBLISHED_COLOR,
            alpha=0.4,
            linewidth=0,
            label="published" if x == 0 else None,
        )
        for place, (keys, own) in enumerate(placements):
            at = x + _SPREAD * 1.6 * (place - (len(placements) - 1) / 2)
            color = _COLORS[place % len(_COLORS)]
            values = np.array([one[measure].mean() for _, one in own.groupby(unit)])
            shift = np.linspace(-_SPREAD / 3, _SPREAD / 3, len(values)) if len(values) > 1 else 0
            ax.plot(at + shift, values, ".", color=color, alpha=0.35, markersize=3)
            chosen = (summary["cell"] == ALL) & (summary["measure"] == measure)
            for name, key in zip(PLACEMENTS, keys, strict=True):
                chosen &= summary[name] == key
            row = summary.loc[chosen].iloc[0]
            ax.errorbar(
                at,
                row["mean"],
                None if np.isnan(row["sem"]) else row["sem"],
                color=color,
                marker="o",
                markersize=4,
                linestyle="none",
                label=f"CF {keys[0]}, MLI {_where(keys[1])}" if x == 0 else None,
            )
    ax.set_xticks(range(len(measures)), [*measures.values()])


def _where(mli_placement: str) -> str:
    return "on spiny dendrite" if mli_placement == "spiny" else "on all dendrite"
