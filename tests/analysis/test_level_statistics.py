"""Means, paired differences and slopes against level, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cerebella.analysis.level_statistics import summarize_levels

VALUES = {0: [1.0, 2.0, 4.0], 4: [2.0, 3.0, 6.0], 8: [3.0, 6.0, 7.0]}


def runs_of(values, condition="control", trials=(1, 2, 3)):
    return [
        {"condition": condition, "cf_sync": level, "trial": trial, "x": value}
        for level, of_level in values.items()
        for trial, value in zip(trials, of_level, strict=False)
    ]


def rows_of(table, condition="control"):
    return table[table["condition"] == condition].set_index("cf_sync")


def test_means_and_paired_differences_from_the_lowest_level():
    rows = rows_of(summarize_levels(pd.DataFrame(runs_of(VALUES)), ["x"]))
    test = stats.ttest_rel(VALUES[8], VALUES[0])
    low, high = test.confidence_interval()
    assert rows["mean"].tolist() == pytest.approx([7 / 3, 11 / 3, 16 / 3])
    assert rows.loc[8, "sem"] == pytest.approx(stats.sem(VALUES[8]))
    assert rows.loc[8, "difference"] == pytest.approx(3.0)
    assert (rows.loc[8, "ci_low"], rows.loc[8, "ci_high"]) == pytest.approx((low, high))
    assert rows.loc[8, "p"] == pytest.approx(test.pvalue)
    assert rows.loc[8, "effect_size"] == pytest.approx(3.0 / np.std([2, 4, 3], ddof=1))
    assert np.isnan(rows.loc[0, "difference"])


def test_the_slope_is_that_of_the_trials_and_tested_over_them():
    rows = rows_of(summarize_levels(pd.DataFrame(runs_of(VALUES)), ["x"]))
    slopes = [2 / 8, 4 / 8, 3 / 8]
    assert rows["slope"].tolist() == pytest.approx([np.mean(slopes)] * 3)
    assert rows["slope_p"].iloc[0] == pytest.approx(stats.ttest_1samp(slopes, 0).pvalue)


def test_conditions_are_kept_apart_and_in_their_order():
    other = {level: [10 * value for value in values] for level, values in VALUES.items()}
    table = summarize_levels(pd.DataFrame(runs_of(VALUES, "z") + runs_of(other, "a")), ["x"])
    assert table["condition"].unique().tolist() == ["z", "a"]
    assert rows_of(table, "a")["mean"].tolist() == pytest.approx([70 / 3, 110 / 3, 160 / 3])


def test_a_missing_run_costs_its_pair_only():
    values = {0: [1.0, 2.0, 4.0], 8: [3.0, np.nan, 7.0]}
    rows = rows_of(summarize_levels(pd.DataFrame(runs_of(values)), ["x"]))
    assert rows["n_trials"].tolist() == [3, 2]
    assert (rows.loc[8, "n_pairs"], rows.loc[8, "difference"]) == (2, 2.5)


def test_equal_values_have_no_p_however_the_fit_rounds():
    values = {level: [43.21, 43.42] for level in (0, 1, 2, 4, 6, 8)}
    rows = rows_of(summarize_levels(pd.DataFrame(runs_of(values)), ["x"]))
    assert rows["slope"].tolist() == [0.0] * 6
    assert rows["slope_p"].isna().all()
    assert rows["p"].isna().all()


def test_one_level_or_one_trial_has_means_only():
    one_level = rows_of(summarize_levels(pd.DataFrame(runs_of({8: [1.0, 3.0]})), ["x"]))
    assert (one_level.loc[8, "mean"], np.isnan(one_level.loc[8, "slope"])) == (2.0, True)
    one_trial = rows_of(summarize_levels(pd.DataFrame(runs_of({0: [1.0], 8: [3.0]})), ["x"]))
    assert one_trial.loc[8, "difference"] == 2.0
    assert np.isnan(one_trial.loc[8, "p"])
