"""Page of a run of the molecular layer: spikes, rates and potentials of interneurons."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from cerebella.analysis.events import find_cf_volleys
from cerebella.analysis.population_rate import compute_population_rate
from cerebella.errors import InputError
from cerebella.results.spikes import Window
from cerebella.runs.run import Run
from cerebella.views.arrays import ArrayStore
from cerebella.views.panels import UNITS, Panel, line, lines, raster, trace_line

_SMOOTH_SD_MS = 2.0
_MOST_CELLS = 12
_TALLER = 1.6
"""Height of panels that have the page to themselves, relative to those beside a dendrite."""


def page_of(run: Run, store: ArrayStore, window_ms: Window) -> dict[str, Any]:
    """Return the part of a page that shows a run of the molecular layer.

    Parameters
    ----------
    run : Run
        The run.
    store : ArrayStore
        Takes the arrays.
    window_ms : tuple of float
        Start and stop in ms.

    Raises
    ------
    InputError
        The run holds no spikes.
    """
    run.require("spikes")
    panels = [*network_panels(run, store, window_ms), *_traces(run, store, window_ms)]
    panels = [panel | {"height": round(_TALLER * panel["height"])} for panel in panels]
    if not panels:
        raise InputError(
            f"{run.name} has no spikes of MLI1, MLI2, PF or CF",
            file=run.path,
            remedy="Give a run of the molecular layer",
        )
    volleys = _volleys_ms(run)
    return {
        "scene": None,
        "panels": panels,
        "initial_ms": next((t for t in volleys if window_ms[0] <= t <= window_ms[1]), None),
    }


def network_panels(run: Run, store: ArrayStore, window_ms: Window) -> Iterator[Panel]:
    """Yield raster and rates of the network of a run, as far as its cells were recorded.

    Parameters
    ----------
    run : Run
        A run of the molecular layer, or of the Purkinje cell.
    store : ArrayStore
        Takes the arrays.
    window_ms : tuple of float
        Start and stop in ms.
    """
    spikes = raster(run, ("CF", "MLI2", "MLI1"), store, window_ms)
    if spikes is not None:
        yield spikes
    there = {name for name, population in run.populations.items() if population.n_cells}
    for title, names in (("Rate", ("MLI1", "MLI2")), ("PF rate", ("PF",))):
        own = [_rate(run, name, store, window_ms) for name in names if name in there]
        if any(own):
            note = f"1 ms bins, smoothed with a Gaussian of {_SMOOTH_SD_MS:g} ms SD"
            yield lines(title, "Hz", own, zero=True, note=note, height=96 if len(names) > 1 else 60)


def _rate(run: Run, name: str, store: ArrayStore, window_ms: Window) -> dict[str, Any] | None:
    """Return the rate of a population in whole ms; None for a window without one."""
    start, stop = math.ceil(window_ms[0]), math.floor(window_ms[1])
    if stop <= start:
        return None
    rate = compute_population_rate(run.spikes, name, start, stop, smooth_sd_ms=_SMOOTH_SD_MS)
    return line(name, rate.times_ms, rate.mean_Hz, 0.02, store, color=name)


def _traces(run: Run, store: ArrayStore, window_ms: Window) -> Iterator[Panel]:
    """Yield the potential and other traces of the first cells that were recorded."""
    for name in run.traces:
        traces = run.traces[name]
        unit = UNITS.get(traces.unit, (traces.unit,))[0]
        labels = run.level.places.labels(run, name, traces)
        quantity = {"v": "potential", "i": "clamp current"}.get(traces.variable, traces.variable)
        for column, label in enumerate(labels[:_MOST_CELLS]):
            color = label.partition("[")[0]
            drawn = trace_line(label, traces, store, window_ms, column=column, color=color)
            yield lines(f"{label}, {quantity}", unit, [drawn], height=72)


def _volleys_ms(run: Run) -> list[float]:
    if not run.populations.get("CF") or not run.populations["CF"].n_cells:
        return []
    return find_cf_volleys(run.spikes)
