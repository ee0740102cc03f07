"""Calcium of PF and CF in % of the linear sum, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.pairing import (
    ACTIVE,
    INHIBITED,
    PUBLISHED_PAIRING,
    Pairing,
    measure_sites,
    percent_of_linear_sum,
    summarize_pairing,
)


@pytest.mark.parametrize(("both", "percent"), [(180, 100), (193, 110), (50, 0), (167, 90)])
def test_percent_of_the_responses_above_rest(both, percent):
    assert percent_of_linear_sum(both, pf=60, cf=170, neither=50) == pytest.approx(percent)


def test_without_a_response_to_either_there_is_no_percentage():
    assert np.isnan(percent_of_linear_sum(50, pf=50, cf=50, neither=50))


# Calcium of two compartments; the first is the first site, both are the second.
CALCIUM = {
    Pairing(ACTIVE, 0, False, None): (50, 50),
    Pairing(ACTIVE, 0, True, None): (150, 150),
    Pairing(ACTIVE, 3, False, 0): (60, 50),
    Pairing(ACTIVE, 3, True, 0): (160, 150),
    Pairing(ACTIVE, 3, False, 1): (50, 70),
    Pairing(ACTIVE, 3, True, 1): (150, 192),
    Pairing(INHIBITED, 0, False, None): (60, 60),
    Pairing(INHIBITED, 0, True, None): (160, 160),
    Pairing(INHIBITED, 3, False, 0): (70, 60),
    Pairing(INHIBITED, 3, True, 0): (181, 160),
    Pairing(INHIBITED, 9, False, 0): (80, 60),
    Pairing(INHIBITED, 9, True, 0): (204, 160),
    Pairing(INHIBITED, 3, False, 1): (60, 60),
    Pairing(INHIBITED, 3, True, 1): (160, 160),
    Pairing(INHIBITED, 9, False, 1): (60, 60),
    Pairing(INHIBITED, 9, True, 1): (160, 160),
}
WEIGHTS = [np.array([1.0, 0.0]), np.array([0.5, 0.5])]


@pytest.fixture
def measured():
    pairings = [*CALCIUM]
    spikelets = np.array([4.0 if one.mli == ACTIVE and one.cf else 5.0 for one in pairings])
    return measure_sites(pairings, np.array([*CALCIUM.values()], float), spikelets, WEIGHTS)


def test_each_site_is_compared_with_its_own_tetanus(measured):
    assert measured["percent_active_3"].tolist() == pytest.approx([100, 100 * 121 / 110])
    assert measured["percent_inhibited_3"].tolist() == pytest.approx([110, 100])
    assert measured["percent_inhibited_9"].tolist() == pytest.approx([120, 100])
    assert measured["spikelets_active"].tolist() == [4, 4]
    assert measured["spikelets_inhibited"].tolist() == [5, 5]
    assert measured["pf_nM"].tolist() == [60, 60]


def test_sites_are_averaged_over_trials_and_compared_in_pairs(measured):
    placed = {"cf_placement": "uniform", "mli_placement": "dendrite"}
    later = measured.assign(percent_inhibited_3=measured["percent_inhibited_3"] + 4, trial=2)
    sites = pd.concat([measured.assign(trial=1), later]).assign(cell="a", **placed)
    both = pd.concat([sites, sites.assign(cell="b", spikelets_inhibited=7.0)])
    table = summarize_pairing(both).set_index(["cell", "measure"])
    row = table.loc[("a", "percent_inhibited_3")]
    assert (row["n"], row["mean"]) == (2, pytest.approx(107))
    assert (row["published"], row["published_sem"], row["published_n"]) == (109.9, 2.4, 31)
    effect = table.loc[("a", "percent_inhibition")]
    assert effect["mean"] == pytest.approx(((112 - 100) + (102 - 110)) / 2)
    assert effect["ci_low"] < effect["mean"] < effect["ci_high"]
    assert effect["published"] == pytest.approx(9.4)
    assert table.loc[("all", "percent_inhibition"), "n"] == 4  # sites of both cells
    spikelets = table.loc[("all", "spikelets_inhibition")]
    assert (spikelets["n"], spikelets["mean"]) == (2, 2)  # cells
    assert table.loc[("a", "spikelets_active"), "n"] == 2  # trials
    assert table.loc[("a", "percent_active_3"), "published"] == 100.5
    assert set(PUBLISHED_PAIRING) < set(table.loc["a"].index)
