"""The olive's own spikes drive network and Purkinje cell."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from cerebella.analysis.olive_synchrony import COINCIDENT_MS
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.experiments.measures import LABELS
from cerebella.experiments.olive_to_purkinje.events import default_loop
from cerebella.experiments.olive_to_purkinje.sweep import summarize_events, sweep_olive_to_purkinje
from cerebella.experiments.olive_to_purkinje.tasks import JoinedModel
from cerebella.network.generate import generate_network
from cerebella.parameters.settings import apply_settings
from cerebella.runs.load import load_run

COUPLINGS = (0.0, 0.05)


@pytest.fixture(scope="module")
def model(spiny_cell):
    """A network of 2 CFs, a cell of 11 compartments, and a loop at 1 ms that does not learn."""
    network = generate_network(seed=3, scale=0.1)
    loop = apply_settings(
        default_loop(network.population("CF").n_cells),
        ["time_step_ms=1", "plasticity.rule=off", "plasticity.initial_weight=0.37"],
    )
    return JoinedModel(SyncModel(network, spiny_cell, duration_ms=190.0), loop, 6_000.0, 1_000.0)


def sweep(folder, model, **options):
    with ThreadPoolExecutor(2) as executor:
        return sweep_olive_to_purkinje(
            folder,
            model,
            **{"couplings_per_ms": COUPLINGS, "events": 2} | options,
            executor=executor,
        )


@pytest.fixture(scope="module")
def swept(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("joined") / "sweep"
    seen = []
    return folder, sweep(folder, model, on_progress=seen.append), seen


def test_each_event_has_a_network_and_a_cell(swept):
    folder, result, seen = swept
    assert list(result.events["coupling_per_ms"]) == [0.0, 0.0, 0.05, 0.05]
    assert list(result.events["trial"]) == [1, 2, 1, 2]
    assert not len(result.failed)
    assert np.isfinite(result.events["MLI2_peak_Hz"]).all()
    fractions = [now.fraction for now in seen]
    assert fractions == sorted(fractions)
    assert {now.total for now in seen} == {10}
    assert seen[-1].done == 10
    for run in ("loop_run", "network_run", "cell_run"):
        assert all((folder / "runs" / name / "run.json").is_file() for name in result.events[run])


def test_cf_spikes_of_the_network_come_from_the_olive_only(swept, model):
    folder, result, _ = swept
    for row in result.events.to_dict("records"):
        olive = load_run(folder / "runs" / row["loop_run"]).of("IO")
        network = load_run(folder / "runs" / row["network_run"]).spikes.of("CF")
        cell = load_run(folder / "runs" / row["cell_run"])
        at_ms = cell.manifest["cf_time_ms"]
        own = olive.times_ms[olive.cells == model.fibers.own]
        assert row["event_ms"] in own
        for gid, io in zip(network.population("CF").gids, model.fibers.network, strict=True):
            expected = olive.times_ms[olive.cells == io] - row["event_ms"] + at_ms
            inside = expected[(expected >= 0) & (expected < 190.0)]
            assert network.train(gid) == pytest.approx(inside)
        near = np.abs(network.times_ms - at_ms) <= COINCIDENT_MS + 1e-6
        assert len(np.unique(network.gids[near])) == row["n_synchronous"]
        assert load_run(folder / "runs" / row["network_run"]).manifest["cf_sync"] is None


def test_tables_are_written_as_they_are_returned(swept):
    folder, result, _ = swept
    for name in ("events", "synchrony", "correlograms", "summary"):
        table = getattr(result, name)
        assert list(pd.read_csv(folder / f"{name}.csv").columns) == list(table.columns)
        assert len(pd.read_csv(folder / f"{name}.csv")) == len(table) > 0
    records = json.loads((folder / "summary.json").read_text())
    assert [record["measure"] for record in records] == list(LABELS)
    shares = result.synchrony.filter(like="share_").sum(axis=1)
    assert shares.to_numpy() == pytest.approx(np.ones(2))


def test_what_is_finished_is_kept_and_events_may_be_added(swept, model):
    folder, result, _ = swept
    before = {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("*/run.json")}
    again = sweep(folder, model, couplings_per_ms=COUPLINGS[:1])
    pd.testing.assert_frame_equal(again.events, result.events.iloc[:2])
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_another_loop_in_the_same_folder_is_refused(swept, model):
    folder, *_ = swept
    with pytest.raises(InputError, match=r"other settings.*settle_ms"):
        sweep(folder, replace(model, settle_ms=2_000.0))


def test_more_events_than_there_are_are_refused_with_their_number(swept, model):
    folder, result, _ = swept
    n = int(result.synchrony["n_events"].min())
    with pytest.raises(InputError, match=rf"1000 events requested.*fires {n} times"):
        sweep(
            folder,
            model,
            events=1000,
            couplings_per_ms=[
                float(result.synchrony["coupling_per_ms"][result.synchrony["n_events"].idxmin()])
            ],
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"events": 0}, "0 events"),
        ({"couplings_per_ms": []}, "`couplings_per_ms` is empty"),
        ({"couplings_per_ms": [0.05, 0.05]}, "`couplings_per_ms` has 0.05 twice"),
        ({"couplings_per_ms": [-0.1]}, "`couplings_per_ms` has -0.1. Give 0 or larger"),
        ({"couplings_per_ms": [0.3]}, r"0.3 /ms is not between 0 and 0.2 /ms"),
        ({"seeds": []}, "`seeds` is empty"),
        ({"trials": [-1]}, "`trials` has -1"),
    ],
)
def test_bad_input_is_refused_before_anything_is_written(model, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        sweep(tmp_path / "sweep", model, **options)
    assert not (tmp_path / "sweep").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"settle_ms": 6_000.0}, "settles for 6 s of 6 s"),
        ({"loop_duration_ms": 1_100.0}, "no window of 190 ms fits"),
    ],
)
def test_a_loop_that_leaves_no_time_for_events_is_refused(model, changes, message):
    with pytest.raises(InputError, match=message):
        replace(model, **changes)


def test_a_cell_without_climbing_fiber_is_refused(model):
    silent = apply_settings(model.layer.purkinje, ["connections.cf_time_ms=null"])
    with pytest.raises(InputError, match="no climbing fiber"):
        JoinedModel(replace(model.layer, purkinje=silent))


def test_measures_that_follow_synchrony_are_told_from_those_that_do_not():
    rng = np.random.default_rng(5)
    n = np.tile([0, 1, 2, 4], 6)
    events = pd.DataFrame(
        dict.fromkeys(LABELS, np.nan)
        | {
            "n_synchronous": n,
            "trial": np.arange(24) % 2,
            "MLI2_peak_Hz": 10.0 * n + rng.normal(size=24) + 100 * (np.arange(24) % 2),
            "pause_ms": rng.normal(size=24),
        }
    )
    summary = summarize_events(events).set_index("measure")
    assert summary.loc["MLI2_peak_Hz", "slope"] == pytest.approx(10, abs=0.5)
    assert summary.loc["MLI2_peak_Hz", "p"] < 1e-10
    assert summary.loc["pause_ms", "p"] > 0.01
    assert summary.loc["width_ms", "n_events"] == 0
