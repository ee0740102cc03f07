"""Sweeps over any parameters: tables, resumption, measures of the user, effects of synchrony."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.rates import compute_rates
from cerebella.errors import InputError, MachineError
from cerebella.experiments import tables
from cerebella.experiments.parameter_sweep import tasks
from cerebella.experiments.parameter_sweep.sweep import sweep
from cerebella.experiments.parameter_sweep.swept import SWEPT
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.olive.simulate import simulate_olive
from cerebella.runs.load import load_run

SMALL_LOOP = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=3, scale=0.1)


@pytest.fixture
def run(network):
    """Sweep in threads of this process."""

    def call(folder, swept, vary, **options):
        circuit = {} if swept == "olive" else {"network": network}
        with ThreadPoolExecutor(2) as threads:
            return sweep(folder, swept, vary, **circuit | options, executor=threads)

    return call


def test_values_are_those_of_single_runs(run, network, tmp_path):
    vary = {"connections.pf_rate_Hz": [2, 8], "seed": [1, 2]}
    result = run(tmp_path / "out", "mli", vary, measures=["MLI1_rate_Hz"], duration_ms=60)
    for row in result.table.to_dict("records"):
        rate_Hz, seed = row["connections.pf_rate_Hz"], row["seed"]
        parameters = {"connections": {"pf_rate_Hz": rate_Hz}}
        alone = simulate_mli(network, duration_ms=60, seed=seed, parameters=parameters)
        assert row["value"] == compute_rates(alone.spikes, [(0, 60)])["MLI1"][0, 60]
        assert load_run(tmp_path / "out" / "runs" / row["run"]).spikes == alone.spikes
    assert result.variables == ("connections.pf_rate_Hz", "seed")
    assert result.summary["n"].tolist() == [2, 2]
    saved = pd.read_csv(tmp_path / "out" / "sweep.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(saved, result.table, check_dtype=False)


def test_values_variables_and_measures_can_be_added_and_finished_runs_are_kept(run, tmp_path):
    first = run(tmp_path, "mli", {"w2_pS": [0, 70]}, measures=["MLI1_rate_Hz"], duration_ms=20)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/run.json")}
    more = run(tmp_path, "mli", {"w2_pS": [0, 35, 70], "seed": [0, 1]}, duration_ms=20)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(before) == 2
    assert len(list(tmp_path.glob("runs/*/run.json"))) == 6
    assert set(first.table["run"]) < set(more.table["run"])


def test_other_settings_in_the_same_folder_are_refused(run, tmp_path):
    run(tmp_path, "mli", {"seed": [1]}, duration_ms=5)
    with pytest.raises(InputError, match=r"duration_ms was 5\.0, now 6\.0"):
        run(tmp_path, "mli", {"seed": [1]}, duration_ms=6)
    with pytest.raises(InputError, match="swept was 'mli', now 'olive'"):
        run(tmp_path, "olive", {"seed": [1]})


def test_measures_of_the_user_are_numbers_or_numbers_by_name(run, tmp_path):
    def n_spikes(run):
        return len(run.spikes)

    def first_and_last_ms(run):
        times = run.spikes.times_ms
        return {"first_ms": times.min(), "last_ms": times.max(), "nothing": None}

    measures = [n_spikes, "MLI2_rate_Hz", first_and_last_ms]
    result = run(tmp_path, "mli", {"seed": [1, 2]}, measures=measures, duration_ms=30)
    table = result.table.pivot(index="run", columns="measure", values="value")
    for name, row in table.iterrows():
        spikes = load_run(tmp_path / "runs" / name).spikes
        assert row["n_spikes"] == len(spikes)
        assert row["last_ms"] == spikes.times_ms.max()
        assert np.isnan(row["nothing"])
    assert list(result.labels) == ["MLI2_rate_Hz", "n_spikes", "first_ms", "last_ms", "nothing"]


def fails(run):
    return 1 / 0


def says(run):
    return "much"


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (fails, r"runs.mli_seed=1-\w+: measure fails fails with ZeroDivisionError: division"),
        (says, "measure says returns 'much'. Return a number"),
    ],
)
def test_a_measure_of_the_user_that_fails_names_the_run_which_is_kept(
    run, tmp_path, measure, message
):
    with pytest.raises(InputError, match=message):
        run(tmp_path, "mli", {"seed": [1]}, measures=[measure], duration_ms=5)
    assert len(list(tmp_path.glob("runs/*/run.json"))) == 1


@pytest.mark.parametrize(
    ("swept", "options", "message"),
    [
        ("frog", {}, "'frog' cannot be swept. Choose from mli, purkinje, olive, cf-synchrony"),
        ("mli", {"measures": ["MLI1_rate"]}, "Did you mean MLI1_rate_Hz"),
        ("mli", {"measures": []}, "`measures` names none"),
        ("mli", {"measures": [lambda run: 1]}, "the function <lambda> has no name"),
        ("mli", {"measures": [3]}, "3 is neither a name nor a function"),
        ("mli", {"perturbations": "1s:gap=0"}, "mli takes no `perturbations`"),
        ("mli", {"cf_sync": 9}, "no synchrony level 9"),
        ("mli", {"vary": {"cf_sync": [0, 9]}}, "no synchrony level 9. It has 0, 1, 2"),
        ("mli", {"vary": {"cf_sync": [True]}}, "no synchrony level True"),
        ("mli", {"morphology": "cell"}, "mli takes no `morphology`"),
        ("mli", {"record": ["soma.v"]}, "mli takes no `record`"),
        ("purkinje", {"record": ["tail.v"]}, "tail"),
        ("mli", {"stimuli": "block mli"}, "mli takes no `stimuli`"),
        ("olive", {"stimuli": "block mli"}, "olive takes no `stimuli`"),
        ("purkinje", {"stimuli": "step tail 1nA"}, "tail"),
        ("olive", {"cf_sync": 8}, "olive takes no `cf_sync`"),
        ("olive", {"engine": "neuron"}, "`engine` 'neuron' is unknown"),
        ("cf-synchrony", {"cf_sync": 8}, "takes no `cf_sync`. Give the levels in `vary`"),
        ("cf-synchrony", {"duration_ms": 100}, "measured until 170 ms"),
    ],
)
def test_invalid_requests_are_refused_before_anything_is_written(
    run, tmp_path, swept, options, message
):
    vary = options.pop("vary", {"seed": [1]})
    with pytest.raises(InputError, match=message):
        run(tmp_path / "out", swept, vary, **options)
    assert not (tmp_path / "out").exists()


def test_a_failed_run_is_listed_and_others_are_measured(run, tmp_path, monkeypatch):
    def refuse_seed_2(parameters, **options):
        if options["seed"] == 2:
            raise InputError("seed 2 is refused")
        return simulate_olive(parameters, **options)

    monkeypatch.setattr(tasks, "simulate_olive", refuse_seed_2)
    vary = {"seed": [1, 2]}
    result = run(tmp_path, "olive", vary, parameters=SMALL_LOOP, duration_ms=100)
    assert result.failed[["seed", "error"]].to_dict("records") == [
        {"seed": 2, "error": "seed 2 is refused"}
    ]
    assert list(json.loads((tmp_path / "failed.json").read_text())) == ["olive_seed=2"]
    values = result.table.set_index(["seed", "measure"])["value"]
    assert values[1, "PF_rate_Hz"] > 0
    assert np.isnan(values[2, "PF_rate_Hz"])


def test_text_and_missing_values_of_a_parameter_and_perturbations_of_the_loop(run, tmp_path):
    vary = {"plasticity.rule": ["conjunctive", "off"]}
    result = run(
        tmp_path,
        "olive",
        vary,
        measures=["mean_weight"],
        parameters=SMALL_LOOP,
        duration_ms=200,
        perturbations="100ms:gap=0",
    )
    assert result.table["plasticity.rule"].tolist() == ["conjunctive", "off"]
    assert result.table["value"].tolist()[1] == 0.5
    (first, _) = tmp_path.glob("runs/*/run.json")
    (change,) = json.loads(first.read_text())["perturbations"]
    assert (change["time_ms"], change["quantity"]) == (100.0, "gap")


def test_effects_are_differences_from_the_lowest_level(run, tmp_path, spiny_cell):
    vary = {"purkinje.connections.pf_scale": [6, 12]}
    names = ["MLI1_dip_Hz", "MLI1_dip_Hz_effect", "calcium_mean_nM_effect"]
    result = run(
        tmp_path, "cf-synchrony", vary, morphology=spiny_cell, measures=names, duration_ms=182
    )
    assert result.variables == ("purkinje.connections.pf_scale", "cf_sync")
    rows = result.table.set_index(["purkinje.connections.pf_scale", "cf_sync", "measure"])["value"]
    for scale in (6, 12):
        dip = rows[scale, 8, "MLI1_dip_Hz"] - rows[scale, 0, "MLI1_dip_Hz"]
        assert dip < 0
        assert rows[scale, 8, "MLI1_dip_Hz_effect"] == dip
        assert np.isnan(rows[scale, 0, "MLI1_dip_Hz_effect"])
    runs = sorted(re.split("[-_]", path.name)[0] for path in (tmp_path / "runs").iterdir())
    assert runs == ["mli"] * 2 + ["pc"] * 4  # cells of one level share their network


def test_probes_are_kept_for_measures_of_the_user(run, tmp_path, spiny_cell):
    def highest_mV(run):
        return run.traces.at("spiny[random 1].v").values.max()

    vary = {"purkinje.connections.cf_scale": [0, 29], "purkinje.connections.cf_time_ms": [15.0]}
    result = run(
        tmp_path,
        "purkinje",
        vary,
        record=["spiny[random 1].v"],
        measures=[highest_mV],
        morphology=spiny_cell,
        duration_ms=20,
    )
    without, with_fiber = result.table["value"]
    assert with_fiber > without + 5
    assert "calcium" not in load_run(tmp_path / "runs" / result.table["run"][0]).traces


def test_stimuli_reach_the_cell_and_are_part_of_the_settings(run, tmp_path, spiny_cell):
    def mean_mV(run):
        soma_v = run.traces["soma_v"]
        return soma_v.values[(soma_v.times_ms > 2) & (soma_v.times_ms < 8)].mean()

    def measured(**options):
        return run(
            tmp_path,
            "purkinje",
            {"seed": [1]},
            measures=[mean_mV],
            morphology=spiny_cell,
            duration_ms=20,
            **options,
        )

    (rest,) = measured().table["value"]
    stimulated = measured(stimuli="step soma 1nA 2ms-8ms")
    assert stimulated.table["value"].item() > rest + 1
    cell = load_run(tmp_path / "runs" / stimulated.table["run"].item())
    assert cell.manifest["stimuli"][0]["kind"] == "step"
    assert len(list((tmp_path / "runs").glob("pc*"))) == 2


def test_every_measure_is_given_by_a_run(run, tmp_path, spiny_cell, network):
    def missing(swept, **options):
        vary = {"seed": [1]}
        table = run(tmp_path / swept, swept, vary, **options).table
        return set(table["measure"]) == set(SWEPT[swept].measures), set(
            table["measure"][table["value"].isna()]
        )

    assert missing("mli", duration_ms=170) == (True, set())
    undefined = {"simple_spike_cv", "simple_spike_rate_Hz", "pause_ms"}
    complete, found = missing("purkinje", duration_ms=210, morphology=spiny_cell)
    assert complete
    assert found <= undefined
    complete, found = missing("olive", parameters=SMALL_LOOP, duration_ms=2000)
    assert complete
    assert found <= {"io_isi_cv", "io_pair_correlation"}


def test_the_table_in_parquet(run, tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    result = run(tmp_path / "out", "mli", {"seed": [1]}, duration_ms=5, parquet=True)
    table = pd.read_parquet(tmp_path / "out" / "sweep.parquet")
    pd.testing.assert_frame_equal(table, result.table, check_dtype=False)
    monkeypatch.setattr(tables, "find_spec", lambda name: None)
    with pytest.raises(MachineError, match=r"pip install 'cerebella\[parquet\]'"):
        run(tmp_path / "other", "mli", {"seed": [1]}, duration_ms=5, parquet=True)
    assert not (tmp_path / "other").exists()
