"""Sessions of trials: times of stimuli, kinds of trials, and sessions that cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.olive.stimulation.trials import CS, US, TrialBlock, TrialSession


def session(*blocks, **values):
    return TrialSession(blocks=blocks, **{"settling_ms": 1000.0} | values)


def block(kind, n=4, **values):
    return TrialBlock(name=kind, kind=kind, n_trials=n, **values)


def stimuli_of(one):
    return {stimulus.kind: stimulus for stimulus in one.stimuli}


def test_trials_follow_one_another_with_random_durations():
    trials = session(block("paired", 50), seed=3).trials
    durations = np.array([one.stop_ms - one.start_ms for one in trials])
    assert trials[0].start_ms == 1000
    assert [one.start_ms for one in trials[1:]] == [one.stop_ms for one in trials[:-1]]
    assert 2500 <= durations.min() < 2550
    assert 2950 < durations.max() <= 3000
    assert trials == session(block("paired", 50), seed=3).trials
    assert trials != session(block("paired", 50), seed=4).trials


def test_the_us_follows_the_cs_by_the_delay():
    one = session(block("paired"), us=US(delay_ms=250.0))
    stimuli = stimuli_of(one)
    assert np.subtract(stimuli["io-current"].times_ms, stimuli["pf-bumps"].times_ms).tolist() == (
        [250.0] * 4
    )
    assert stimuli["io-current"].zones == (0, 1, 2, 3)


def test_the_first_of_some_trials_is_a_probe_without_us():
    kinds = [one.kind for one in session(block("paired", 6, probe_every=3)).trials]
    assert kinds == ["CS alone", "paired", "paired"] * 2


def test_blank_trials_have_no_stimulus_but_a_time_for_it():
    one = session(block("blank"))
    assert one.stimuli == ()
    assert one.trials[0].cs_ms == 1500
    assert np.isnan(one.trials[0].us_ms)


def test_the_us_of_unpaired_trials_comes_a_second_or_more_after_the_cs():
    one = session(block("unpaired", 40), trial_ms=3500.0)
    after_ms = np.array([trial.us_ms - trial.cs_ms - one.cs.duration_ms for trial in one.trials])
    assert after_ms.min() >= 1000
    assert np.ptp(after_ms) > 300
    assert all(trial.us_ms + 20 <= trial.stop_ms for trial in one.trials)


def test_a_yoked_block_takes_the_inhibition_of_untrained_zones_during_the_cs():
    yoked = stimuli_of(session(block("CS alone", 2), block("paired", 3, yoked=True)))
    assert len(yoked["yoked-inhibition"].times_ms) == 3
    assert yoked["yoked-inhibition"].sources == (4, 5, 6, 7)


def test_mossy_fibers_respond_if_the_cs_says_so():
    assert stimuli_of(session(block("CS alone"), cs=CS(mf_rate_Hz=20.0)))["mf-rate"].rate_Hz == 20


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"trial_ms": 1000.0}, "too short for stimuli that end at 1500 ms"),
        ({"blocks": (block("unpaired"),)}, "too short for unpaired trials"),
        ({"blocks": ()}, "blocks"),
    ],
)
def test_sessions_that_cannot_be_are_refused(values, problem):
    with pytest.raises(InputError, match=problem):
        TrialSession(**{"blocks": (block("paired"),)} | values)
