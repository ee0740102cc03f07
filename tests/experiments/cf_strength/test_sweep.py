"""The experiment on CF strength: refusals, tables of a small one, and what may be added."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.cf_threshold import cf_scale_of_strength
from cerebella.errors import InputError, SimulationError
from cerebella.experiments.cf_strength import tasks as strength_tasks
from cerebella.experiments.cf_strength.sweep import sweep_cf_strength
from cerebella.morphology.compartments import compute_compartments
from cerebella.network.generate import generate_network
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.runs.load import load_run

NETWORK = generate_network(seed=3, scale=0.1)


@pytest.fixture(scope="module")
def cell(small_purkinje_cell):
    """A cell that only a very strong CF recruits."""
    return small_purkinje_cell


@pytest.fixture
def coarse(monkeypatch):
    """One trial and a coarse search for thresholds."""
    monkeypatch.setattr(strength_tasks, "THRESHOLD_TRIALS", (1,))
    monkeypatch.setattr(strength_tasks, "SCALE_RANGES", ((900.0, 1000.0), (10.0, 810.0)))
    monkeypatch.setattr(strength_tasks, "_TOLERANCE", 100.0)


def run(folder, cells, **changes):
    asked = {"strengths": (0.5, 1.5), "levels": (0, 8), "trials": (1, 2), **changes}
    with ThreadPoolExecutor(2) as threads:
        return sweep_cf_strength(folder, cells, network=NETWORK, executor=threads, **asked)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cells": []}, "no cells"),
        ({"cells": ["small"] * 2}, "a cell cannot be named 'small'"),
        ({"cells": ["all"]}, "a cell cannot be named 'all'"),
        ({"cells": ["../x"]}, "cannot be part of a file name"),
        ({"levels": (8,)}, "one level of synchrony cannot be compared"),
        ({"levels": (0, 9)}, "no synchrony level 9"),
        ({"trials": ()}, "no trials"),
        ({"strengths": (1.0,)}, "strengths 1 are not two or more positive numbers"),
        ({"strengths": (1.1, 1.0)}, "strengths 1.1, 1 are not"),
        ({"strengths": (0, 1.0)}, "strengths 0, 1 are not"),
        ({"strengths": (float("nan"), 1.0)}, "strengths nan, 1 are not"),
    ],
)
def test_invalid_requests_are_refused_before_anything_is_written(cell, changes, message, tmp_path):
    names = changes.pop("cells", ["small"])
    cells = [replace(cell, name=name) for name in names]
    with pytest.raises(InputError, match=message):
        run(tmp_path / "out", cells, **changes)
    assert not (tmp_path / "out").exists()


def test_a_cell_whose_climbing_fiber_does_not_fire_is_refused(cell, tmp_path):
    silent = PurkinjeParameters(connections={"cf_time_ms": None})
    with pytest.raises(InputError, match="cf_time_ms is null"):
        sweep_cf_strength(tmp_path / "out", [cell], network=NETWORK, parameters=silent)


def test_tables_of_a_small_experiment_and_a_cell_that_is_added(cell, tmp_path, coarse):
    first = run(tmp_path, [cell], trials=(1,))
    started = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").iterdir()}
    result = run(tmp_path, [cell, replace(cell, name="other")])
    assert {path: path.stat().st_mtime_ns for path in started} == started
    runs = pd.read_csv(tmp_path / "runs.csv")
    pd.testing.assert_frame_equal(runs, result.runs, check_dtype=False)
    assert len(runs) == 2 * 2 * 2 * 2
    measured = ["cell", "strength", "cf_sync", "trial", "calcium_mean_nM", "n_spikelets"]
    common = runs.loc[(runs["cell"] == "small") & (runs["trial"] == 1), measured]
    pd.testing.assert_frame_equal(
        common.reset_index(drop=True), first.runs[measured], check_dtype=False
    )
    threshold = result.cells["main_threshold"].iloc[0]
    assert runs["cf_scale"].tolist()[:2] == [
        cf_scale_of_strength(strength, threshold) for strength in (0.5, 1.5)
    ]
    assert result.cells["n_trials"].tolist() == [2, 2]
    assert set(result.summary["cell"]) == {"small", "other", "all"}
    assert (result.recruitment["n_pairs"] > 0).all()
    assert result.failed == {}


def test_responses_are_those_of_complete_simulations(cell, tmp_path, coarse):
    result = run(tmp_path, [cell], trials=(1,))
    row = result.runs.loc[(result.runs["cf_sync"] == 8) & (result.runs["strength"] == 1.5)].iloc[0]
    (network,) = (tmp_path / "runs").glob("mli_control_sync8_trial1-*")
    whole = simulate_purkinje(
        load_run(network),
        morphology=cell,
        engine="numba",
        cf_scale=row["cf_scale"],
        progress=False,
    )
    measures = whole.measures()
    assert row["n_spikelets"] == measures["n_spikelets"]
    assert row["width_ms"] == pytest.approx(measures["width_ms"], nan_ok=True)
    assert row["simple_spike_rate_Hz"] == pytest.approx(measures["simple_spike_rate_Hz"])
    # The mean of the run is of compartments thinner than 1.5 µm, without weights.
    stored = np.load(tmp_path / "runs" / row["run"] / "arrays.npz")["calcium_nM"]
    compartments = compute_compartments(cell)
    thin = compartments.diameter_um[compartments.of("spiny")] < 1.5
    assert stored[1, 1, thin].mean() == pytest.approx(measures["calcium_mean_nM"], rel=1e-6)


def test_cells_without_a_threshold_fail_and_the_others_are_reported(
    cell, small_cell, tmp_path, coarse
):
    regions = np.where(small_cell.regions == 3, 2, small_cell.regions)
    smooth = replace(small_cell, regions=regions, name="smooth")
    result = run(tmp_path / "out", [smooth, cell], trials=(1,))
    assert result.cells["cell"].tolist() == ["small"]
    assert "no spiny dendrite" in result.failed["threshold_smooth"]
    with pytest.raises(SimulationError, match="no spiny dendrite"):
        run(tmp_path / "none", [smooth], trials=(1,))
