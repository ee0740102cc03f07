"""Tables of the effect of synchrony against the strength of the climbing fiber."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.cf_strength import (
    add_percent,
    summarize_cells,
    summarize_recruitment,
    summarize_strengths,
    tabulate_territories,
)
from cerebella.analysis.cf_threshold import CFThreshold
from cerebella.analysis.dendritic_territories import Territory
from cerebella.analysis.strength_responses import (
    StoredResponses,
    measure_responses,
    recruited_territories,
    tabulate_events,
)
from cerebella.morphology.compartments import compute_compartments

CF_MS, STEP_MS = 151.7, 0.1


def territory(compartments, share, threshold=26.0):
    return Territory(
        np.array(compartments), "dend", 40.0, 1, 10.0, share, np.array([threshold] * 3)
    )


@pytest.fixture(scope="module")
def found(spiny_cell):
    """The thin spiny compartments of the cell are two territories."""
    spiny = compute_compartments(spiny_cell).of("spiny")
    parts = (territory(spiny[1:3], 0.3), territory(spiny[3:], 0.1))
    return CFThreshold(spiny_cell, (1, 2, 3), (), (), parts, np.array([27.4]), 29.0)


def responses(recruited, calcium_nM, spikelets):
    """Return responses of one level per row, with spikes 1 ms apart after the CF."""
    n_levels, n_strengths = recruited.shape[:2]
    n_before, n = 1500, 1900
    before = np.full((n_levels, n_before), -60.0)
    before[:, 600:1500:200] = 20.0  # at 60, 80 ... 140 ms
    soma = np.full((n_levels, n_strengths, n - n_before), -60.0)
    for place, count in np.ndenumerate(spikelets):
        soma[*place, 30 : 30 + 10 * count : 10] = -10.0
    return StoredResponses(STEP_MS * np.arange(n), before, soma, recruited, calcium_nM)


@pytest.fixture(scope="module")
def stored(found):
    """Level 8 recruits the first territory at the second strength, and level 0 nothing."""
    recruited = np.zeros((2, 2, 11), dtype=bool)
    recruited[1, 1, found.territories[0].compartments] = True
    calcium = np.array([[[100.0] * 4, [200.0] * 4], [[100.0] * 4, [300.0] * 4]])
    return responses(recruited, calcium, np.array([[3, 4], [3, 6]]))


def test_measures_of_responses(found, stored):
    rows = measure_responses(found, stored, CF_MS, [0, 8], [0.9, 1.0])
    assert rows["cf_sync"].tolist() == [0, 0, 8, 8]
    assert rows["strength"].tolist() == [0.9, 1.0, 0.9, 1.0]
    assert rows["cf_scale"].tolist() == pytest.approx([26.1, 29.0] * 2)
    assert rows["n_spikelets"].tolist() == [3, 4, 3, 6]
    assert rows["width_ms"].tolist() == pytest.approx([2, 3, 2, 5])
    assert rows["simple_spike_rate_Hz"].tolist() == pytest.approx([50] * 4)
    assert rows["calcium_mean_nM"].tolist() == pytest.approx([100, 200, 100, 300])
    assert rows["recruitment"].tolist() == pytest.approx([0, 0, 0, 0.75])


def test_calcium_and_recruited_membrane_are_weighted_by_membrane(found, stored):
    area = compute_compartments(found.morphology).area_um2
    spiny = compute_compartments(found.morphology).of("spiny")
    one = np.zeros((1, 1, 11), dtype=bool)
    one[0, 0, spiny[-1]] = True
    calcium = np.array([[[0.0, 0.0, 0.0, 100.0]]])
    row = measure_responses(
        found,
        stored._replace(
            before_mV=stored.before_mV[:1],
            soma_mV=stored.soma_mV[:1, :1],
            recruited=one,
            calcium_nM=calcium,
        ),
        CF_MS,
        [0],
        [1.0],
    ).iloc[0]
    share = area[spiny[-1]] / area[spiny].sum()
    assert row["calcium_mean_nM"] == pytest.approx(100 * share)
    assert row["recruited_membrane"] == pytest.approx(share)


def test_a_territory_is_recruited_with_half_of_its_membrane(found):
    first = found.territories[0].compartments
    recruited = np.zeros((2, 11), dtype=bool)
    recruited[0, first[0]] = True  # one of two equal compartments
    assert recruited_territories(found, recruited).tolist() == [[True, False], [False, False]]


def test_territories_by_strength_and_level(found, stored):
    events = pd.concat(
        [tabulate_events(found, stored, [0, 8], [0.9, 1.0]).assign(trial=t) for t in (1, 2)]
    )
    table = tabulate_territories(events).set_index(["territory", "strength", "cf_sync"])
    assert len(table) == 2 * 2 * 2
    assert table.loc[(1, 1.0, 8), "n_recruited"] == 2
    assert table.loc[(1, 1.0, 0), "probability"] == 0
    assert table.loc[(2, 1.0, 8), "probability"] == 0
    recruitment = summarize_recruitment(events).set_index(["cell", "strength"])
    row = recruitment.loc[("spiny_cell", 1.0)]
    assert (row["n_pairs"], row["gained"], row["lost"]) == (4, 2, 0)
    assert row["p_mcnemar"] == 0.5
    assert recruitment.loc[("spiny_cell", 0.9), "p_mcnemar"] == 1
    assert recruitment.loc[("all", 1.0), "gained"] == 2


def runs_of(effects):
    """Return runs of cells at two strengths, in which synchrony adds `effects` nM at the second."""
    keys = [
        (cell, strength, level, trial)
        for cell in effects
        for strength in (0.9, 1.0)
        for level in (0, 8)
        for trial in (1, 2, 3)
    ]
    runs = pd.DataFrame(keys, columns=["cell", "strength", "cf_sync", "trial"])
    synchronous = (runs["cf_sync"] == 8) & (runs["strength"] == 1.0)
    runs["calcium_mean_nM"] = 200.0 + 10 * (runs["trial"] - 2)
    runs["calcium_mean_nM"] += np.where(synchronous, runs["cell"].map(effects), 0.0)
    runs["recruitment"] = np.where(synchronous, 0.5 + 0.1 * runs["trial"], 0.2)
    return runs.assign(n_spikelets=5.0, width_ms=10.0, simple_spike_rate_Hz=40.0)


def test_effects_of_each_cell_and_of_all():
    runs = runs_of({"a": 20.0, "b": 40.0})
    assert add_percent(runs)["calcium_percent"].iloc[:3].tolist() == pytest.approx([95, 100, 105])
    summary = summarize_strengths(runs)
    rows = summary.loc[summary["measure"] == "calcium_percent"]
    rows = rows.set_index(["cell", "strength", "cf_sync"])
    assert rows.loc[("a", 1.0, 8), "difference"] == pytest.approx(10)
    assert rows.loc[("a", 0.9, 8), "difference"] == pytest.approx(0)
    assert rows.loc[("a", 1.0, 8), "n_trials"] == 3
    of_all = rows.loc[("all", 1.0, 8)]
    assert of_all["difference"] == pytest.approx(15)
    assert of_all["n_trials"] == 2  # cells
    assert of_all["ci_low"] == pytest.approx(15 - 12.7062 * 5, rel=1e-4)  # t of one degree


def test_the_shift_is_the_area_between_the_recruitment_curves(found):
    runs = runs_of({"cell": 20.0})
    table = summarize_cells(runs, summarize_strengths(runs), {"cell": found, "failed": found})
    assert table["cell"].tolist() == ["cell"]
    row = table.iloc[0]
    assert row["peak_strength"] == 1.0
    assert row["peak_calcium_percent"] == pytest.approx(10)
    assert row["peak_recruitment"] == pytest.approx((0.2 + 0.7) / 2)
    # Triangles between 0.9 and 1.0, of heights 0.4, 0.5 and 0.6.
    assert row["shift"] == pytest.approx(0.1 * 0.5 / 2)
    assert row["shift_ci_low"] < row["shift"] < row["shift_ci_high"]
