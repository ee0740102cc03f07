"""Style of figures: colors, font sizes and widths for a two-column journal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from string import ascii_lowercase
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator, MultipleLocator
from matplotlib.transforms import Bbox
from PIL import Image

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
"""Colors of populations, safe for color-vision deficiency (vibrant scheme of P. Tol)."""

ONE_COLUMN_IN = (3.4, 2.2)
"""Width and height of a single-column figure."""

OTHER_COLOR = "#555555"

START_UP_MS = 50.0
"""Time in ms before which no window of the analysis of network and Purkinje cell begins."""

LEVELS_WITH_START_UP = ("mli", "purkinje")
"""Kinds of runs in whose figures and pages the time until `START_UP_MS` is shaded."""

_NOTEBOOK_DPI = 100

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
    # Text is stored as text, so that it can be searched and edited.
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    # Without a salt, ids in an SVG are random, and equal figures yield different files.
    "svg.hashsalt": "cerebella",
}


def color_of(population: str) -> str:
    """Return the color of a population."""
    return POPULATION_COLORS.get(population, OTHER_COLOR)


class RepeatableLayout(ConstrainedLayoutEngine):
    """Constrained layout of Matplotlib with reproducible results.

    Its solver sorts by memory address, so that positions differ in the last bit between drawings,
    and with them the ids of clip paths in an SVG.
    """

    def execute(self, fig: Figure) -> None:
        """Compute the layout and round positions to 1e-6 of the figure."""
        super().execute(fig)
        for ax in fig.axes:
            in_layout = ax.get_in_layout()
            ax.set_position(Bbox(ax.get_position(original=True).get_points().round(6)))
            ax.set_in_layout(in_layout)  # set_position removes the axes from the layout


class ShownFigure(Figure):
    """A figure that a notebook shows as the value of a cell, without pyplot."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the picture in twice the resolution of the width at which it is shown."""
        png = BytesIO()
        self.savefig(png, format="png", dpi=2 * _NOTEBOOK_DPI)
        width_in, height_in = self.get_size_inches()
        size = {"width": int(width_in * _NOTEBOOK_DPI), "height": int(height_in * _NOTEBOOK_DPI)}
        return png.getvalue(), size

    def show(self, warn: bool = True) -> None:
        """Show the figure below the cell of a notebook, elsewhere in the viewer of pictures."""
        ipython = sys.modules.get("IPython")
        if ipython is not None and hasattr(ipython.get_ipython(), "kernel"):
            ipython.display.display(self)
        else:
            Image.open(BytesIO(self._repr_png_()[0])).show()


class ShownAxes(Axes):
    """Axes of their own figure, as which a notebook shows them."""

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        return self.figure._repr_png_()  # type: ignore[union-attr]


def new_figure(width_in: float, height_in: float) -> Figure:
    """Create an empty figure without a window.

    Parameters
    ----------
    width_in, height_in : float
        Size in inches.

    Returns
    -------
    Figure
    """
    figure = ShownFigure(figsize=(width_in, height_in), layout=RepeatableLayout())
    FigureCanvasAgg(figure)
    return figure


def styled() -> AbstractContextManager[None]:
    """Return a context in which figures are drawn and saved in this style."""
    return matplotlib.rc_context(STYLE)  # type: ignore[arg-type]


@contextmanager
def axes_to_draw_on(ax: Axes | None) -> Iterator[Axes]:
    """Yield `ax` unchanged, or the axes of a new figure in this style if `ax` is None."""
    if ax is not None:
        yield ax
        return
    with styled():
        yield new_figure(*ONE_COLUMN_IN).add_subplot(axes_class=ShownAxes)


def letter_panels(axes: Iterable[Axes], left_pt: float = 22.0) -> None:
    """Write a, b, c … above the panels, so many points to the left of their axes."""
    for letter, ax in zip(ascii_lowercase, axes, strict=False):
        ax.annotate(
            letter,
            (0, 1),
            (-left_pt, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            fontweight="bold",
            fontsize=8,
        )


def mark_start_up(
    ax: Axes, start_ms: float, stop_ms: float = START_UP_MS, label_at: float | None = 0.0
) -> None:
    """Shade the time before `stop_ms`, in which a simulation still depends on its initial state.

    Its label is at a share of the height of the axes, above them for 1, or absent for None.
    """
    if start_ms >= stop_ms:
        return
    ax.axvspan(start_ms, stop_ms, color="#eeeeee", zorder=-1, linewidth=0)
    if label_at is not None:
        corner = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        place = (stop_ms, label_at)
        ax.annotate("start-up", place, (-2, 1), ha="right", va="bottom", fontsize=5.0, **corner)


def ticks_relative_to(ax: Axes, event_ms: float, step_ms: float) -> None:
    """Label the time axis in ms after an event."""
    ax.xaxis.set_major_locator(MultipleLocator(step_ms, offset=event_ms % step_ms))
    ax.xaxis.set_major_formatter(lambda time_ms, _: f"{time_ms - event_ms:.0f}".replace("-", "−"))


def few_round_ticks(n_ticks: int) -> MaxNLocator:
    """Return a locator for about `n_ticks` ticks at multiples of 1, 2, 5 or 10."""
    return MaxNLocator(nbins=n_ticks, steps=[1, 2, 5, 10])
