"""How MLI1 and MLI2 answer to synchronous climbing fibers (CF), in four numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cerebella.analysis.rates import Window, compute_mean_rates
from cerebella.results.spikes import SpikeTrains

BASELINE_MS: Window = (50.0, 150.0)
"""Before the synchronous climbing fibers, which fire at 145-154 ms."""

PEAK_MS: Window = (150.0, 160.0)
"""Climbing fibers drive MLI2 (mli-network specification, section 12)."""

DIP_MS: Window = (160.0, 170.0)
"""MLI2 silence MLI1: the disinhibition that the experiment studies."""


class CFResponse(NamedTuple):
    """MLI2 peak up, MLI1 dip down, each beside its rate before.

    Attributes
    ----------
    MLI2_baseline_Hz, MLI1_baseline_Hz : rates in 50-150 ms.
    MLI2_peak_Hz : rate of MLI2 in 150-160 ms.
    MLI1_dip_Hz : rate of MLI1 in 160-170 ms.
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


def compute_cf_response(trials: SpikeTrains | Sequence[SpikeTrains]) -> CFResponse:
    """Return the peak of MLI2 and the dip of MLI1 after 150 ms, means over trials.

    Raises
    ------
    InputError : a run ends before 170 ms, or trials do not fit together.
    KeyError : there are no MLI1 or no MLI2.
    """
    trials = [trials] if isinstance(trials, SpikeTrains) else trials
    rates = compute_mean_rates(trials, (BASELINE_MS, PEAK_MS, DIP_MS))
    mli1, mli2 = rates["MLI1"], rates["MLI2"]
    return CFResponse(
        mli2[BASELINE_MS].mean_Hz,
        mli2[PEAK_MS].mean_Hz,
        mli1[BASELINE_MS].mean_Hz,
        mli1[DIP_MS].mean_Hz,
    )


def _ratio(rate_Hz: float, baseline_Hz: float) -> float:
    return rate_Hz / baseline_Hz if baseline_Hz > 0 else float("nan")
