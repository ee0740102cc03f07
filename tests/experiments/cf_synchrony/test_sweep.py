"""The synchrony experiment: refusals, tables, and the published effect as a target."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from cerebella.errors import InputError, SimulationError
from cerebella.experiments.cf_synchrony import tasks as sync_tasks
from cerebella.experiments.cf_synchrony.sweep import sweep_cf_synchrony
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.experiments.measures import LABELS
from cerebella.morphology.swc import load_morphology
from cerebella.network.generate import generate_network
from cerebella.runs.load import load_run


@pytest.fixture(scope="module")
def model():
    return SyncModel(generate_network(seed=3, scale=0.1), duration_ms=175.0)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"levels": ()}, "no levels"),
        ({"trials": ()}, "no trials"),
        ({"levels": (8, 0)}, "levels 8, 0 are not in increasing order"),
        ({"trials": (1, 1)}, "trials 1, 1 are not in increasing order"),
        ({"levels": (0, 9)}, "no synchrony level 9. It has 0, 1, 2"),
        ({"trials": (-1, 2)}, "trial -1"),
        ({"variants": ("no-cf",)}, "no variant 'no-cf'. Choose from no-gap-junctions"),
        ({"w2_pS": (35, 35)}, "condition w2-35pS is given twice"),
        ({"w2_pS": (-1,)}, "mli2_to_mli1_weight_pS"),
        ({"mli1_rate_Hz": (-1,)}, "mli1_rate_Hz is -1"),
        ({"cf_contacts_per_mli1": (1.5,)}, "cf_contacts_per_mli1 is 1.5"),
    ],
)
def test_invalid_requests_are_refused_before_anything_is_written(model, asked, message, tmp_path):
    with pytest.raises(InputError, match=message):
        sweep_cf_synchrony(tmp_path / "out", model, **asked)
    assert not (tmp_path / "out").exists()


def test_tables_of_a_small_experiment(model, tmp_path, monkeypatch):
    monkeypatch.setattr(sync_tasks, "simulate_purkinje", refuse_level_2(sync_tasks))
    with ThreadPoolExecutor(2) as threads:
        result = sweep_cf_synchrony(
            tmp_path, model, levels=(0, 2, 8), trials=(1,), executor=threads
        )
    runs = pd.read_csv(tmp_path / "runs.csv", keep_default_na=False, na_values=[""])
    assert runs["cf_sync"].tolist() == [0, 2, 8]
    assert runs["error"].notna().tolist() == [False, True, False]
    assert len(result.failed) == 1
    summary = pd.read_csv(tmp_path / "summary.csv")
    pd.testing.assert_frame_equal(summary, result.summary, check_dtype=False)
    pd.testing.assert_frame_equal(
        pd.read_json(tmp_path / "summary.json"), result.summary, check_dtype=False
    )
    rows = summary.set_index(["measure", "cf_sync"])
    assert rows.loc[("MLI2_peak_Hz", 8), "difference"] > 0
    assert rows.loc[("calcium_mean_nM", 0), "n_trials"] == 1
    assert rows.loc[("calcium_mean_nM", 2), "n_trials"] == 0
    assert set(summary["measure"]) == set(LABELS)


def test_mli2s_are_silent_at_full_synchrony_and_clamped_mli1s_do_not_change_their_network(
    tmp_path, spiny_cell
):
    model = SyncModel(generate_network(seed=3, scale=0.5), spiny_cell, duration_ms=175.0)
    with ThreadPoolExecutor(2) as threads:
        result = sweep_cf_synchrony(
            tmp_path,
            model,
            levels=(8,),
            trials=(1,),
            variants=("mli2-silenced",),
            mli1_rate_Hz=(33.0,),
            executor=threads,
        )
    runs = result.runs.set_index("condition")
    assert runs["MLI2_peak_Hz"]["control"] > 50
    silent = load_run(tmp_path / "runs" / runs["network_run"]["mli2-silenced"])
    assert len(silent.of("MLI2").times_ms) == 0
    assert runs["network_run"]["mli1-33Hz"] == runs["network_run"]["control"]
    coverage = pd.read_csv(tmp_path / "coverage.csv")
    pd.testing.assert_frame_equal(coverage, result.coverage, check_dtype=False)
    assert len(coverage) == 11
    assert coverage["cells"].between(0.05, 0.95).all()


def test_a_worker_without_a_compiler_fails_its_runs_with_that_message(model, tmp_path, monkeypatch):
    monkeypatch.setenv("CEREBELLA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CXX", raising=False)
    with ThreadPoolExecutor(1) as threads, pytest.raises(SimulationError, match="no C"):
        sweep_cf_synchrony(
            tmp_path / "out",
            model,
            levels=(8,),
            trials=(1,),
            engine="coreneuron",
            executor=threads,
        )
    failed = json.loads((tmp_path / "out" / "failed.json").read_text())
    error = failed["pc_control_sync8_trial1"]
    assert error == "depends on mli_control_sync8_trial1, which failed"
    assert "compiler" in failed["mli_control_sync8_trial1"]


def refuse_level_2(module):
    """Return a short run of the cell in place of a long one, and none for level 2."""
    simulate = module.simulate_purkinje

    def run(network_run, **options):
        if network_run.condition.cf_sync == 2:
            raise InputError("level 2 is refused")
        parameters = options.pop("parameters")
        connections = parameters.connections.model_copy(update={"cf_time_ms": 2.0})
        parameters = parameters.model_copy(update={"connections": connections})
        return simulate(network_run, **options, parameters=parameters, duration_ms=42.0)

    return run


@pytest.mark.slow
@pytest.mark.published
def test_synchrony_raises_calcium_of_the_traced_cell(published_folder, tmp_path):
    """Twelve paired trials gave 345 to 353 nM, p < 1e-5."""
    folder = published_folder("purkinje")
    cell = load_morphology(folder / "pc_morphology.swc", folder / "pc_morphology_sections.csv")
    model = SyncModel(generate_network(seed=0), cell)
    result = sweep_cf_synchrony(tmp_path, model, levels=(0, 8), trials=range(1, 11))
    rows = result.summary.set_index(["measure", "cf_sync"])
    calcium = rows.loc[("calcium_mean_nM", 8)]
    assert calcium["difference"] > 3
    assert calcium["p"] < 0.001
    assert rows.loc[("MLI1_dip_Hz", 8), "difference"] < 0
    assert np.isfinite(rows.loc[("width_ms", 8), "difference"])
