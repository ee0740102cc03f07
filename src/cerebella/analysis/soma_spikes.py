"""Simple spikes, complex spike and pause in the somatic voltage of a Purkinje cell.

The definitions are those of park2026, with all times relative to the spike of the climbing fiber
(CF), which fires at 151.7 ms in the published protocol.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.maxima import find_maxima
from cerebella.results.spikes import Window
from cerebella.results.traces import Traces

CF_TIME_MS = 151.7
"""Spike time of the climbing fiber of the Purkinje cell in the published protocol."""

SPIKE_THRESHOLD_MV = -20.0
"""Smallest voltage of a local maximum that counts as a spike."""

SPIKELET_THRESHOLD_MV = -30.0
"""Smallest voltage of a local maximum that counts as a spikelet of the complex spike."""

COMPLEX_SPIKE_WINDOW_MS: Window = (-1.7, 38.3)
"""Open window relative to the CF spike: 150-190 ms for a spike at 151.7 ms."""

SETTLED_MS = 50.0
"""Time after which the initial conditions are assumed to have no effect."""

FloatArray = npt.NDArray[np.float64]


class SimpleSpikes(NamedTuple):
    """Regular firing in a window.

    Attributes
    ----------
    n_spikes : int
        Number of spikes in the window.
    rate_Hz : float
        1 / mean interval in Hz; 0 without spikes, NaN with a single spike.
    cv : float
        Standard deviation / mean of the intervals; NaN with fewer than two intervals.
    """

    n_spikes: int
    rate_Hz: float
    cv: float


class ComplexSpike(NamedTuple):
    """Response to the climbing fiber.

    Attributes
    ----------
    n_spikelets : int
        Number of local maxima, including the first spike and any simple spike in the window.
    first_ms, last_ms : float
        Times of the first and last spikelet in ms; NaN if there is none.
    width_ms : float
        Difference of these times in ms.
    """

    n_spikelets: int
    first_ms: float
    last_ms: float
    width_ms: float


def compute_spike_times(soma_v: Traces, threshold_mV: float = SPIKE_THRESHOLD_MV) -> FloatArray:
    """Detect spikes as local maxima of the somatic voltage.

    Parameters
    ----------
    soma_v : Traces
        Somatic voltage in mV; a single column.
    threshold_mV : float, default -20.0
        Smallest voltage of a maximum.

    Returns
    -------
    ndarray of float, shape (n_spikes,)
        Spike times in ms.

    Raises
    ------
    InputError
        If there are several columns or the voltage is not finite.
    """
    if soma_v.values.shape[1] != 1:
        raise InputError(
            f"spike detection needs a single voltage trace, not {soma_v.values.shape[1]}",
            remedy="Give the trace of the soma",
        )
    voltage = soma_v.values[:, 0]
    if not np.isfinite(voltage).all():
        first = soma_v.times_ms[np.argmin(np.isfinite(voltage))]
        raise InputError(
            f"the voltage is not finite from {first:g} ms onward",
            remedy="The simulation diverged: repeat it with other parameters",
        )
    return soma_v.times_ms[find_maxima(voltage, threshold_mV)]


def simple_spike_window(cf_time_ms: float | None, duration_ms: float) -> Window:
    """Return the window of simple spikes: 50-150 ms for a CF spike at 151.7 ms.

    Parameters
    ----------
    cf_time_ms : float or None
        Spike time of the CF in ms; None without a spike.
    duration_ms : float
        Duration of the run in ms.

    Returns
    -------
    tuple of float
        Start and stop in ms. The window ends at the start of the complex spike window, or at the
        end of the run without a CF spike; it starts at 0 if it would otherwise be empty.
    """
    stop = duration_ms
    if cf_time_ms is not None:
        stop = min(stop, complex_spike_window(cf_time_ms)[0])
    return (SETTLED_MS if stop > SETTLED_MS else 0.0, stop)


def complex_spike_window(cf_time_ms: float) -> Window:
    """Return the window of the complex spike: 150-190 ms for a CF spike at 151.7 ms."""
    return window_around(cf_time_ms, COMPLEX_SPIKE_WINDOW_MS)


def window_around(
    cf_time_ms: float, relative_ms: Window, next_cf_ms: float | None = None
) -> Window:
    """Convert a window relative to the CF spike to absolute times, without rounding errors.

    It ends before the window of the next CF spike.
    """
    start, stop = relative_ms
    if next_cf_ms is not None:
        stop = min(stop, next_cf_ms - cf_time_ms + start)
    return round(cf_time_ms + start, 9), round(cf_time_ms + stop, 9)


def compute_simple_spikes(spike_times_ms: FloatArray, window_ms: Window) -> SimpleSpikes:
    """Compute the rate and regularity of spikes in a window.

    Parameters
    ----------
    spike_times_ms : ndarray of float, shape (n_spikes,)
        Spike times in ms.
    window_ms : tuple of float
        Half-open window in ms.

    Returns
    -------
    SimpleSpikes
    """
    start, stop = window_ms
    inside = spike_times_ms[(spike_times_ms >= start) & (spike_times_ms < stop)]
    intervals = np.diff(inside)
    rate_Hz = 1000 / float(intervals.mean()) if intervals.size else np.nan
    cv = float(intervals.std() / intervals.mean()) if intervals.size > 1 else np.nan
    return SimpleSpikes(inside.size, rate_Hz if inside.size else 0.0, cv)


def compute_complex_spike(
    soma_v: Traces, cf_time_ms: float = CF_TIME_MS, next_cf_ms: float | None = None
) -> ComplexSpike | None:
    """Detect the complex spike.

    Parameters
    ----------
    soma_v : Traces
        Somatic voltage in mV; a single column.
    cf_time_ms : float
        Spike time of the CF in ms.
    next_cf_ms : float, optional
        Time of its next spike, before which the complex spike ends.

    Returns
    -------
    ComplexSpike or None
        None if the recording does not cover the window.
    """
    start, stop = window_around(cf_time_ms, COMPLEX_SPIKE_WINDOW_MS, next_cf_ms)
    if not covers(soma_v.times_ms, (start, stop)):
        return None
    times = compute_spike_times(soma_v, SPIKELET_THRESHOLD_MV)
    inside = times[(times > start) & (times < stop)]
    if not inside.size:
        return ComplexSpike(0, np.nan, np.nan, np.nan)
    first, last = float(inside[0]), float(inside[-1])
    return ComplexSpike(inside.size, first, last, last - first)


def compute_pause_ms(
    complex_spike: ComplexSpike | None,
    spike_times_ms: FloatArray,
    next_cf_ms: float | None = None,
) -> float:
    """Compute the pause from the last spikelet to the next simple spike.

    Parameters
    ----------
    complex_spike : ComplexSpike or None
        The complex spike.
    spike_times_ms : ndarray of float, shape (n_spikes,)
        Spike times in ms.
    next_cf_ms : float, optional
        Time of the next spike of the CF.

    Returns
    -------
    float
        Pause in ms; NaN without a complex spike, or without a simple spike between it and the next.

    Notes
    -----
    This definition yields the published pause of 71 ms for the recording of level 8, trial 11.
    """
    if complex_spike is None or not complex_spike.n_spikelets:
        return np.nan
    later = spike_times_ms[spike_times_ms > complex_spike.last_ms]
    if next_cf_ms is not None:
        later = later[later < next_cf_ms + COMPLEX_SPIKE_WINDOW_MS[0]]
    return float(later[0]) - complex_spike.last_ms if later.size else np.nan


def covers(times_ms: FloatArray, window_ms: Window) -> bool:
    """Return whether evenly spaced samples cover a window."""
    start, stop = window_ms
    step = (times_ms[-1] - times_ms[0]) / max(times_ms.size - 1, 1)
    return bool(times_ms[0] < start + step / 2 and times_ms[-1] > stop - 1.5 * step)
