"""Time courses of loop and cell around the CS, and weights, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cerebella.analysis.conditioning import bin_times_ms
from cerebella.analysis.purkinje import compute_purkinje_summary
from cerebella.analysis.reduced_calcium import read_reduced_calcium
from cerebella.experiments.eyelid.measures import EyelidMeasures
from cerebella.experiments.eyelid_to_purkinje.drive import (
    AFTER,
    BEFORE,
    BEFORE_CS_MS,
    STAGES,
    ZONES,
    CellTrial,
    weights_in,
)
from cerebella.experiments.eyelid_to_purkinje.measures import REST_MS, is_simple
from cerebella.experiments.eyelid_to_purkinje.tasks import cf_times_of
from cerebella.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

BIN_MS = 10.0


def weight_curves(of_loop: Sequence[EyelidMeasures]) -> pd.DataFrame:
    """Return the weights of groups of PFs, means over the zones of a kind, by session."""
    import pandas as pd

    tables = []
    for m in of_loop:
        for stage in STAGES:
            weights = weights_in(m.one.run, m.one.session, stage)
            centers_ms = m.one.session.cs.basis.centers_ms(weights.shape[1])
            tables += [
                pd.DataFrame(
                    {
                        "seed": m.one.seed,
                        "stage": stage,
                        "zones": zones,
                        "center_ms": centers_ms,
                        "weight": weights[list(of_kind)].mean(axis=0),
                    }
                )
                for zones, of_kind in ZONES.items()
            ]
    return pd.concat(tables, ignore_index=True)


def cell_curves(runs: Mapping[CellTrial, Run], isi_ms: float, length_ms: float) -> pd.DataFrame:
    """Return the time courses of cells around the CS, means over trials of all sessions."""
    import pandas as pd

    edges = np.arange(REST_MS[0], length_ms - BEFORE_CS_MS + BIN_MS / 2, BIN_MS)
    tables = []
    for zones in ZONES:
        for stage in STAGES:
            own = [run for cell, run in runs.items() if (cell.zones, cell.stage) == (zones, stage)]
            if not own:
                continue
            columns = [_course(run, edges) for run in own]
            sums = {name: np.array([one[name] for one in columns]) for name in columns[0]}
            calcium = sums["calcium_nM"]
            with np.errstate(invalid="ignore"):
                simple_Hz = sums["simple"].sum(axis=0) * 1000 / sums["free_ms"].sum(axis=0)
            tables.append(
                pd.DataFrame(
                    {
                        "zones": zones,
                        "stage": stage,
                        "time_ms": edges[:-1] + BIN_MS / 2,
                        "n_trials": len(own),
                        "simple_spikes_Hz": simple_Hz,
                        "free_ms": sums["free_ms"].sum(axis=0),
                        "cf_Hz": sums["cf"].mean(axis=0) * 1000 / BIN_MS,
                        "transmitted_Hz": sums["transmitted_Hz"].mean(axis=0),
                        "mli_Hz": sums["mli_Hz"].mean(axis=0),
                        "calcium_nM": calcium.mean(axis=0),
                        "calcium_sem_nM": calcium.std(axis=0, ddof=min(1, len(own) - 1))
                        / len(own) ** 0.5,
                    }
                )
            )
    return pd.concat(tables, ignore_index=True).assign(isi_ms=isi_ms)


def _course(run: Run, edges_ms: Floats) -> dict[str, Floats]:
    """Return spikes, inputs and calcium of a run in bins around the CS."""
    at_ms = edges_ms + BEFORE_CS_MS
    cf_ms = cf_times_of(run)
    spikes_ms = compute_purkinje_summary(run).response.spike_times_ms
    calcium, _ = read_reduced_calcium(run.traces)
    place = np.searchsorted(calcium.times_ms, at_ms - 1e-6)
    cumulative = np.concatenate([[0.0], np.cumsum(calcium.mean_nM)])
    grid_ms = np.arange(at_ms[0], at_ms[-1]) + 0.5
    free = np.histogram(grid_ms[is_simple(grid_ms, cf_ms)], at_ms)[0]
    return {
        "simple": np.histogram(spikes_ms[is_simple(spikes_ms, cf_ms)], at_ms)[0],
        "free_ms": free.astype(np.float64),
        "cf": np.histogram(cf_ms, at_ms)[0],
        "transmitted_Hz": _rates_in(run, "PF", at_ms),
        "mli_Hz": _rates_in(run, "MLI1", at_ms),
        "calcium_nM": np.diff(cumulative[place]) / np.diff(place),
    }


def _rates_in(run: Run, population: str, edges_ms: Floats) -> Floats:
    spikes = run.spikes.of(population)
    counts = np.histogram(spikes.times_ms, edges_ms)[0]
    return counts * 1000 / BIN_MS / spikes.populations[0].n_cells


def loop_curves(of_loop: Sequence[EyelidMeasures]) -> pd.DataFrame:
    """Return rates and lid of the loop around the CS by session, naive and late in acquisition."""
    import pandas as pd

    tables = []
    for m in of_loop:
        for stage, trials in ((BEFORE, m.of_block("naive")), (AFTER, m.late)):
            for zones, responses in (("trained", m.trained), ("untrained", m.untrained)):
                tables.append(
                    pd.DataFrame(
                        {
                            "seed": m.one.seed,
                            "zones": zones,
                            "stage": stage,
                            "time_ms": bin_times_ms(),
                            "pc_Hz": responses.pc_Hz[trials].mean(axis=0),
                            "dcn_Hz": responses.dcn_Hz[trials].mean(axis=0),
                            "lid_Hz": responses.lid_Hz[trials].mean(axis=0),
                        }
                    )
                )
    return pd.concat(tables, ignore_index=True)
