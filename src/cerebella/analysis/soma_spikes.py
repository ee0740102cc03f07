"""Simple spikes, the complex spike and the pause in the voltage of a Purkinje cell's soma.

Definitions: purkinje-cell specification, section 6. It gives times for a climbing fiber (CF)
that fires at 151.7 ms; here they are relative to it, so that a CF at another time is analyzed
in the same way.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.rates import Window
from cerebella.errors import InputError
from cerebella.results.traces import Traces

CF_TIME_MS = 151.7
"""When the Purkinje cell's climbing fiber fires (section 4.2)."""

SPIKE_THRESHOLD_MV = -20.0
"""A local maximum that is at least this high is a spike."""

SPIKELET_THRESHOLD_MV = -30.0
"""A local maximum that is at least this high belongs to the complex spike."""

COMPLEX_SPIKE_WINDOW_MS: Window = (-1.7, 38.3)
"""Relative to the CF, both excluded: 150-190 ms."""

SETTLED_MS = 50.0
"""From here on the cell is taken to have forgotten how it was started."""

FloatArray = npt.NDArray[np.float64]


class SimpleSpikes(NamedTuple):
    """Regular firing in a window.

    Attributes
    ----------
    n_spikes : spikes in the window.
    rate_Hz : 1 / mean interval; 0 without spikes, NaN with only one.
    cv : standard deviation / mean of the intervals; NaN with fewer than two.
    """

    n_spikes: int
    rate_Hz: float
    cv: float


class ComplexSpike(NamedTuple):
    """The response to the climbing fiber.

    Attributes
    ----------
    n_spikelets : local maxima, the first included. A simple spike in the window counts too.
    first_ms, last_ms : times of the first and the last; NaN where there is none.
    width_ms : last - first.
    """

    n_spikelets: int
    first_ms: float
    last_ms: float
    width_ms: float


def compute_spike_times(soma_v: Traces, threshold_mV: float = SPIKE_THRESHOLD_MV) -> FloatArray:
    """Return the times (ms) of the local maxima of a soma's voltage of at least `threshold_mV`.

    Raises
    ------
    InputError : these are traces of more than one place, or hold NaN.
    """
    if soma_v.values.shape[1] != 1:
        raise InputError(
            f"spikes are looked for in one voltage, not in {soma_v.values.shape[1]}",
            remedy="Give the soma's trace",
        )
    voltage = soma_v.values[:, 0]
    if not np.isfinite(voltage).all():
        first = soma_v.times_ms[np.argmin(np.isfinite(voltage))]
        raise InputError(
            f"the voltage is not a number from {first:g} ms on",
            remedy="The simulation diverged: repeat it with other parameters",
        )
    from scipy.signal import find_peaks  # takes two seconds, which a refusal need not wait for

    peaks, _ = find_peaks(voltage, height=threshold_mV)
    return soma_v.times_ms[peaks]


def simple_spike_window(cf_time_ms: float | None, duration_ms: float) -> Window:
    """Return the window of regular firing: 50-150 ms with the CF at 151.7 ms.

    It ends where that of the complex spike begins, without a CF (None) at the end of the run,
    and starts at 0 if nothing would be left.
    """
    stop = duration_ms
    if cf_time_ms is not None:
        stop = min(stop, complex_spike_window(cf_time_ms)[0])
    return (SETTLED_MS if stop > SETTLED_MS else 0.0, stop)


def complex_spike_window(cf_time_ms: float) -> Window:
    """Return the window of the complex spike: 150-190 ms with the CF at 151.7 ms."""
    return window_around(cf_time_ms, COMPLEX_SPIKE_WINDOW_MS)


def window_around(cf_time_ms: float, relative_ms: Window) -> Window:
    """Return a window relative to the CF in absolute times, without rounding errors."""
    start, stop = relative_ms
    return round(cf_time_ms + start, 9), round(cf_time_ms + stop, 9)


def compute_simple_spikes(spike_times_ms: FloatArray, window_ms: Window) -> SimpleSpikes:
    """Return rate and regularity of the spikes with start <= t < stop."""
    start, stop = window_ms
    inside = spike_times_ms[(spike_times_ms >= start) & (spike_times_ms < stop)]
    intervals = np.diff(inside)
    rate_Hz = 1000 / float(intervals.mean()) if intervals.size else np.nan
    cv = float(intervals.std() / intervals.mean()) if intervals.size > 1 else np.nan
    return SimpleSpikes(inside.size, rate_Hz if inside.size else 0.0, cv)


def compute_complex_spike(soma_v: Traces, cf_time_ms: float = CF_TIME_MS) -> ComplexSpike | None:
    """Return the complex spike; None if the recording ends before its window does."""
    start, stop = complex_spike_window(cf_time_ms)
    if not covers(soma_v.times_ms, (start, stop)):
        return None
    times = compute_spike_times(soma_v, SPIKELET_THRESHOLD_MV)
    inside = times[(times > start) & (times < stop)]
    if not inside.size:
        return ComplexSpike(0, np.nan, np.nan, np.nan)
    first, last = float(inside[0]), float(inside[-1])
    return ComplexSpike(inside.size, first, last, last - first)


def compute_pause_ms(complex_spike: ComplexSpike | None, spike_times_ms: FloatArray) -> float:
    """Return the time from the last spikelet to the next simple spike.

    NaN if there was no complex spike, or no simple spike after it until the end of the run.
    The specification uses the word without defining it; this is the definition that gives its
    71 ms for the published recording of level 8, trial 11.
    """
    if complex_spike is None or not complex_spike.n_spikelets:
        return np.nan
    later = spike_times_ms[spike_times_ms > complex_spike.last_ms]
    return float(later[0]) - complex_spike.last_ms if later.size else np.nan


def covers(times_ms: FloatArray, window_ms: Window) -> bool:
    """Return whether evenly spaced samples reach from start to the last one before stop."""
    start, stop = window_ms
    step = (times_ms[-1] - times_ms[0]) / max(times_ms.size - 1, 1)
    return bool(times_ms[0] < start + step / 2 and times_ms[-1] > stop - 1.5 * step)
