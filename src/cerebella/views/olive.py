"""Page of a run of the olivocerebellar loop: stimuli, rates, rasters, weights and potentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from cerebella.analysis.olive_balance import compute_predicted_rate
from cerebella.analysis.olive_rates import compute_rate_over_time
from cerebella.errors import InputError
from cerebella.olive.perturbation_grammar import stored_perturbations
from cerebella.results.spikes import Window
from cerebella.runs.run import Run
from cerebella.views.arrays import ArrayStore
from cerebella.views.olive_stimuli import group_panels, stimuli_of, stimulus_panel
from cerebella.views.panels import Panel, line, lines, raster, trace_line, within

_RASTERS = ("IO", "DCN", "PC", "PF", "BC", "MF")
_RATES = ("IO", "PC", "DCN")
_MOST_SYNAPSES, _MOST_POTENTIALS = 5, 4
_WEIGHT_STEP, _SHARE_STEP = 1e-5, 1e-3


def page_of(run: Run, store: ArrayStore, window_ms: Window) -> dict[str, Any]:
    """Return the part of a page that shows a run of the loop.

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
    marks = [
        {"time": one.time_ms, "label": "perturbation"} for one in stored_perturbations(run.manifest)
    ]
    stimuli = stimuli_of(run, store, window_ms)
    panels = [
        *stimulus_panel(stimuli),
        *_rates(run, store, window_ms, marks),
        *_weights(run, store, window_ms, marks),
        *group_panels(run, store, window_ms),
        *(raster(run, [name], store, window_ms, f"{name} spikes") for name in _RASTERS),
        *_potentials(run, store, window_ms),
    ]
    there = [panel | {"stimuli": stimuli} for panel in panels if panel is not None]
    if not there:
        raise InputError(
            f"{run.name} recorded neither spikes nor weights",
            file=run.path,
            remedy="Repeat the run with `record` IO=all",
        )
    return {"scene": None, "panels": there, "initial_ms": None}


def _rates(
    run: Run, store: ArrayStore, window_ms: Window, marks: list[dict[str, Any]]
) -> Iterator[Panel]:
    """Yield the rate of each population over time, with the predicted rate of IO."""
    start, stop = window_ms
    for name in _RATES:
        if name not in run.populations or not len(run.of(name).recorded):
            continue
        bin_ms = _bin_ms(run.duration_ms, slow=name == "IO")
        rate = compute_rate_over_time(run, name, bin_ms)
        shown = (rate.start_ms + bin_ms > start) & (rate.start_ms < stop)
        drawn = line(
            name,
            rate.start_ms[shown],
            rate.rate_Hz[shown],
            1e-3,
            store,
            color=name,
            stairs_end_ms=min(run.duration_ms, float(rate.start_ms[shown][-1] + bin_ms)),
        )
        predicted = compute_predicted_rate(run) if name == "IO" else None
        levels = [] if predicted is None else [{"value": predicted, "label": "predicted"}]
        panel = lines(
            f"{name} rate",
            "Hz",
            [drawn],
            zero=True,
            marks=marks,
            levels=levels,
            note=f"mean of recorded cells in bins of {bin_ms / 1000:g} s",
        )
        panel["limits"][1] = max(panel["limits"][1], 1.15 * (predicted or 0))
        yield panel


def _bin_ms(duration_ms: float, *, slow: bool) -> float:
    """Return a bin width: 10 s for the slow IO in long runs, otherwise a round fraction."""
    fraction = duration_ms / (60 if slow else 300)
    return float(min((10.0, 100.0, 1000.0, 10_000.0), key=lambda ms: abs(np.log(ms / fraction))))


def _weights(
    run: Run, store: ArrayStore, window_ms: Window, marks: list[dict[str, Any]]
) -> Iterator[Panel]:
    """Yield mean and SD of all weights with single synapses, and the distribution of weights."""
    if run.weights is None:
        return
    weights = run.weights
    inside = within(weights.times_ms, window_ms)
    times, mean, sd = weights.times_ms[inside], weights.mean[inside], weights.sd[inside]
    if not len(times):
        return
    step = _WEIGHT_STEP
    drawn = [
        line(f"synapse {k}", times, values[inside], step, store, color="single")
        for k, values in enumerate(weights.synapses.T[:_MOST_SYNAPSES])
    ]
    band = (mean - sd, mean + sd)
    drawn.append(line("mean ± SD of all", times, mean, step, store, band=band))
    yield lines("PF→PC weight", "1", drawn, marks=marks, note="gray: single synapses")
    counts = weights.histogram[inside]
    there = np.flatnonzero(counts.sum(axis=0))
    low, high = max(there[0] - 1, 0), min(there[-1] + 2, counts.shape[1])
    share = counts[:, low:high] / counts.sum(axis=1, keepdims=True)
    edges = weights.histogram_edges
    yield {
        "kind": "heat",
        "title": "Distribution of PF→PC weights",
        "unit": "1",
        "height": 96,
        "limits": [float(edges[low]), float(edges[high])],
        "edges": [float(edges[low]), float(edges[high])],
        "start": float(times[0]),
        "times": store.times(times, 0.01),
        "n_bins": int(high - low),
        "scale": [0.0, float(np.sqrt(share.max()))],
        "values": store.quantized(np.sqrt(share), _SHARE_STEP),
        "note": "shade: square root of the share of synapses in each bin",
    }


def _potentials(run: Run, store: ArrayStore, window_ms: Window) -> Iterator[Panel]:
    """Yield the potentials of the first cells of each population that were recorded."""
    if "voltage" not in run.traces:
        return
    voltage = run.traces["voltage"]
    for name, population in run.populations.items():
        own = [k for k, gid in enumerate(voltage.gids.tolist()) if gid in population.gids]
        for k in own[:_MOST_POTENTIALS]:
            label = f"{name}[{voltage.gids[k] - population.first_gid}]"
            drawn = trace_line(label, voltage, store, window_ms, column=k, color=name)
            yield lines(f"{label}, potential", "mV", [drawn], height=72)
