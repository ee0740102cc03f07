"""The dendrite of a page: its shape, and calcium, potential or probes over time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.morphology.pieces import divide_sections, rounded_soma
from cerebella.morphology.recording_sites import compartments_of
from cerebella.plots.dendritic_calcium import LIMITS_UM
from cerebella.results.spikes import Window
from cerebella.results.traces import Traces
from cerebella.runs.run import Run
from cerebella.views.arrays import ArrayStore
from cerebella.views.panels import UNITS, within

CALCIUM_STEP = 0.002
"""Quantization step of the logarithm to base 10: an error of 0.23 % at most."""

MOST_SAMPLES = 10_000_000
"""Samples of one quantity in a page, such as 2569 compartments 3890 times."""

COARSEST_MS = 1.0
"""Spikes would be lost at a larger interval."""

_FEWEST_PLACES = 2
_NAMES = {"v": "Membrane potential", "cai": "Ca²⁺ concentration"}


class Quantity(NamedTuple):
    """A quantity that colors the dendrite.

    Attributes
    ----------
    name, label, unit : str
        Name of the trace, and label and unit in pages.
    traces : Traces
        Its samples.
    compartments : ndarray of int64, shape (n,)
        Compartment of each column.
    samples : slice
        Samples that are shown.
    factor : float
        From the unit of the traces to that of pages.
    step : float
        Largest quantization step.
    limits : tuple of float
        Values of the lowest and the highest color.
    logarithmic : bool
        Whether colors are a function of the logarithm.
    """

    name: str
    label: str
    unit: str
    traces: Traces
    compartments: npt.NDArray[np.int64]
    samples: slice
    factor: float
    step: float
    limits: tuple[float, float]
    logarithmic: bool

    @property
    def times_ms(self) -> npt.NDArray[np.float64]:
        """Times of the samples in ms."""
        return self.traces.times_ms[self.samples]

    @property
    def values(self) -> npt.NDArray[np.floating]:
        """Samples in the unit of pages, shape (n_samples, n)."""
        return self.factor * self.traces.values[self.samples]

    @property
    def title(self) -> str:
        """Label with unit."""
        return f"{self.label} ({self.unit})" if self.unit != "1" else self.label


def quantities_of(run: Run, window_ms: Window) -> list[Quantity]:
    """Return the quantities that color the dendrite of a run: calcium, potential, then probes.

    Parameters
    ----------
    run : Run
        Run of a Purkinje cell.
    window_ms : tuple of float
        Start and stop in ms.

    Raises
    ------
    InputError
        The run holds no morphology, recorded nothing of the dendrite, or is too long.
    """
    morphology = run.require("morphology")
    found = list(_found(run, morphology, window_ms))
    if not found:
        raise InputError(
            f"{run.name} recorded neither calcium nor potential of the dendrite",
            file=run.path,
            remedy="Repeat the run with `record` soma_v,calcium",
        )
    order = {"calcium": 0, "v": 1}
    return sorted(found, key=lambda quantity: order.get(quantity.name, 2))


def _found(run: Run, morphology: Morphology, window_ms: Window) -> Iterator[Quantity]:
    for name in run.traces:
        if name in ("soma_v", "clamp"):
            continue
        traces = run.traces[name]
        if traces.values.shape[1] < _FEWEST_PLACES or not traces.sections.all():
            continue
        unit, factor, step = UNITS.get(traces.unit, (traces.unit, 1.0, 0.0))
        samples = _thinned(run, traces, window_ms)
        compartments = compartments_of(traces, morphology)
        logarithmic = traces.variable == "cai"
        values = factor * traces.values[samples]
        limits = LIMITS_UM if logarithmic else _round_limits(*np.nanpercentile(values, [0, 100]))
        yield Quantity(
            name,
            _NAMES.get(traces.variable, traces.variable),
            unit,
            traces,
            compartments,
            samples,
            factor,
            CALCIUM_STEP if logarithmic else step,
            limits,
            logarithmic,
        )


def _thinned(run: Run, traces: Traces, window_ms: Window) -> slice:
    """Return the samples within a window, every n-th if there are too many."""
    inside = within(traces.times_ms, window_ms)
    n_columns, n_samples = traces.values.shape[1], inside.stop - inside.start
    if not n_samples:
        raise InputError(
            f"{run.name} recorded nothing from {window_ms[0]:g} to {window_ms[1]:g} ms",
            file=run.path,
            remedy="Give a `window_ms` within the run",
        )
    every = max(1, math.ceil(n_columns * n_samples / MOST_SAMPLES))
    if every > 1 and every * traces.sampling_step_ms > COARSEST_MS:
        longest_ms = math.floor(MOST_SAMPLES / n_columns * COARSEST_MS)
        raise InputError(
            f"{run.name} has {n_samples:,} samples of {n_columns:,} compartments, too many for a "
            "page",
            file=run.path,
            remedy=f"Give a `window_ms` of at most {longest_ms:,} ms",
        )
    return slice(inside.start, inside.stop, every)


def _round_limits(low: float, high: float) -> tuple[float, float]:
    """Return round limits that include a range."""
    if not high > low:
        return low - 1, low + 1
    step = 10 ** math.floor(math.log10((high - low) / 2))
    return math.floor(low / step) * step, math.ceil(high / step) * step


def scene_of(run: Run, quantities: list[Quantity], store: ArrayStore) -> dict[str, Any]:
    """Return shape and quantities of the dendrite of a run as JSON and arrays.

    Parameters
    ----------
    run : Run
        Run of a Purkinje cell.
    quantities : list of Quantity
        Its quantities, from `quantities_of`.
    store : ArrayStore
        Takes the arrays.
    """
    morphology = run.require("morphology")
    compartments = compute_compartments(morphology)
    pieces = divide_sections(morphology)
    starts, ends = pieces.starts.copy(), pieces.ends.copy()
    soma = compartments.region[pieces.compartments] == REGIONS.index("soma")
    starts[soma], ends[soma] = rounded_soma(starts[soma], ends[soma])
    return {
        "kind": "dendrite",
        "pieces": store.add(np.concatenate([starts, ends], axis=1), "f4"),
        "compartment": store.add(pieces.compartments, "u4"),
        "n_compartments": len(compartments),
        "sections": list(morphology.section_names),
        "regions": list(REGIONS),
        "section": store.add(compartments.section, "u4"),
        "region": store.add(compartments.region, "u1"),
        "x": store.add(compartments.x, "f4"),
        "distance_um": store.add(compartments.path_distance_um, "f4"),
        "diameter_um": store.add(compartments.diameter_um, "f4"),
        "quantities": [_quantity(quantity, store) for quantity in quantities],
    }


def _quantity(quantity: Quantity, store: ArrayStore) -> dict[str, Any]:
    times, values = quantity.times_ms, quantity.values
    index = store.quantized(values, quantity.step, logarithmic=quantity.logarithmic)
    return {
        "key": quantity.name,
        "label": quantity.label,
        "unit": quantity.unit,
        "title": quantity.title,
        "limits": list(quantity.limits),
        "logarithmic": quantity.logarithmic,
        "start": float(times[0]),
        "step": float((times[-1] - times[0]) / max(len(times) - 1, 1)),
        "n": len(times),
        "values": index,
        "columns": store.add(quantity.compartments, "u4"),
        "error": _error(store.table[index]["step"], quantity),
    }


def _error(step: float, quantity: Quantity) -> str:
    """Return the largest error of quantized values, as text."""
    if quantity.logarithmic:
        return f"{100 * (10 ** (step / 2) - 1):.2g} %"
    return f"{step / 2:.2g} {quantity.unit}"
