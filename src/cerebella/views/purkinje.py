"""Page of a run of the Purkinje cell: dendrite, spikes, rates, potential and calcium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cerebella.analysis.dendritic_calcium import compute_spiny_calcium
from cerebella.analysis.events import cf_times_ms
from cerebella.morphology.recording_sites import load_recording_sites
from cerebella.purkinje.recordings import RECORDED
from cerebella.results.spikes import Window
from cerebella.runs.run import Run
from cerebella.views.arrays import ArrayStore
from cerebella.views.dendrite import Quantity, quantities_of, scene_of
from cerebella.views.molecular_layer import network_panels
from cerebella.views.panels import UNITS, Panel, line, lines, trace_line, within

_UM_PER_NM = 1e-3
_MOST_LINES = 6


def page_of(run: Run, store: ArrayStore, window_ms: Window) -> dict[str, Any]:
    """Return the part of a page that shows a run of the Purkinje cell.

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
        The run holds no morphology, or recorded neither calcium nor potential of the dendrite.
    """
    quantities = quantities_of(run, window_ms)
    own_cf = [t for t in _own_cf_ms(run) if window_ms[0] <= t <= window_ms[1]]
    step_ms = quantities[0].times_ms[:2]
    return {
        "scene": scene_of(run, quantities, store),
        "panels": [
            *_cell_panels(run, store, window_ms, own_cf),
            *network_panels(run, store, window_ms),
        ],
        "initial_ms": _peak_ms(quantities[0]),
        "step_ms": float(np.ptp(step_ms)) or None,
    }


def _peak_ms(quantity: Quantity) -> float:
    """Return the time of the largest mean over all compartments, shown first."""
    return float(quantity.times_ms[np.nanargmax(np.nanmean(quantity.values, axis=1))])


def _own_cf_ms(run: Run) -> list[float]:
    return cf_times_ms(run) if run.condition.cf_scale != 0 else []


def _cell_panels(
    run: Run, store: ArrayStore, window_ms: Window, own_cf_ms: list[float]
) -> Iterator[Panel]:
    """Yield the panels of soma voltage, calcium, and what else was recorded at few places."""
    marks = [{"time": time_ms, "label": "CF spike of this cell"} for time_ms in own_cf_ms]
    if "soma_v" in run.traces:
        soma_v = trace_line("soma", run.traces["soma_v"], store, window_ms)
        yield lines("Soma voltage", "mV", [soma_v], marks=marks, height=120)
    if "calcium" in run.traces:
        calcium = run.traces["calcium"]
        spiny = compute_spiny_calcium(calcium, load_recording_sites(run, calcium))
        inside = within(spiny.times_ms, window_ms)
        mean_uM = _UM_PER_NM * spiny.mean_nM[inside]
        mean = line("mean", spiny.times_ms[inside], mean_uM, 1e-4, store)
        yield lines("Spiny Ca²⁺, mean of compartments", "µM", [mean], zero=True)
    for name in run.traces:
        traces = run.traces[name]
        n = traces.values.shape[1]
        if name in RECORDED or n > _MOST_LINES:
            continue
        labels = run.level.places.labels(run, name, traces)
        drawn = [
            trace_line(label, traces, store, window_ms, column=k, color=f"line{k}")
            for k, label in enumerate(labels)
        ]
        yield lines(name, UNITS.get(traces.unit, (traces.unit,))[0], drawn)
