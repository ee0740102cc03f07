"""Panels of a page: rasters, lines and distributions over time, as JSON and arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.results.spike_file import CellSpikes
from cerebella.results.spikes import Window
from cerebella.results.traces import Traces
from cerebella.runs.run import Run
from cerebella.views.arrays import ArrayStore

Panel = dict[str, Any]
Floats = npt.NDArray[np.floating]

SPIKE_STEP_MS = 0.01
"""Spike times are whole multiples of it: twice their error."""

UNITS = {
    "mV": ("mV", 1.0, 0.02),
    "mM": ("µM", 1e3, 0.001),
    "nA": ("nA", 1.0, 1e-6),
    "nS": ("nS", 1.0, 1e-5),
    "mA/cm2": ("mA/cm²", 1.0, 1e-7),
    "S/cm2": ("S/cm²", 1.0, 1e-8),
}
"""Unit in pages, factor and largest quantization step, by the unit of traces."""

_MOST_SPIKES = 200_000
"""Spikes of one population in a raster; of more, the first cells are shown."""

_ROW_PX, _HEIGHT_PX = (0.75, 6.0), (40, 220)


def raster(
    run: Run, names: Sequence[str], store: ArrayStore, window_ms: Window, title: str = "Spikes"
) -> Panel | None:
    """Return a raster of populations, from top to bottom; None if none of them was recorded.

    Parameters
    ----------
    run : Run
        The run.
    names : sequence of str
        Populations; those that the run lacks are omitted.
    store : ArrayStore
        Takes the spikes.
    window_ms : tuple of float
        Start and stop in ms.
    title : str
        Title of the panel.
    """
    groups = [
        _group(name, run.of(name), store, window_ms)
        for name in names
        if name in run.populations and len(run.of(name).recorded)
    ]
    if not groups:
        return None
    rows = sum(group["shown"] for group in groups)
    row_px = np.clip(_HEIGHT_PX[1] / rows, *_ROW_PX)
    return {
        "kind": "raster",
        "title": title,
        "unit": "",
        "groups": groups,
        "height": int(np.clip(rows * row_px, *_HEIGHT_PX)),
    }


def _group(name: str, spikes: CellSpikes, store: ArrayStore, window_ms: Window) -> dict[str, Any]:
    """Return the spikes of one population, of its first cells if there are too many."""
    inside = slice(*np.searchsorted(spikes.times_ms, window_ms))
    times, cells = spikes.times_ms[inside], spikes.cells[inside]
    recorded = np.sort(np.asarray(spikes.recorded))
    shown = len(recorded)
    row = np.searchsorted(recorded, cells)
    if len(times) > _MOST_SPIKES:
        counts = np.cumsum(np.bincount(row, minlength=shown))
        shown = max(1, int(np.searchsorted(counts, _MOST_SPIKES)))
        times, row = times[row < shown], row[row < shown]
    return {
        "name": name,
        "n": len(recorded),
        "shown": shown,
        "cells": store.add(recorded[:shown], "u4"),
        "times": store.times(times, SPIKE_STEP_MS),
        "rows": store.add(row, "u4"),
    }


def lines(
    title: str,
    unit: str,
    series: Iterable[Mapping[str, Any] | None],
    *,
    height: int = 96,
    zero: bool = False,
    **more: Any,
) -> Panel:
    """Return a panel of lines over time.

    Parameters
    ----------
    title, unit : str
        Quantity and its unit.
    series : iterable of dict or None
        Lines, from `line`; None is omitted.
    height : int
        Height of the axes in pixels.
    zero : bool
        Whether the axis begins at 0.
    **more
        ``marks``, times with a symbol, or ``levels``, horizontal lines with labels.
    """
    there = [one for one in series if one is not None]
    lows, highs = zip(*(one["limits"] for one in there), strict=True)
    low, high = min(lows), max(highs)
    low = 0.0 if zero else low - 0.04 * (high - low)
    if high <= low:
        low, high = low - 1, high + 1
    return {
        "kind": "lines",
        "title": title,
        "unit": unit,
        "height": height,
        "limits": [low, high + 0.06 * (high - low)],
        "series": there,
        **more,
    }


def line(
    name: str,
    times_ms: Floats,
    values: Floats,
    step: float,
    store: ArrayStore,
    *,
    color: str = "PC",
    band: tuple[Floats, Floats] | None = None,
    stairs_end_ms: float | None = None,
) -> dict[str, Any] | None:
    """Return one line of a panel; None without samples.

    Parameters
    ----------
    name : str
        Name in the legend.
    times_ms, values : ndarray of float, shape (n_samples,)
        Samples.
    step : float
        Largest quantization step.
    store : ArrayStore
        Takes the samples.
    color : str
        Name of the color.
    band : tuple of ndarray, optional
        Lower and upper limit of a band around the line.
    stairs_end_ms : float, optional
        End of the last of bins that start at `times_ms`, for a line in stairs.
    """
    if not len(times_ms):
        return None
    step_ms = np.diff(times_ms)
    regular = len(times_ms) > 1 and bool(np.allclose(step_ms, step_ms[0], rtol=1e-6, atol=1e-6))
    shown = [values, *(band or ())]
    drawn = {
        "name": name,
        "color": color,
        "start": float(times_ms[0]),
        "values": store.quantized(values, step),
        "limits": [float(min(map(np.nanmin, shown))), float(max(map(np.nanmax, shown)))],
    }
    if regular:
        drawn["step"] = float((times_ms[-1] - times_ms[0]) / (len(times_ms) - 1))
    else:
        drawn["times"] = store.times(times_ms, SPIKE_STEP_MS)
    if band is not None:
        drawn["band"] = [store.quantized(limit, step) for limit in band]
    if stairs_end_ms is not None:
        drawn["stairs_end"] = stairs_end_ms
    return drawn


def trace_line(
    name: str, traces: Traces, store: ArrayStore, window_ms: Window, *, column: int = 0, **how: Any
) -> dict[str, Any] | None:
    """Return one column of a trace as a line; see `line`."""
    inside = within(traces.times_ms, window_ms)
    _, factor, step = UNITS.get(traces.unit, (traces.unit, 1.0, 0.0))
    values = factor * traces.values[inside, column]
    return line(name, traces.times_ms[inside], values, step, store, **how)


def within(times_ms: Floats, window_ms: Window) -> slice:
    """Return the samples within a window, both ends included."""
    start, stop = window_ms
    return slice(*np.searchsorted(times_ms, [start - 1e-6, stop + 1e-6]))


def with_common_limits(columns: Sequence[Sequence[Panel]]) -> None:
    """Give panels of the same title the same axes and scales of shades in all columns."""
    for key in ("limits", "scale"):
        by_title: dict[str, list[Panel]] = {}
        for panel in (panel for column in columns for panel in column if key in panel):
            by_title.setdefault(panel["title"], []).append(panel)
        for panels in by_title.values():
            lows, highs = zip(*(panel[key] for panel in panels), strict=True)
            for panel in panels:
                panel[key] = [min(lows), max(highs)]
