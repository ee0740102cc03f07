"""Response of MLI1 and MLI2 to synchronous climbing fibers (CFs), in four numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from cerebella.analysis.events import PROTOCOL_EVENT_MS
from cerebella.analysis.rates import compute_mean_rates
from cerebella.results.spikes import SpikeTrains, Window

BASELINE_MS: Window = (50.0, 150.0)
"""Window before the synchronous climbing fibers, which fire at 145-154 ms."""

PEAK_MS: Window = (150.0, 160.0)
"""Window in which climbing fibers excite MLI2."""

DIP_MS: Window = (160.0, 170.0)
"""Window in which MLI2 inhibit MLI1, so that the Purkinje cell is disinhibited."""


class CFResponse(NamedTuple):
    """Peak of MLI2 and dip of MLI1, with the baseline rates.

    Attributes
    ----------
    MLI2_baseline_Hz, MLI1_baseline_Hz : float
        Rates in 50-150 ms.
    MLI2_peak_Hz : float
        Rate of MLI2 in 150-160 ms.
    MLI1_dip_Hz : float
        Rate of MLI1 in 160-170 ms.
    """

    MLI2_baseline_Hz: float
    MLI2_peak_Hz: float
    MLI1_baseline_Hz: float
    MLI1_dip_Hz: float

    @property
    def MLI2_gain(self) -> float:
        """Peak of MLI2 relative to its baseline; NaN if the baseline is silent."""
        return _ratio(self.MLI2_peak_Hz, self.MLI2_baseline_Hz)

    @property
    def MLI1_gain(self) -> float:
        """Dip of MLI1 relative to its baseline; NaN if the baseline is silent."""
        return _ratio(self.MLI1_dip_Hz, self.MLI1_baseline_Hz)


def compute_cf_response(
    trials: SpikeTrains | Sequence[SpikeTrains], event_ms: float = PROTOCOL_EVENT_MS
) -> CFResponse:
    """Compute the peak of MLI2 and the dip of MLI1 after climbing fibers, averaged over trials.

    Parameters
    ----------
    trials : SpikeTrains or sequence of SpikeTrains
        Spikes of one run, or of several trials of one condition.
    event_ms : float
        Time of the climbing fibers in ms, by default that of the published protocol. The baseline
        is the 100 ms before, as far as they are within the run; NaN for an event at 0.

    Returns
    -------
    CFResponse

    Raises
    ------
    InputError
        If a run ends within 20 ms after the event, or the trials have different populations.
    KeyError
        If there are no MLI1 or no MLI2.

    Notes
    -----
    The windows are those in which park2026 report the disinhibition.

    Examples
    --------
    One MLI2 that fires a burst, and one MLI1 that pauses:

    >>> populations = (cb.Population("MLI1", 0, 1), cb.Population("MLI2", 1, 1))
    >>> mli1, mli2 = np.r_[55:155:20, 175:300:20], np.r_[60, 110, 151:158:3]
    >>> gids = np.repeat([0, 1], [len(mli1), len(mli2)])
    >>> spikes = cb.SpikeTrains(np.concatenate([mli1, mli2]), gids, populations, 300)
    >>> response = cb.compute_cf_response(spikes)
    >>> response.MLI2_peak_Hz, response.MLI1_dip_Hz
    (300.0, 0.0)
    >>> response.MLI2_gain
    15.0
    """
    trials = [trials] if isinstance(trials, SpikeTrains) else trials
    baseline, peak, dip = (
        (max(event_ms - PROTOCOL_EVENT_MS + start, 0.0), event_ms - PROTOCOL_EVENT_MS + stop)
        for start, stop in (BASELINE_MS, PEAK_MS, DIP_MS)
    )
    rates = compute_mean_rates(trials, [window for window in (baseline, peak, dip) if window[1]])

    def rate_Hz(population: str, window: Window) -> float:
        of_window = rates[population].get(window)
        return math.nan if of_window is None else of_window.mean_Hz

    return CFResponse(
        rate_Hz("MLI2", baseline),
        rate_Hz("MLI2", peak),
        rate_Hz("MLI1", baseline),
        rate_Hz("MLI1", dip),
    )


def _ratio(rate_Hz: float, baseline_Hz: float) -> float:
    return rate_Hz / baseline_Hz if baseline_Hz > 0 else float("nan")
