"""Means of the measures of a sweep."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cerebella.analysis.sweep_statistics import summarize_sweep


def test_mean_and_standard_error_over_seeds_and_trials_without_missing_values():
    rows = [
        (4, 1, 1, "a", 1.0),
        (4, 1, 1, "b", 5.0),
        (4, 1, 2, "a", 2.0),
        (4, 2, 1, "a", 6.0),
        (4, 2, 2, "a", np.nan),
        (2, 1, 1, "a", np.nan),
    ]
    table = pd.DataFrame(rows, columns=["rate", "seed", "trial", "measure", "value"])
    summary = summarize_sweep(table, ["rate", "seed", "trial"])
    assert summary[["measure", "rate", "n"]].values.tolist() == [
        ["a", 4, 3],
        ["a", 2, 0],
        ["b", 4, 1],
    ]
    np.testing.assert_allclose(summary["mean"], [3, np.nan, 5])
    np.testing.assert_allclose(summary["sem"], [np.sqrt(7 / 3), np.nan, np.nan])


def test_seeds_alone_are_not_averaged():
    table = pd.DataFrame({"seed": [1, 2], "measure": "a", "value": [1.0, 2.0]})
    assert summarize_sweep(table, ["seed"])["mean"].tolist() == [1.0, 2.0]
