"""The result of a protocol with one cell, and measures of its courses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cerebella.results.html_table import frame_as_html

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ProtocolResult:
    """Result of a protocol.

    Attributes
    ----------
    protocol : str
        Name of the protocol, such as ``"fi"``.
    cell : str
        Name of the cell.
    rows : tuple of mapping of str to float
        Measures of each condition.
    times_ms : ndarray of float, shape (n_samples,)
        Times of the courses in ms.
    courses : ndarray of float, shape (n_conditions, n_samples)
        Potential of the soma in mV, or what `course` names.
    window_ms : tuple of float
        Start and end of the stimulus in ms.
    summary : mapping of str to float
        Measures over all conditions.
    course : str
        Meaning and unit of the courses.

    Examples
    --------
    >>> result = cb.compute_fi_curve("MLI1", [0.02, 0.03])
    >>> result
    <ProtocolResult fi: MLI1, 2 conditions>
    >>> result.table()["n_spikes"].tolist()
    [1, 11]
    """

    protocol: str
    cell: str
    rows: tuple[Mapping[str, float], ...]
    times_ms: Floats
    courses: Floats
    window_ms: tuple[float, float]
    summary: Mapping[str, float] = field(default_factory=dict)
    course: str = "Soma potential (mV)"

    def __repr__(self) -> str:
        return f"<ProtocolResult {self.protocol}: {self.cell}, {len(self.rows)} conditions>"

    def _repr_html_(self) -> str:
        return frame_as_html(repr(self), self.table())

    def table(self) -> pd.DataFrame:
        """Return the measures, one row for each condition."""
        import pandas as pd

        return pd.DataFrame([{"cell": self.cell, **row} for row in self.rows])


def firing_measures(spikes_ms: Floats, window_ms: tuple[float, float]) -> dict[str, float]:
    """Return measures of the spikes within a window.

    Parameters
    ----------
    spikes_ms : ndarray of float, shape (n_spikes,)
        Spike times in ms.
    window_ms : tuple of float
        Start and end of the window in ms.

    Returns
    -------
    dict of str to float
        n_spikes; rate_Hz, spikes per time; first_spike_ms after the start; initial_rate_Hz and
        final_rate_Hz of the first and the last interval; NaN if there are too few spikes.
    """
    start, stop = window_ms
    inside = spikes_ms[(spikes_ms >= start) & (spikes_ms < stop)]
    rates = 1000 / np.diff(inside)
    return {
        "n_spikes": len(inside),
        "rate_Hz": 1000 * len(inside) / (stop - start),
        "first_spike_ms": float(inside[0] - start) if len(inside) else np.nan,
        "initial_rate_Hz": float(rates[0]) if len(rates) else np.nan,
        "final_rate_Hz": float(rates[-1]) if len(rates) else np.nan,
    }


def time_to_fraction(times_ms: Floats, change: Floats, fraction: float) -> float:
    """Return when a change first reaches a fraction of its last value.

    Parameters
    ----------
    times_ms : ndarray of float, shape (n,)
        Times since the start in ms.
    change : ndarray of float, shape (n,)
        Change since the start.
    fraction : float
        Fraction of its last value.

    Returns
    -------
    float
        Time in ms, interpolated; NaN without a change.
    """
    if change[-1] == 0:
        return np.nan
    relative = change / change[-1]
    after = int(np.argmax(relative >= fraction))
    if after == 0:
        return float(times_ms[0])
    part = (fraction - relative[after - 1]) / (relative[after] - relative[after - 1])
    return float(times_ms[after - 1] + part * (times_ms[after] - times_ms[after - 1]))


def psp_measures(times_ms: Floats, change_mV: Floats) -> dict[str, float]:
    """Return measures of a postsynaptic potential.

    Parameters
    ----------
    times_ms : ndarray of float, shape (n,)
        Times since the arrival of the presynaptic spike in ms.
    change_mV : ndarray of float, shape (n,)
        Difference of the potential from that without synapse, in mV.

    Returns
    -------
    dict of str to float
        peak_mV, time_to_peak_ms, and half_width_ms, the time above half of the
        peak; NaN if it does not fall below it.
    """
    size = np.abs(change_mV)
    peak = int(size.argmax())
    below = np.flatnonzero(size < size[peak] / 2)
    before, after = below[below < peak], below[below > peak]
    ends = len(before) and len(after)
    return {
        "peak_mV": float(change_mV[peak]),
        "time_to_peak_ms": float(times_ms[peak]) if size[peak] else np.nan,
        "half_width_ms": float(times_ms[after[0]] - times_ms[before[-1]]) if ends else np.nan,
    }
