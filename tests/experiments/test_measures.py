"""Measures of kept runs: from their data, from the numbers of older runs, or named as missing."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.purkinje_levels import MEASURES, Measure
from cerebella.analysis.reduced_calcium import reduce_calcium
from cerebella.experiments import measures
from cerebella.experiments.measures import LABELS, describe_missing, load_measures
from cerebella.morphology.recording_sites import load_recording_sites
from cerebella.runs.run import Run
from cerebella.sweeps.state import TaskResult


def without_calcium(run, path, **changes):
    manifest = dict(run.manifest) | changes
    traces = {"soma_v": run.traces["soma_v"]}
    return Run(manifest, spikes=run.spikes, traces=traces, morphology=run.morphology).save(path)


def test_reduced_calcium_gives_the_same_measures(make_purkinje_run, tmp_path):
    run = make_purkinje_run()
    whole = load_measures(TaskResult(run.path), TaskResult(run.path))
    calcium = run.traces["calcium"]
    sites = load_recording_sites(run, calcium)
    traces = {"soma_v": run.traces["soma_v"]} | reduce_calcium(calcium, sites, 151.7)
    path = tmp_path / "reduced"
    run.replace(traces=traces).save(path)
    reduced = load_measures(TaskResult(path), TaskResult(path))
    assert reduced == whole
    assert reduced.missing == ()
    assert np.isfinite(reduced.values["calcium_mean_nM"])
    assert reduced.values["dendritic_spike_spread"] == 1


def test_measures_without_data_are_named(make_purkinje_run, tmp_path):
    path = without_calcium(make_purkinje_run(), tmp_path / "less").path
    found = load_measures(TaskResult(path), TaskResult(path))
    assert found.missing == ("calcium_mean_nM", "dendritic_spike_spread")
    assert "1 kept run lacks the data for calcium_mean_nM" in describe_missing([found.missing])
    assert describe_missing([()]) == ""


def test_numbers_that_older_runs_kept_stand_for_data(make_purkinje_run, tmp_path):
    numbers = {"calcium_mean_nM": 344.0, "dendritic_spike_spread": None, "width_ms": -1.0}
    path = without_calcium(make_purkinje_run(), tmp_path / "older", response=numbers).path
    found = load_measures(TaskResult(path), TaskResult(path))
    assert found.missing == ()
    assert found.values["calcium_mean_nM"] == 344.0
    assert np.isnan(found.values["dendritic_spike_spread"])
    assert found.values["width_ms"] > 0  # from the voltage, which was kept


def test_a_new_measure_needs_no_new_runs(make_purkinje_run, monkeypatch):
    run = make_purkinje_run()
    first = Measure("first_ms", "First spike (ms)", 1, False, lambda r: float(r.spike_times_ms[0]))
    monkeypatch.setattr(measures, "MEASURES", (*MEASURES, first))
    found = load_measures(TaskResult(run.path), TaskResult(run.path))
    assert found.values["first_ms"] == pytest.approx(60)


def test_a_failed_run_has_no_measures():
    found = load_measures(TaskResult("a"), TaskResult("b", "broken"))
    assert found.missing == ()
    assert set(found.values) == set(LABELS)
    assert np.isnan(list(found.values.values())).all()
