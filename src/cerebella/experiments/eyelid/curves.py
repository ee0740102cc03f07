"""Curves of the figure of eyelid conditioning, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cerebella.analysis.conditioning import bin_times_ms
from cerebella.experiments.eyelid.measures import EyelidMeasures, count_trained

if TYPE_CHECKING:
    import pandas as pd

_LAST_OF_EXTINCTION = 20
_OLIVE_MS = 50_000.0


def trace_table(measured: list[EyelidMeasures]) -> pd.DataFrame:
    """Return lid position and rates around the CS, means over trials without US of each block."""
    import pandas as pd

    tables = []
    for m in measured:
        blocks = {
            "naive": m.of_block("naive"),
            "trained": m.late_probes,
            "extinguished": m.of_block("extinction")[-_LAST_OF_EXTINCTION:],
            "shuffled": m.of_block("shuffled"),
        }
        for name, trials in blocks.items():
            if len(trials):
                tables.append(
                    pd.DataFrame(
                        {
                            **_labels(m),
                            "block": name,
                            "time_ms": bin_times_ms(),
                            "lid_Hz": m.trained.lid_Hz[trials].mean(axis=0),
                            "pc_Hz": m.trained.pc_Hz[trials].mean(axis=0),
                            "dcn_Hz": m.trained.dcn_Hz[trials].mean(axis=0),
                        }
                    )
                )
    return pd.concat(tables, ignore_index=True)


def weight_table(measured: list[EyelidMeasures]) -> pd.DataFrame:
    """Return weights and their changes by group of PFs, in acquisition."""
    import pandas as pd

    tables = []
    for m in measured:
        change, late = m.weight_change(), m.late_balance()
        centers = m.one.session.cs.basis.centers_ms(len(late.weights))
        tables.append(
            pd.DataFrame(
                {
                    **_labels(m),
                    "center_ms": centers,
                    "naive_weight": change.weights - change.measured,
                    "late_weight": late.weights,
                    "predicted_change": change.predicted,
                    "measured_change": change.measured,
                    "naive_cf_probability": change.cf_probability,
                    "late_cf_probability": late.cf_probability,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def olive_table(measured: list[EyelidMeasures]) -> pd.DataFrame:
    """Return the rate of the olive over each session, in zones with and without US."""
    import pandas as pd

    tables = []
    for m in measured:
        spikes = m.one.run.of("IO")
        starts = np.arange(0.0, m.one.run.duration_ms - _OLIVE_MS, _OLIVE_MS)
        n_trained = count_trained(len(spikes.recorded))
        rates = {}
        for name, inside, n in (
            ("trained_Hz", spikes.cells < n_trained, n_trained),
            ("untrained_Hz", spikes.cells >= n_trained, len(spikes.recorded) - n_trained),
        ):
            edges = np.append(starts, starts[-1] + _OLIVE_MS)
            counts = np.histogram(spikes.times_ms[inside], edges)[0]
            rates[name] = counts * 1000 / _OLIVE_MS / n
        tables.append(pd.DataFrame({**_labels(m), "start_s": starts / 1000, **rates}))
    return pd.concat(tables, ignore_index=True)


def _labels(m: EyelidMeasures) -> dict[str, object]:
    case = m.one.case
    return {"control": case.control, "isi_ms": case.isi_ms, "seed": m.one.seed}
