"""The experiment on PF and CF together: sites, stimuli, refusals, and a small one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.pairing import ACTIVE, INHIBITED, Pairing
from cerebella.errors import InputError
from cerebella.experiments.disinhibition.sweep import sweep_disinhibition
from cerebella.experiments.disinhibition.tasks import (
    find_sites,
    list_pairings,
    pairing_stimuli,
    site_weights,
)
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.places import compartments_at
from cerebella.network.generate import generate_network
from cerebella.parameters.purkinje_simulation import PurkinjeParameters

NETWORK = generate_network(seed=3, scale=0.1)


def test_sites_are_separate_branches_of_100_to_300_um(default_cell):
    compartments = compute_compartments(default_cell)
    sites = find_sites(default_cell, 6)
    places = [compartments_at(f"{site}+", default_cell) for site in sites]
    for place in places:
        assert 100 <= compartments.length_um[place].sum() <= 300
        assert (compartments.region[place] == 3).all()
    assert len(np.unique(np.concatenate(places))) == sum(map(len, places))
    roots = [compartments.path_distance_um[place].min() for place in places]
    assert roots == sorted(roots)
    weights = site_weights(default_cell, sites)
    assert [one.sum() for one in weights] == pytest.approx([1] * 6)
    assert [(one > 0).sum() for one in weights] == [len(place) for place in places]


def test_all_sites_of_a_cell_can_be_taken_and_no_more(default_cell):
    with pytest.raises(InputError, match="Give 1 to") as refused:
        find_sites(default_cell, 1000)
    n = int(refused.value.remedy.split()[-1])
    assert len(set(find_sites(default_cell, n))) == n


def test_stimuli_of_a_pairing():
    block, cf, tetanus = pairing_stimuli(
        Pairing(INHIBITED, 3, False, 1), ["spiny[1]", "spiny[7]"], [100, 200], 151.7
    )
    assert (block.inputs, block.start_ms) == (("mli",), pytest.approx(51.7))
    assert (cf.inputs, cf.start_ms) == (("cf",), 0)
    assert (tetanus.place, tetanus.n_contacts) == ("spiny[7]+", 200)
    assert tetanus.times_ms == pytest.approx((101.7, 111.7, 121.7))
    assert pairing_stimuli(Pairing(ACTIVE, 0, True, None), [], [], 151.7) == []
    (nine,) = pairing_stimuli(Pairing(ACTIVE, 9, True, 0), ["spiny[1]"], [100], 151.7)
    assert nine.times_ms[-1] == pytest.approx(181.7)


def test_each_stimulus_alone_and_both_are_simulated_once():
    pairings = list_pairings(2)
    assert len(set(pairings)) == len(pairings) == 2 * 2 + 2 * 2 * 3
    for one in pairings:
        assert one._replace(cf=not one.cf) in pairings
        assert one._replace(n_pulses=0, site=None) in pairings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cells": []}, "no cells"),
        ({"cf_placements": ["distal"]}, "`cf_placements` is distal. Give uniform or proximal"),
        ({"mli_placements": []}, "`mli_placements` is empty. Give dendrite or spiny"),
        ({"cf_placements": ["uniform"] * 2}, "`cf_placements` is uniform, uniform"),
        ({"n_contacts": 0}, "`n_contacts` is 0"),
        ({"n_sites": 0}, "0 sites, but default has"),
        ({"trials": [2, 1]}, "trials 2, 1 are not in increasing order"),
        ({"parameters": {"cf_time_ms": 80.0}}, "the climbing fiber fires at 80 ms"),
        ({"parameters": {"cf_time_ms": None}}, "cf_time_ms is null"),
    ],
)
def test_invalid_requests_are_refused_before_anything_is_written(
    default_cell, changes, message, tmp_path
):
    asked = {"cells": [default_cell], "network": NETWORK, **changes}
    if "parameters" in asked:
        asked["parameters"] = PurkinjeParameters(connections=asked["parameters"])
    with pytest.raises(InputError, match=message):
        sweep_disinhibition(tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()


def test_tables_of_a_small_experiment(small_purkinje_cell, tmp_path):
    with ThreadPoolExecutor(2) as threads:
        result = sweep_disinhibition(
            tmp_path,
            [small_purkinje_cell],
            network=NETWORK,
            cf_placements=["uniform"],
            mli_placements=["spiny"],
            n_sites=1,
            trials=[1],
            executor=threads,
        )
    sites = pd.read_csv(tmp_path / "sites.csv")
    pd.testing.assert_frame_equal(sites, result.sites, check_dtype=False)
    assert sites["mli_placement"].tolist() == ["spiny"]
    assert (sites["pf_nM"] > sites["neither_nM"]).all()
    assert (sites["cf_nM"] > sites["neither_nM"]).all()
    assert sites["percent_active_3"].between(20, 500).all()
    summary = pd.read_csv(tmp_path / "summary.csv")
    pd.testing.assert_frame_equal(summary, result.summary, check_dtype=False)
    assert result.failed == {}
