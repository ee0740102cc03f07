"""Runs of the synchrony experiment, and their common inputs."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from cerebella.experiments.cf_synchrony import tasks as tasks_module
from cerebella.experiments.cf_synchrony.conditions import CONDITION_VALUES, CONTROL, VARIANTS
from cerebella.experiments.cf_synchrony.tasks import (
    SyncModel,
    load_input_network,
    run_cell,
    run_network,
    sync_tasks,
)
from cerebella.molecular_layer.common_beginning import begin_levels
from cerebella.network.generate import generate_network
from cerebella.parameters.settings import flatten
from cerebella.purkinje.common_beginning import begin_cells
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import task_paths


@pytest.fixture(scope="module")
def model():
    return SyncModel(generate_network(seed=3, scale=0.1))


def by_name(tasks):
    return {task.name: task for task in tasks}


def test_each_network_is_run_once_and_drives_a_cell_of_its_level_and_trial(model):
    tasks = sync_tasks(model, (0, 8), (1, 2), (CONTROL, VARIANTS["no-mli1-to-pc"]))
    runs = Counter(task.run for task in tasks)
    assert runs == {run_network: 4, run_cell: 8}
    named = by_name(tasks)
    for task in tasks:
        if task.run is run_cell:
            (network,) = (named[name] for name in task.after)
            tag = f"sync{network.settings['cf_sync']}_trial{network.settings['trial']}"
            assert task.name.endswith(tag)
    assert named["pc_no-mli1-to-pc_sync8_trial1"].after == ("mli_control_sync8_trial1",)


def test_variants_change_what_they_say_and_nothing_else(model):
    values = {
        "w2_pS": 35.0,
        "cf_scale": 20.0,
        "pf_scale": 6.0,
        "mli1_rate_Hz": 33.0,
        "cf_contacts_per_mli1": 4,
    }
    of_values = (CONDITION_VALUES[name].condition(value) for name, value in values.items())
    conditions = (CONTROL, *of_values, *VARIANTS.values())
    named = by_name(sync_tasks(model, (8,), (1,), conditions))

    def changed(name):
        control = "mli_control_sync8_trial1" if name[:3] == "mli" else "pc_control_sync8_trial1"
        before, now = (dict(flatten(named[x].settings["parameters"])) for x in (control, name))
        return {
            path.removeprefix("connections."): value
            for path, value in now.items()
            if before[path] != value
        }

    assert changed("mli_w2-35pS_sync8_trial1") == {"mli2_to_mli1_weight_pS": 35.0}
    assert changed("pc_w2-35pS_sync8_trial1") == {}
    assert changed("mli_no-gap-junctions_sync8_trial1") == {"gap_conductance_nS": 0.0}
    assert changed("pc_no-mli1-to-pc_sync8_trial1") == {"mli1_contacts": 0.0}
    assert changed("mli_mli2-silenced_sync8_trial1") == {"mli2.bias_nA": -0.1}
    assert changed("pc_cf-proximal_sync8_trial1") == {"cf_placement": "proximal"}
    assert changed("pc_cf-scale-20_sync8_trial1") == {"cf_scale": 20.0}
    assert changed("pc_pf-scale-6_sync8_trial1") == {"pf_scale": 6.0}
    assert changed("pc_mli1-33Hz_sync8_trial1") == {"mli1_rate_Hz": 33.0}
    assert changed("mli_cf-mli1-4_sync8_trial1") == {"cf_contacts_per_mli1": 4}
    for name in ("cf-scale-20", "pf-scale-6", "mli1-33Hz", "cf-proximal"):
        assert named[f"pc_{name}_sync8_trial1"].after == ("mli_control_sync8_trial1",)


def test_what_does_not_change_results_does_not_change_folders(model, tmp_path):
    paths = task_paths(tmp_path, sync_tasks(model, (0, 8), (1,), ranks=1))
    assert task_paths(tmp_path, sync_tasks(model, (0, 8), (1,), ranks=4)) == paths
    longer = SyncModel(model.network, model.morphology, duration_ms=400.0)
    other = task_paths(tmp_path, sync_tasks(longer, (0, 8), (1,)))
    assert not set(other.values()) & set(paths.values())


def test_a_model_is_known_by_its_content(model):
    same = SyncModel(generate_network(seed=3, scale=0.1))
    assert same.settings == model.settings
    assert SyncModel(generate_network(seed=4, scale=0.1)).settings != model.settings


def test_inputs_are_written_once_and_read_back_as_they_were(model, tmp_path):
    from cerebella.morphology.swc import load_morphology
    from cerebella.network.load import load_network

    model.save(tmp_path)
    inputs = tmp_path / "inputs"
    assert load_network(inputs / "network").synapses == model.network.synapses
    cell = load_morphology(inputs / "morphology.swc", inputs / "sections.csv")
    assert cell.section_names == model.morphology.section_names
    assert (cell.points_um == model.morphology.points_um).all()
    model.save(tmp_path)


def test_runs_in_one_process_share_the_network_and_the_cell(spiny_cell, tmp_path, monkeypatch):
    loaded = []
    for name in ("load_network", "load_morphology"):
        load = getattr(tasks_module, name)

        def count(*files, load=load):
            loaded.append(files[0].name)
            return load(*files)

        monkeypatch.setattr(tasks_module, name, count)
    quick = SyncModel(generate_network(seed=3, scale=0.1), spiny_cell, duration_ms=20.0)
    with ThreadPoolExecutor(1) as threads:
        results = run_sweep(
            tmp_path,
            sync_tasks(quick, (0, 8), (1,)),
            experiment="cf-synchrony",
            settings=quick.settings,
            executor=threads,
            prepare=quick.save,
        )
    assert [result.error for result in results.values()] == [None] * 4
    assert sorted(loaded) == ["morphology.swc", "network"]


def files_of(run):
    """Return the bytes of the files of a run, and its manifest without times and memory."""
    manifest = json.loads((run / "run.json").read_text())
    changing = ("timings_s", "peak_memory_MB", "created")
    others = {path.name: path.read_bytes() for path in run.iterdir() if path.name != "run.json"}
    return {key: value for key, value in manifest.items() if key not in changing}, others


def test_levels_of_a_trial_are_simulated_together_with_the_same_files(
    spiny_cell, tmp_path, monkeypatch
):
    together = []

    def count_cells(networks, **arguments):
        together.append(("cells", [run.condition.cf_sync for run in networks]))
        return begin_cells(networks, **arguments)

    def count_levels(network, levels, **arguments):
        together.append(("networks", levels))
        return begin_levels(network, levels, **arguments)

    monkeypatch.setattr(tasks_module, "begin_cells", count_cells)
    monkeypatch.setattr(tasks_module, "begin_levels", count_levels)
    quick = SyncModel(generate_network(seed=3, scale=0.1), spiny_cell, duration_ms=160.0)
    tasks = sync_tasks(quick, (0, 8), (1, 2, 3), engines={"mli": "numba", "purkinje": "numba"})
    options = {"experiment": "cf-synchrony", "settings": quick.settings, "prepare": quick.save}
    results = {}
    for workers in (None, 2):
        with ThreadPoolExecutor(2) as threads:
            results[workers] = run_sweep(
                tmp_path / str(workers), tasks, executor=threads, workers=workers, **options
            )
    of_both = [("cells", [0, 8])] * 2 + [("networks", [0, 8])] * 2
    assert sorted(together) == of_both  # and the third trial alone, one on each worker
    for alone, shared in zip(*(results[workers].values() for workers in (None, 2)), strict=True):
        assert (alone.error, shared.error) == (None, None)
        assert files_of(alone.path) == files_of(shared.path)


def test_engines_that_cannot_share_simulate_levels_alone(model):
    tasks = sync_tasks(model, (0, 8), (1,), engines=dict.fromkeys(("mli", "purkinje"), "neuron"))
    assert [task.batch for task in tasks] == [None] * 4


def test_another_network_in_the_same_folder_is_loaded(tmp_path):
    for seed in (1, 2):
        model = SyncModel(generate_network(seed=seed, scale=0.1))
        model.save(tmp_path / "sweep")
        found = load_input_network(tmp_path / "sweep" / "runs" / "one", model.settings)
        assert found == model.network
        shutil.rmtree(tmp_path / "sweep")
