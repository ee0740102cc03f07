"""Movies of the dendrite, with soma voltage and spikes, by Matplotlib."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.animation import FFMpegWriter
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.collections import Collection
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from PIL import Image

from cerebella.analysis.events import cf_times_ms
from cerebella.analysis.rates import check_window
from cerebella.errors import InputError, MachineError
from cerebella.plots.morphology import COLOR_MAP, plot_morphology
from cerebella.plots.purkinje import plot_soma_voltage
from cerebella.plots.raster import plot_raster
from cerebella.plots.style import POPULATION_COLORS, new_figure, styled
from cerebella.results.atomic import atomic_file
from cerebella.results.spikes import Window
from cerebella.runs.run import Run
from cerebella.views.dendrite import Quantity, quantities_of

MOST_PICTURES = 5000

_RUN_IN, _HEIGHT_IN, _BAR_IN = 3.6, 5.6, 0.9
_DOTS_PER_INCH = 160
_CURSOR_COLOR = "#d4500f"

_MAP_COLORS = 200
_OTHER_COLORS = (_CURSOR_COLOR, *sorted(set(POPULATION_COLORS.values())))
"""Colors of a GIF: those of the map, these and shades of gray, 256 in all."""

_ENCODING = ["-pix_fmt", "yuv420p", "-crf", "18"]
"""Of MP4: colors that all players show, and a quality at which losses are hardly seen."""


class _Dendrite(NamedTuple):
    """What changes from picture to picture: the cell, and the compartment of each of its pieces."""

    quantity: Quantity
    drawn: Collection
    compartments: npt.NDArray[np.int64]
    n_compartments: int

    def show(self, time_ms: float) -> None:
        """Color the pieces by the values at a time."""
        times = self.quantity.times_ms
        row = int(np.abs(times - time_ms).argmin())
        values = np.full(self.n_compartments, np.nan)
        traces, factor = self.quantity.traces, self.quantity.factor
        sample = factor * traces.values[self.quantity.samples][row]
        values[self.quantity.compartments] = _scaled(self.quantity, sample)
        self.drawn.set_array(values[self.compartments])


def save_movie(
    runs: Run | Sequence[Run],
    path: Path | str,
    *,
    window_ms: Window | None = None,
    quantity: str | None = None,
    step_ms: float = 1.0,
    fps: float = 20.0,
    on_progress: Callable[[float], None] | None = None,
) -> Path:
    """Save a movie of the dendrite, colored by calcium or potential, with soma voltage and spikes.

    Parameters
    ----------
    runs : Run or sequence of Run
        One or two runs of a Purkinje cell, side by side.
    path : Path or str
        File with the extension ``.gif`` or, if ffmpeg is there, ``.mp4``; an existing one is
        replaced.
    window_ms : tuple of float, optional
        Start and stop in ms; by default the whole run.
    quantity : str, optional
        Recording that colors the dendrite, such as ``"v"``; by default calcium if it was recorded.
    step_ms : float, default 1.0
        Time of the run between two pictures in ms.
    fps : float, default 20.0
        Pictures per second.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        A run is none of a Purkinje cell or recorded nothing of the dendrite, an argument is
        invalid, or the file cannot be written.
    MachineError
        There is no ffmpeg for an MP4.

    Examples
    --------
    >>> morphology = cb.load_default_morphology()
    >>> compartments = cb.compute_compartments(morphology)
    >>> sections = np.array(morphology.section_names)[compartments.section]
    >>> values_mM = np.full((3, len(compartments)), 1e-4)
    >>> gids = np.zeros(len(compartments))
    >>> calcium = cb.Traces([0, 1, 2], values_mM, gids, sections, compartments.x, "cai", "mM")
    >>> run = cb.Run({"kind": "purkinje"}, traces={"calcium": calcium}, morphology=morphology)
    >>> cb.save_movie(run, "calcium.gif", step_ms=2).name
    'calcium.gif'
    """
    shown, path = [runs] if isinstance(runs, Run) else list(runs), Path(path)
    _check(shown, path)
    window = (0.0, min(run.duration_ms for run in shown)) if window_ms is None else window_ms
    check_window(window, min(run.duration_ms for run in shown))
    times_ms = _times_ms(window, step_ms, fps)
    quantities = [_chosen(run, quantity, window) for run in shown]
    save = _SAVE[path.suffix.lower()]
    with styled():
        drawn = _draw(shown, quantities, window)

        def pictures() -> Iterator[Figure]:
            for number, time_ms in enumerate(times_ms.tolist()):
                drawn.show(time_ms)
                yield drawn.figure
                if on_progress is not None:
                    on_progress((number + 1) / len(times_ms))

        with atomic_file(path) as temporary:
            save(pictures(), temporary, fps)
    return path


def _check(runs: Sequence[Run], path: Path) -> None:
    if not 1 <= len(runs) <= 2:
        raise InputError(
            f"a movie shows one run or two side by side, and {len(runs)} were given",
            remedy="Give one run or two",
        )
    for run in runs:
        if run.kind != "purkinje":
            raise InputError(
                f"is a run of the {run.level.title}, which has no dendrite to be shown",
                file=run.path or run.name,
                remedy="Give a run of the Purkinje cell",
            )
    if path.suffix.lower() not in _SAVE:
        raise InputError(
            f"cannot save movies as {path.suffix or 'a file without an extension'}",
            file=path,
            remedy=f"Use the extension {' or '.join(_SAVE)}",
        )


def _times_ms(window: Window, step_ms: float, fps: float) -> npt.NDArray[np.floating]:
    """Return the times of the pictures; raise InputError if there are none or too many."""
    for name, value in (("step_ms", step_ms), ("fps", fps)):
        if not (math.isfinite(value) and value > 0):
            raise InputError(f"`{name}` is {value:g}", remedy="Give a positive number")
    n = math.floor((window[1] - window[0]) / step_ms + 1e-9) + 1
    if n > MOST_PICTURES:
        raise InputError(
            f"{window[0]:g} to {window[1]:g} ms in steps of {step_ms:g} ms are {n:,} pictures",
            remedy="Give a shorter `window_ms` or a longer `step_ms`, for at most "
            f"{MOST_PICTURES:,}",
        )
    return window[0] + step_ms * np.arange(n)


def _chosen(run: Run, name: str | None, window: Window) -> Quantity:
    found = {quantity.name: quantity for quantity in quantities_of(run, window)}
    if name is None:
        return next(iter(found.values()))
    if name not in found:
        raise InputError(
            f"{run.name} has no recording {name!r} of the dendrite",
            file=run.path,
            remedy=f"Choose from {', '.join(found)}",
        )
    return found[name]


def _save_mp4(pictures: Iterator[Figure], path: Path, fps: float) -> None:
    """Write an MP4 by ffmpeg, that of this machine or that of imageio-ffmpeg."""
    if not FFMpegWriter.isAvailable():
        try:
            from imageio_ffmpeg import get_ffmpeg_exe  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise MachineError(
                "MP4 requires ffmpeg, which is not here. Install it with: pip install "
                "'cerebella[movies]', or give a name that ends in .gif"
            ) from None
        matplotlib.rcParams["animation.ffmpeg_path"] = get_ffmpeg_exe()
    writer = FFMpegWriter(fps=fps, codec="h264", extra_args=_ENCODING)  # type: ignore[arg-type]
    first = next(pictures)
    with writer.saving(first, str(path), dpi=_DOTS_PER_INCH):
        writer.grab_frame()
        for _ in pictures:
            writer.grab_frame()


def _save_gif(pictures: Iterator[Figure], path: Path, fps: float) -> None:
    """Write a GIF whose palette holds the colors of the map, which others would make steps of."""
    palette = Image.new("P", (1, 1))
    map_colors = 255 * colormaps[COLOR_MAP](np.linspace(0, 1, _MAP_COLORS))[:, :3]
    grays = np.repeat(np.linspace(0, 255, 256 - _MAP_COLORS - len(_OTHER_COLORS)), 3)
    others = [255 * part for color in _OTHER_COLORS for part in to_rgb(color)]
    palette.putpalette(np.rint([*map_colors.ravel(), *grays, *others]).astype(int).tolist())
    images = []
    for figure in pictures:
        figure.set_dpi(_DOTS_PER_INCH)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        images.append(image.quantize(palette=palette, dither=Image.Dither.NONE))
    duration_ms = round(1000 / fps)
    images[0].save(
        path, save_all=True, append_images=images[1:], duration=duration_ms, loop=0, optimize=False
    )


_SAVE = {".mp4": _save_mp4, ".gif": _save_gif}


class _Drawn(NamedTuple):
    """The figure, and what changes from picture to picture."""

    figure: Figure
    dendrites: list[_Dendrite]
    cursors: list[Line2D]
    clock: Text

    def show(self, time_ms: float) -> None:
        """Show a time."""
        for dendrite in self.dendrites:
            dendrite.show(time_ms)
        for cursor in self.cursors:
            cursor.set_xdata([time_ms, time_ms])
        self.clock.set_text(f"{time_ms:.1f} ms")


def _draw(runs: Sequence[Run], quantities: Sequence[Quantity], window: Window) -> _Drawn:
    """Draw what all pictures have in common."""
    rows = _rows(runs)
    figure = new_figure(_RUN_IN * len(runs) + _BAR_IN, _HEIGHT_IN)
    grid = figure.subplots(
        1 + len(rows), len(runs), squeeze=False, height_ratios=[3.2, *[0.8] * len(rows)]
    )
    limits = (min(q.limits[0] for q in quantities), max(q.limits[1] for q in quantities))
    dendrites, cursors = [], []
    for run, quantity, axes in zip(runs, quantities, grid.T, strict=True):
        axes[0].set_title(run.name)
        dendrites.append(_draw_dendrite(run, quantity, limits, axes[0]))
        for ax, row in zip(axes[1:], rows, strict=True):
            _PANELS[row](run, ax, window)
            ax.set_xlabel("Time (ms)" if row == rows[-1] else "")
            ax.spines["bottom"].set_visible(True)
            cursors.append(ax.axvline(window[0], color=_CURSOR_COLOR, linewidth=1.0))
    norm = LogNorm(*limits) if quantities[0].logarithmic else Normalize(*limits)
    figure.colorbar(
        ScalarMappable(norm, COLOR_MAP),
        ax=grid[0].tolist(),
        label=quantities[0].title,
        format="{x:g}",
        shrink=0.7,
        aspect=25,
    )
    clock = figure.text(0.02, 0.97, "", fontsize=9, va="top")
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the same in all pictures
    return _Drawn(figure, dendrites, cursors, clock)


def _draw_dendrite(
    run: Run, quantity: Quantity, limits: tuple[float, float], ax: Axes
) -> _Dendrite:
    morphology = run.require("morphology")
    n = int(morphology.n_compartments.sum())
    plot_morphology(morphology, ax=ax, color_by=np.arange(n))
    drawn = ax.collections[0]
    compartments = np.asarray(drawn.get_array()).astype(np.int64)
    drawn.set_clim(*_scaled(quantity, np.array(limits)).tolist())
    return _Dendrite(quantity, drawn, compartments, n)


def _scaled(quantity: Quantity, values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Return values as they are colored."""
    if not quantity.logarithmic:
        return values
    return np.log10(np.maximum(values, np.finfo(np.float32).tiny))


def _draw_voltage(run: Run, ax: Axes, window: Window) -> None:
    if "soma_v" in run.traces:
        times = cf_times_ms(run) if run.condition.cf_scale != 0 else []
        plot_soma_voltage(run.traces["soma_v"], ax, window_ms=window, cf_time_ms=times)


def _draw_spikes(run: Run, ax: Axes, window: Window) -> None:
    plot_raster(run.spikes, ax, window_ms=window)


_PANELS: dict[str, Any] = {"voltage": _draw_voltage, "spikes": _draw_spikes}


def _rows(runs: Sequence[Run]) -> list[str]:
    """Return the rows below the dendrite, for which at least one run has data."""
    return [
        *(["voltage"] if any("soma_v" in run.traces for run in runs) else []),
        *(["spikes"] if all("MLI1" in run.populations for run in runs) else []),
    ]
