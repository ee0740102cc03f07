"""Measures of conditioned responses, on spikes whose responses are known."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.conditioning import (
    bin_times_ms,
    compute_responses,
    peak_time_ms,
    trials_to_criterion,
)
from cerebella.olive.stimulation.trials import US, TrialBlock, TrialSession
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.runs.run import Run

SESSION = TrialSession(
    blocks=(
        TrialBlock(name="blank", kind="blank", n_trials=10),
        TrialBlock(name="acquisition", kind="paired", n_trials=20, probe_every=2),
    ),
    us=US(zones=(0,)),
    settling_ms=1000.0,
)


@pytest.fixture(scope="module")
def run():
    """DCN 0 doubles its rate at 350 to 500 ms after each CS of acquisition; DCN 1 does not."""
    rng = np.random.default_rng(0)
    parameters = OliveParameters.model_validate({"circuit": {"scale": 0.25}})
    duration_ms = SESSION.duration_ms
    regular = np.arange(0.0, duration_ms, 30.0)
    acquired = [trial for trial in SESSION.trials if trial.block == "acquisition"]
    bursts = [trial.cs_ms + np.arange(350.0, 500.0, 15.0) for trial in acquired]
    us = [trial.us_ms + 20 for trial in acquired if trial.kind == "paired"]
    by_cell = [
        np.concatenate([regular + rng.uniform(-9, 9, len(regular)), *bursts]),
        regular + rng.uniform(-9, 9, len(regular)),
        *[regular] * 32,
        np.array(us),
        np.array(us[::2]),
        *[regular] * 2,
    ]
    times = np.concatenate(by_cell)
    gids = np.repeat(np.arange(len(by_cell)), [len(one) for one in by_cell])
    order = np.argsort(np.clip(times, 0, duration_ms - 1), kind="stable")
    populations = (Population("DCN", 0, 2), Population("PC", 2, 32), Population("IO", 34, 4))
    spikes = SpikeTrains(
        np.clip(times, 0, duration_ms - 1)[order], gids[order], populations, duration_ms
    )
    return Run({"kind": "olive", "parameters": parameters.model_dump()}, spikes=spikes)


def test_a_zone_whose_nuclear_cells_fire_before_the_us_has_responses(run):
    acquisition = np.arange(10, 30)
    trained, untrained = (compute_responses(run, SESSION, [zone]) for zone in (0, 1))
    assert trained.conditioned[acquisition].all()
    assert untrained.conditioned[acquisition].mean() < 0.2
    assert trained.conditioned[:10].mean() < 0.2
    assert trained.lid_Hz[:10].mean() == pytest.approx(0, abs=1e-9)


def test_the_response_peaks_at_the_end_of_the_burst(run):
    probes = np.arange(10, 30, 2)
    peak_ms = peak_time_ms(compute_responses(run, SESSION, [0]).lid_Hz[probes])
    assert peak_ms == pytest.approx(500, abs=30)


def test_evoked_spikes_are_counted_in_trials_with_a_us_only(run):
    evoked = compute_responses(run, SESSION, [0]).us_evoked
    assert np.isnan(evoked[:11]).all()
    assert np.isnan(evoked[10::2]).all()
    assert evoked[11::4].tolist() == [1.0] * 5
    assert evoked[13::4].tolist() == [0.5] * 5


def test_rates_of_purkinje_cells_are_those_of_the_zone(run):
    responses = compute_responses(run, SESSION, [0])
    assert responses.pc_Hz.shape == (30, len(bin_times_ms()))
    assert responses.pc_Hz.mean() == pytest.approx(1000 / 30, rel=0.02)


def test_the_trial_at_criterion_is_the_last_of_those_that_are_counted():
    responses = np.zeros(40, dtype=bool)
    assert trials_to_criterion(responses) is None
    responses[20:] = True
    assert trials_to_criterion(responses) == 27
    assert trials_to_criterion(responses[:5]) is None
