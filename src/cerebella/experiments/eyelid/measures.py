"""Measures of sessions of eyelid conditioning: by trial, by block, and of the whole session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.conditioning import (
    Responses,
    WeightChange,
    bin_times_ms,
    compute_responses,
    compute_weight_change,
    peak_time_ms,
    trials_to_criterion,
)
from cerebella.analysis.olive_rates import compute_cell_rates
from cerebella.experiments.eyelid.cases import TRAINED, UNTRAINED, EyelidRun

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

_BEFORE_US_MS = 100.0
_LAST_TRIALS, _FIRST_TRIALS = 40, 20
_THEORY_TRIALS = 50


@dataclass(frozen=True, eq=False)
class EyelidMeasures:
    """Measures of one session.

    Attributes
    ----------
    one : EyelidRun
        The session.
    """

    one: EyelidRun

    @cached_property
    def trained(self) -> Responses:
        """Responses of the zones with US."""
        return compute_responses(self.one.run, self.one.session, TRAINED)

    @cached_property
    def untrained(self) -> Responses:
        """Responses of the zones without US."""
        return compute_responses(self.one.run, self.one.session, UNTRAINED)

    @cached_property
    def blocks(self) -> npt.NDArray[np.str_]:
        """Name of the block of each trial."""
        return np.array([trial.block for trial in self.one.session.trials])

    @cached_property
    def has_us(self) -> npt.NDArray[np.bool_]:
        """Whether a trial has a US, by trial."""
        return np.array([not np.isnan(trial.us_ms) for trial in self.one.session.trials])

    def of_block(self, name: str) -> npt.NDArray[np.int64]:
        """Return the numbers of the trials of a block."""
        return np.flatnonzero(self.blocks == name)

    @property
    def late(self) -> npt.NDArray[np.int64]:
        """The last 40 trials of acquisition."""
        return self.of_block("acquisition")[-_LAST_TRIALS:]

    @property
    def late_probes(self) -> npt.NDArray[np.int64]:
        """Probes of acquisition from the 50th trial on."""
        trials = self.of_block("acquisition")[50:]
        return trials[~self.has_us[trials]]

    def window_ms(self, trials: npt.NDArray[np.int64]) -> tuple[float, float]:
        """Return begin and end of successive trials in ms."""
        every = self.one.session.trials
        return every[trials[0]].start_ms, every[trials[-1]].stop_ms

    def weight_change(self, n_trials: int = _THEORY_TRIALS) -> WeightChange:
        """Return the change of weights in the first trials of acquisition."""
        window = self.window_ms(self.of_block("acquisition")[:n_trials])
        return compute_weight_change(self.one.run, self.one.session, TRAINED, *window)

    def late_balance(self) -> WeightChange:
        """Return the change of weights in the last trials of acquisition."""
        window = self.window_ms(self.late)
        return compute_weight_change(self.one.run, self.one.session, TRAINED, *window)

    def us_evoked(self) -> tuple[float, float]:
        """Return P_US in the first 20 and in the last 40 trials of acquisition."""
        values = self.trained.us_evoked[self.of_block("acquisition")]
        first, last = values[:_FIRST_TRIALS], values[-_LAST_TRIALS:]
        return float(np.nanmean(first)), float(np.nanmean(last))

    def before_us(self, rates_Hz: Floats, trials: npt.NDArray[np.int64]) -> float:
        """Return a mean rate in the 100 ms before the US."""
        times_ms, isi_ms = bin_times_ms(), self.one.case.isi_ms
        inside = (times_ms > isi_ms - _BEFORE_US_MS) & (times_ms < isi_ms)
        return float(rates_Hz[np.ix_(trials, inside)].mean())

    def before_cs(self, rates_Hz: Floats, trials: npt.NDArray[np.int64]) -> float:
        """Return a mean rate in the 500 ms before the CS."""
        return float(rates_Hz[np.ix_(trials, bin_times_ms() < 0)].mean())

    def mf_weights(self, block: str) -> tuple[float | None, float | None]:
        """Return the mean MF→DCN weights at the end of a block, of trained and untrained zones."""
        weights = self.one.run.weights
        if weights is None or not weights.mf_dcn.size:
            return None, None
        last = np.searchsorted(weights.times_ms, self.window_ms(self.of_block(block))[1]) - 1
        trained, untrained = (weights.mf_dcn[last, list(zones)] for zones in (TRAINED, UNTRAINED))
        return float(trained.mean()), float(untrained.mean())

    def io_rate_Hz(self, block: str) -> tuple[float, float]:
        """Return the mean rates of the olive in a block, of trained and untrained zones."""
        rates = compute_cell_rates(self.one.run, "IO", *self.window_ms(self.of_block(block)))
        n_trained = count_trained(len(rates))
        return float(rates[:n_trained].mean()), float(rates[n_trained:].mean())


def count_trained(n_io: int) -> int:
    """Return how many of the IO cells are in zones with US, which come first."""
    return n_io * len(TRAINED) // (len(TRAINED) + len(UNTRAINED))


def trial_table(measured: list[EyelidMeasures]) -> pd.DataFrame:
    """Return one row for each trial of each session."""
    import pandas as pd

    tables = []
    for m in measured:
        trials = m.one.session.trials
        tables.append(
            pd.DataFrame(
                {
                    **_labels(m),
                    "trial": np.arange(1, len(trials) + 1),
                    "block": m.blocks,
                    "kind": [trial.kind for trial in trials],
                    "start_ms": [trial.start_ms for trial in trials],
                    "response_Hz": m.trained.response_Hz,
                    "is_conditioned": m.trained.conditioned,
                    "untrained_response_Hz": m.untrained.response_Hz,
                    "untrained_is_conditioned": m.untrained.conditioned,
                    "us_evoked": m.trained.us_evoked,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def block_table(measured: list[EyelidMeasures]) -> pd.DataFrame:
    """Return one row for each block of each session."""
    import pandas as pd

    rows = []
    for m in measured:
        for name in dict.fromkeys(m.blocks.tolist()):
            trials = m.of_block(name)
            io_Hz, mf_weights = m.io_rate_Hz(name), m.mf_weights(name)
            row = _labels(m) | {
                "block": name,
                "n_trials": len(trials),
                "cr_percent": 100 * float(m.trained.conditioned[trials].mean()),
                "untrained_cr_percent": 100 * float(m.untrained.conditioned[trials].mean()),
                "response_Hz": float(m.trained.response_Hz[trials].mean()),
                "io_Hz": io_Hz[0],
                "untrained_io_Hz": io_Hz[1],
                "mf_weight": mf_weights[0],
                "untrained_mf_weight": mf_weights[1],
            }
            for label, responses in (("", m.trained), ("untrained_", m.untrained)):
                row |= {
                    f"{label}pc_before_us_Hz": m.before_us(responses.pc_Hz, trials),
                    f"{label}pc_before_cs_Hz": m.before_cs(responses.pc_Hz, trials),
                    f"{label}dcn_before_us_Hz": m.before_us(responses.dcn_Hz, trials),
                    f"{label}dcn_before_cs_Hz": m.before_cs(responses.dcn_Hz, trials),
                }
            rows.append(row)
    return pd.DataFrame(rows)


def session_table(measured: list[EyelidMeasures]) -> pd.DataFrame:
    """Return one row for each session, with the measures of its acquisition."""
    import pandas as pd

    return pd.DataFrame([_labels(m) | summarize_session(m) for m in measured])


def summarize_session(m: EyelidMeasures) -> dict[str, Any]:
    """Return the measures of a session that the targets of docs/eyelid-conditioning.md use."""
    acquisition = m.of_block("acquisition")
    conditioned = m.trained.conditioned
    change, balance = m.weight_change(), m.late_balance()
    learns = bool(np.ptp(change.measured))
    first, last = m.us_evoked()
    late = acquisition[79:]
    return {
        "naive_cr_percent": 100 * float(conditioned[m.of_block("naive")].mean()),
        "cr_percent_from_80": 100 * float(conditioned[late].mean()) if len(late) else None,
        "late_cr_percent": 100 * float(conditioned[m.late].mean()),
        "late_untrained_cr_percent": 100 * float(m.untrained.conditioned[m.late].mean()),
        "trials_to_70_percent": trials_to_criterion(conditioned[acquisition]),
        "late_response_Hz": float(m.trained.response_Hz[m.late].mean()),
        "peak_ms": peak_time_ms(m.trained.lid_Hz[m.late_probes]) if len(m.late_probes) else None,
        "late_pc_Hz": m.before_us(m.trained.pc_Hz, m.late),
        "late_untrained_pc_Hz": m.before_us(m.untrained.pc_Hz, m.late),
        "rest_pc_Hz": m.before_cs(m.trained.pc_Hz, m.late),
        "late_dcn_Hz": m.before_us(m.trained.dcn_Hz, m.late),
        "late_untrained_dcn_Hz": m.before_us(m.untrained.dcn_Hz, m.late),
        "rest_dcn_Hz": m.before_cs(m.trained.dcn_Hz, m.late),
        "first_us_evoked": first,
        "late_us_evoked": last,
        "theory_r": _correlation(change) if learns else None,
        "theory_slope": _slope(change) if learns else None,
        "theory_rms": float(np.sqrt(np.mean((change.predicted - change.measured) ** 2))),
        "least_cf_probability": float(balance.cf_probability.min()),
        "greatest_cf_probability": float(balance.cf_probability.max()),
        "naive_weight_at_isi": _at_isi(m, change.weights - change.measured),
        "weight_at_isi": _at_isi(m, balance.weights),
        **_after_extinction(m),
        **_relearning(m),
    }


def _correlation(change: WeightChange) -> float:
    return float(np.corrcoef(change.predicted, change.measured)[0, 1])


def _slope(change: WeightChange) -> float:
    return float(np.polyfit(change.predicted, change.measured, 1)[0])


def _at_isi(m: EyelidMeasures, weights: Floats) -> float:
    """Return the weight of PFs whose bump is at the time of the US, between those of groups."""
    centers_ms = m.one.session.cs.basis.centers_ms(len(weights))
    return float(np.interp(np.log(m.one.case.isi_ms), np.log(centers_ms), weights))


def _after_extinction(m: EyelidMeasures) -> dict[str, float | None]:
    """Return responses in the last 20 trials of extinction, and weights then."""
    trials = m.of_block("extinction")
    if not len(trials):
        names = ("cr_percent", "weight_at_isi", "untrained_weight")
        return {f"extinguished_{name}": None for name in names}
    trained, untrained = (
        compute_weight_change(m.one.run, m.one.session, zones, *m.window_ms(trials)).weights
        for zones in (TRAINED, UNTRAINED)
    )
    last = m.trained.conditioned[trials[-_FIRST_TRIALS:]]
    return {
        "extinguished_cr_percent": 100 * float(last.mean()),
        "extinguished_weight_at_isi": _at_isi(m, trained),
        "extinguished_untrained_weight": float(untrained.mean()),
    }


def _relearning(m: EyelidMeasures) -> dict[str, float | None]:
    """Return how fast the response is acquired first and again, for savings."""
    first, again = m.of_block("acquisition"), m.of_block("reacquisition")
    if not len(again):
        return dict.fromkeys(
            ("trials_to_70_percent_again", "first_response_Hz", "again_response_Hz")
        )
    responses = m.trained.response_Hz
    return {
        "trials_to_70_percent_again": trials_to_criterion(m.trained.conditioned[again]),
        "first_response_Hz": float(responses[first[:_FIRST_TRIALS]].mean()),
        "again_response_Hz": float(responses[again[:_FIRST_TRIALS]].mean()),
    }


def _labels(m: EyelidMeasures) -> dict[str, Any]:
    case = m.one.case
    return {
        "case": case.name,
        "control": case.control,
        "isi_ms": case.isi_ms,
        "learning_rate": case.learning_rate,
        "seed": m.one.seed,
    }
