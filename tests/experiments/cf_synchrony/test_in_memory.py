"""What climbing-fiber synchrony does: the published activity, as targets with their tolerance.

Targets: mean of trials 1 to 5. The published values are those of one trial of
park2026; the bands are about twice the spread of such means.
"""

from __future__ import annotations

import pytest

from cerebella.analysis.cf_response import compute_cf_response
from cerebella.errors import InputError, SimulationError
from cerebella.experiments.cf_synchrony import tasks as sync_tasks
from cerebella.experiments.cf_synchrony.in_memory import run_cf_synchrony
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.network.complete import complete_network
from cerebella.network.generate import generate_network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.settings import apply_settings

LEVELS = (0, 2, 4, 6, 8)
TRIALS = (1, 2, 3, 4, 5)


def responses(network, levels=LEVELS):
    runs = run_cf_synchrony(network, levels, TRIALS)
    return {
        level: compute_cf_response([run.spikes for run in trials])
        for level, trials in runs.networks.items()
    }


@pytest.fixture(scope="module")
def generated():
    return responses(generate_network(seed=0))


@pytest.fixture(scope="module")
def published(published_networks):
    network, *_ = complete_network(published_networks, seed=0)
    return responses(network)


def assert_on_target(response):
    silent, full = response[0], response[8]
    for level in (silent, full):
        assert level.MLI1_baseline_Hz == pytest.approx(34, abs=5)
        assert level.MLI2_baseline_Hz == pytest.approx(20, abs=4)
    assert full.MLI2_peak_Hz >= 60
    assert full.MLI1_gain <= 0.6
    assert silent.MLI2_peak_Hz < 30
    assert silent.MLI1_gain > 0.8
    peaks = [response[level].MLI2_peak_Hz for level in LEVELS]
    dips = [response[level].MLI1_dip_Hz for level in LEVELS]
    assert peaks == sorted(peaks)
    assert dips == sorted(dips, reverse=True)


@pytest.mark.slow
def test_generated_network_gives_the_published_activity(generated):
    assert_on_target(generated)


@pytest.mark.slow
@pytest.mark.published
def test_published_tables_give_the_published_activity(published):
    assert_on_target(published)


def test_synchrony_excites_mli2_and_that_silences_mli1():
    response = responses_of_one_trial(SyncModel(generate_network(seed=1), duration_ms=175.0))
    assert response[8].MLI2_peak_Hz > 3 * response[0].MLI2_peak_Hz
    assert response[8].MLI1_dip_Hz < 0.8 * response[0].MLI1_dip_Hz


def test_without_mli2_to_mli1_weight_synchrony_does_not_silence_mli1():
    mli = apply_settings(MLIParameters(), ["connections.mli2_to_mli1_weight_pS=0"])
    model = SyncModel(generate_network(seed=1), mli=mli, duration_ms=175.0)
    response = responses_of_one_trial(model)
    assert response[8].MLI2_peak_Hz > 3 * response[0].MLI2_peak_Hz
    assert response[8].MLI1_dip_Hz > 0.8 * response[0].MLI1_dip_Hz


def responses_of_one_trial(model):
    runs = run_cf_synchrony(model, (0, 8))
    return {level: compute_cf_response(trials[0].spikes) for level, trials in runs.networks.items()}


@pytest.fixture(scope="module")
def small_model(spiny_cell):
    return SyncModel(generate_network(seed=1, scale=0.1), spiny_cell, duration_ms=60.0)


def test_levels_share_their_streams_within_a_trial_and_report_progress(small_model):
    fractions = []
    runs = run_cf_synchrony(small_model, (0, 8), (1, 2), on_progress=fractions.append)
    pf = {level: [run.spikes.of("PF") for run in trials] for level, trials in runs.networks.items()}
    assert pf[0] == pf[8]
    assert pf[0][0] != pf[0][1]
    assert fractions[-1] == pytest.approx(1.0)
    assert runs.cells == {0: [], 8: []}


def test_each_network_drives_a_cell_and_finished_runs_in_a_folder_are_kept(small_model, tmp_path):
    run_cf_synchrony(small_model, (0, 8), folder=tmp_path)
    made = {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/run.json")}
    runs = run_cf_synchrony(small_model, (0, 8), cells=True, folder=tmp_path)
    assert {path: path.stat().st_mtime_ns for path in made} == made
    for level, (cell,) in runs.cells.items():
        assert cell.condition.cf_sync == level
        assert cell.spikes.of("PF") == runs.networks[level][0].spikes.of("PF")
    trains = [runs.cells[level][0].spikes.of("PC").times_ms.tolist() for level in (0, 8)]
    assert trains[0] == trains[1]  # before the synchronous fibers


def test_a_level_that_the_network_lacks_is_refused(small_model):
    with pytest.raises(InputError, match="no synchrony level 9"):
        run_cf_synchrony(small_model, (0, 9))


def test_a_failing_run_is_named(small_model, monkeypatch):
    def fail(network, **options):
        raise InputError("boom")

    monkeypatch.setattr(sync_tasks, "simulate_mli", fail)
    with pytest.raises(SimulationError, match="mli_control_sync0_trial1: boom"):
        run_cf_synchrony(small_model, (0,))
