"""How figures look: colors, type sizes and widths of a two-column journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

POPULATION_COLORS: dict[str, str] = {
    "MLI1": "#cc3311",
    "MLI2": "#0077bb",
    "PF": "#777777",
    "CF": "#000000",
    "PC": "#222222",
    "MF": "#999933",
    "BC": "#0077bb",
    "DCN": "#117733",
    "IO": "#cc3311",
}
"""Red and blue that readers with any color vision can tell apart (Tol's vibrant scheme)."""

ONE_COLUMN_IN = (3.4, 2.2)
"""Width and height of a figure that fits one column of a page."""

OTHER_COLOR = "#555555"

STYLE: dict[str, Any] = {
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 7.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "lines.linewidth": 1.0,
    # Text stays text, so that it can be searched, and edited in a drawing program.
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    # Names inside an SVG are drawn at random unless salted: same figure, same bytes.
    "svg.hashsalt": "cerebella",
}


def color_of(population: str) -> str:
    """Return the color of a population."""
    return POPULATION_COLORS.get(population, OTHER_COLOR)


class RepeatableLayout(ConstrainedLayoutEngine):
    """Matplotlib's constrained layout, to the same last digit each time.

    Its solver sorts by memory address, so that places differ in their last bit from one drawing
    to the next, and with them the names of clips inside an SVG.
    """

    def execute(self, fig: Figure) -> None:
        """Lay out and round to a millionth of the figure."""
        super().execute(fig)
        for ax in fig.axes:
            in_layout = ax.get_in_layout()
            ax.set_position(Bbox(ax.get_position(original=True).get_points().round(6)))
            ax.set_in_layout(in_layout)  # a position that is set takes its axes out


def new_figure(width_in: float, height_in: float) -> Figure:
    """Return an empty figure (inches) that belongs to no window."""
    figure = Figure(figsize=(width_in, height_in), layout=RepeatableLayout())
    FigureCanvasAgg(figure)
    return figure


def styled() -> AbstractContextManager[None]:
    """Return a context in which figures are drawn and saved in this style."""
    return matplotlib.rc_context(STYLE)  # type: ignore[arg-type]  # keys as matplotlib names them


@contextmanager
def axes_to_draw_on(ax: Axes | None) -> Iterator[Axes]:
    """Yield `ax`, whose style is its owner's, or the axes of a new figure in this style."""
    if ax is not None:
        yield ax
        return
    with styled():
        yield new_figure(*ONE_COLUMN_IN).add_subplot()


def few_round_ticks(n_ticks: int) -> MaxNLocator:
    """Return a locator of about `n_ticks` ticks at multiples of 1, 2, 5 or 10."""
    return MaxNLocator(nbins=n_ticks, steps=[1, 2, 5, 10])
