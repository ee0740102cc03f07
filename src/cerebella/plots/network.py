"""Figures of a network: synapses compared with EM, gap junctions and climbing fibers."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cerebella.network.cell_types import N_DENDRITES
from cerebella.network.network import SILENT_FROM_MS, Network
from cerebella.network.statistics import gap_degrees, synapses_per_cell
from cerebella.parameters.em_connectome import EM_CONNECTIONS
from cerebella.plots.style import (
    OTHER_COLOR,
    axes_to_draw_on,
    color_of,
    few_round_ticks,
    letter_panels,
    new_figure,
    styled,
)

_WIDTH_IN, _HEIGHT_IN = 7.0, 5.0
_ADDED_COLOR = "#ee7733"
_NETWORK_MARK: dict[str, Any] = {"marker": "o", "markersize": 4.5, "linestyle": "none"}
_EM_MARK: dict[str, Any] = {
    "marker": "D",
    "markersize": 5,
    "markerfacecolor": "none",
    "color": "black",
    "elinewidth": 0.6,
    "markeredgewidth": 0.8,
    "linestyle": "none",
}


def plot_network(network: Network) -> Figure:
    """Plot an overview of a network in four panels.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    Figure
        Save it with `save_figure`.
    """
    with styled():
        figure = new_figure(_WIDTH_IN, _HEIGHT_IN)
        panels = figure.subplots(2, 2)
        plot_synapses_per_cell(network, panels[0, 0])
        plot_synapses_per_dendrite(network, panels[0, 1])
        plot_gap_degrees(network, panels[1, 0])
        plot_cf_levels(network, panels[1, 1])
        letter_panels(panels.flat)
        cells = ", ".join(f"{p.n_cells:,} {p.name}" for p in network.populations)
        figure.suptitle(
            f"{network.name}: {cells}; {len(network.synapses):,} synapses, "
            f"{len(network.gap_junctions):,} gap junctions",
            fontsize=8,
        )
    return figure


def plot_synapses_per_cell(network: Network, ax: Axes | None = None) -> Axes:
    """Plot the number of synapses per MLI1 and MLI2 from each population, with EM counts.

    Filled markers and bars show the mean and range over the cells of the network; open markers
    show the mean counted by EM, with its SD if known.

    Parameters
    ----------
    network : Network
        The network.
    ax : Axes, optional
        Axes to draw on; by default those of a new figure.

    Returns
    -------
    Axes
    """
    kinds = [
        (source, target)
        for source, target in EM_CONNECTIONS
        if network.population(source).n_cells and network.population(target).n_cells
    ]
    with axes_to_draw_on(ax) as ax:
        for row, (source, target) in enumerate(kinds):
            counts, color = synapses_per_cell(network, source, target), color_of(target)
            em = EM_CONNECTIONS[source, target]
            ax.hlines(row, counts.min(), counts.max(), color=color, linewidth=3, alpha=0.35)
            ax.plot(counts.mean(), row, color=color, **_NETWORK_MARK)
            ax.errorbar(em.synapses_per_cell, row, xerr=em.synapses_per_cell_sd, **_EM_MARK)
        ax.set_xscale("symlog", linthresh=1, linscale=0.6)
        ax.set_xlim(-0.12, 2000)
        ax.set_xticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1000"])
        ax.minorticks_off()
        ax.set_yticks(range(len(kinds)), [f"{source}→{target}" for source, target in kinds])
        ax.invert_yaxis()
        for label, (_, target) in zip(ax.get_yticklabels(), kinds, strict=True):
            label.set_color(color_of(target))
        ax.set_xlabel("Synapses per target cell")
        in_network = ax.plot([], [], color=OTHER_COLOR, **_NETWORK_MARK)[0]
        range_of_cells = ax.plot([], [], color=OTHER_COLOR, linewidth=3, alpha=0.35)[0]
        in_em = ax.errorbar([], [], xerr=[], **_EM_MARK)
        ax.legend(
            [in_network, range_of_cells, in_em],
            ["this network, mean", "range over cells", "EM, complete cells, mean ± SD"],
            loc="upper center",
            bbox_to_anchor=(0.4, 1.16),
            ncols=3,
            columnspacing=1.0,
            borderpad=0,
        )
    return ax


def plot_synapses_per_dendrite(network: Network, ax: Axes | None = None) -> Axes:
    """Plot the mean number of synapses on each dendrite of MLI1 and MLI2; return the axes."""
    with axes_to_draw_on(ax) as ax:
        width = 0.4
        for side, name in ((-0.5, "MLI1"), (0.5, "MLI2")):
            cells = network.population(name)
            if not cells.n_cells:
                continue
            target = network.synapses.target_gid
            own = (target >= cells.first_gid) & (target < cells.gids.stop)
            counts = np.bincount(network.synapses.dendrite[own], minlength=N_DENDRITES)
            ax.bar(
                np.arange(N_DENDRITES) + side * width,
                counts / cells.n_cells,
                width,
                color=color_of(name),
                label=name,
            )
        ax.set_xticks(range(N_DENDRITES))
        ax.set_xlabel("Dendrite (0–3 proximal, 4–11 distal)")
        ax.set_ylabel("Synapses per cell")
        ax.yaxis.set_major_locator(few_round_ticks(5))
        ax.legend(loc="upper left")
    return ax


def plot_gap_degrees(network: Network, ax: Axes | None = None) -> Axes:
    """Plot the distribution of the number of cells coupled to each MLI; return the axes."""
    degrees = gap_degrees(network)
    counts = np.bincount(degrees, minlength=1)
    with axes_to_draw_on(ax) as ax:
        bars = ax.bar(range(len(counts)), counts, 0.8, color=color_of("MLI1"))
        ax.bar_label(
            bars, [f"{n:,}" if n else "" for n in counts.tolist()], padding=1, fontsize=6.5
        )
        if len(degrees):
            text = f"{len(degrees):,} cells\nmean {degrees.mean():.2f}"
            ax.text(0.04, 0.94, text, transform=ax.transAxes, va="top")
        ax.set_xticks(range(len(counts)))
        ax.set_xlabel("Number of MLIs coupled by gap junctions")
        ax.set_ylabel("MLIs")
        ax.yaxis.set_major_locator(few_round_ticks(5))
    return ax


def plot_cf_levels(network: Network, ax: Axes | None = None) -> Axes:
    """Plot the climbing-fiber spikes of each synchrony level in one row; return the axes.

    Fibers that are silent in the lowest level are orange.
    """
    levels = network.cf_times_ms
    with axes_to_draw_on(ax) as ax:
        lowest = next(iter(levels.values()), np.empty(0)) < SILENT_FROM_MS
        for fibers, color, label in (
            (lowest, color_of("CF"), "in all levels"),
            (~lowest, _ADDED_COLOR, "added by the level"),
        ):
            shown = {level: t[(t < SILENT_FROM_MS) & fibers] for level, t in levels.items()}
            times = np.concatenate([np.empty(0), *shown.values()])
            rows = np.repeat(list(shown), [len(t) for t in shown.values()])
            ax.vlines(times, rows - 0.36, rows + 0.36, color=color, linewidth=0.8, label=label)
        ax.set_yticks(list(levels))
        ax.set_xlim(left=0)
        ax.set_xlabel("Time (ms)")
        ax.set_ylabel("CF synchrony level")
        if levels:
            ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderpad=0)
    return ax
