"""Course of the current of each kind of current clamp."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.randomness import Purpose
from cerebella.stimuli.currents import (
    CurrentNoise,
    CurrentPulses,
    CurrentRamp,
    CurrentSamples,
    CurrentSine,
    CurrentStep,
)
from cerebella.stimuli.injection import inject, pieces_of

NOISE = CurrentNoise("MLI1", 0.02, mean_nA=0.005, interval_ms=0.1, start_ms=3.0)


def currents_of(*clamps, n_steps=400, first=0, step_ms=0.025, cells=(0,), seed=1, trial=1):
    where = np.array(cells)
    injection = inject(
        clamps,
        lambda _: where,
        seed=seed,
        trial=trial,
        purpose=Purpose.MLI_STIMULI,
        time_step_ms=step_ms,
    )
    return injection.currents_nA(first, n_steps)


def test_a_step_acts_in_the_time_steps_of_its_window():
    current = currents_of(CurrentStep("MLI1", 0.02, start_ms=2.0, stop_ms=4.5))[:, 0]
    on = np.flatnonzero(current)
    assert (on[0], on[-1] + 1, len(on)) == (80, 180, 100)
    assert set(current[on]) == {0.02}


def test_a_stimulus_without_window_lasts_from_start_to_end():
    assert (currents_of(CurrentStep("MLI1", -0.1)) == -0.1).all()


def test_a_ramp_is_linear_between_its_ends():
    current = currents_of(CurrentRamp("MLI1", -1.0, 1.0, start_ms=0, stop_ms=10))[:, 0]
    np.testing.assert_allclose(current, np.linspace(-1, 1, 801)[1::2], rtol=0, atol=1e-12)


def test_pulses_have_width_and_frequency():
    current = currents_of(CurrentPulses("MLI1", 0.5, 0.5, 250.0, start_ms=1.0))[:, 0]
    rising = np.flatnonzero(np.diff(current) > 0) + 1
    np.testing.assert_array_equal(rising, [40, 200, 360])
    assert np.count_nonzero(current) == 3 * 20


def test_a_sine_has_frequency_offset_and_phase():
    clamp = CurrentSine("MLI1", 2.0, 100.0, offset_nA=1.0, phase_degrees=90.0)
    time_ms = 0.025 * (np.arange(400) + 0.5)
    np.testing.assert_allclose(
        currents_of(clamp)[:, 0], 1 + 2 * np.cos(2 * np.pi * time_ms / 10), rtol=0, atol=1e-12
    )


def test_samples_hold_for_an_interval_and_then_the_current_is_zero():
    clamp = CurrentSamples("MLI1", [1.0, 2.0, 3.0], interval_ms=1.0, start_ms=2.0)
    current = currents_of(clamp)[:, 0]
    np.testing.assert_array_equal(current, np.repeat([0, 1, 2, 3, 0], [80, 40, 40, 40, 200]))


def test_currents_of_several_stimuli_of_a_cell_add_up():
    clamps = CurrentStep("MLI1", 1.0, stop_ms=5), CurrentStep("MLI1", 0.5, start_ms=2.5)
    np.testing.assert_array_equal(
        currents_of(*clamps)[:, 0], np.repeat([1, 1.5, 0.5, 0.5], [100, 100, 100, 100])
    )


def test_noise_has_its_mean_and_standard_deviation_and_is_white():
    noise = currents_of(NOISE, n_steps=200_000, cells=(4, 9))[120::4]
    assert noise.mean() == pytest.approx(0.005, abs=4 * 0.02 / np.sqrt(noise.size))
    assert noise.std() == pytest.approx(0.02, rel=0.02)
    for lagged in ((noise[1:, 0], noise[:-1, 0]), (noise[:, 0], noise[:, 1])):
        assert abs(np.corrcoef(*lagged)[0, 1]) < 4 / np.sqrt(len(noise))


def test_noise_is_constant_in_each_interval_whatever_the_time_step():
    coarse, fine = currents_of(NOISE, n_steps=200, step_ms=0.05), currents_of(NOISE)
    np.testing.assert_array_equal(np.repeat(coarse, 2, axis=0), fine)
    assert (fine[:120] == 0).all()


def test_noise_does_not_depend_on_where_a_run_is_divided_or_on_other_cells():
    whole = currents_of(NOISE, cells=(2, 5, 8))
    parts = [currents_of(NOISE, cells=(5,), first=a, n_steps=b) for a, b in ((0, 133), (133, 400))]
    np.testing.assert_array_equal(np.concatenate(parts)[:, 0], whole[:, 1])


@pytest.mark.parametrize("other", [{"seed": 2}, {"trial": 2}, {"cells": (1,)}])
def test_seed_trial_and_cell_change_the_noise(other):
    assert not np.array_equal(currents_of(NOISE, **other), currents_of(NOISE))


def test_streams_of_noise_are_independent():
    streams = [
        currents_of(CurrentNoise("MLI1", 1.0, stream=number), n_steps=40_000)[::4, 0]
        for number in range(2)
    ]
    assert abs(np.corrcoef(*streams)[0, 1]) < 0.04


def test_pieces_have_the_current_of_their_steps():
    pieces = pieces_of(np.array([0.0, 0, 1, 1, 1, 0.5]), 0.25)
    np.testing.assert_array_equal(pieces.times_ms, [0, 0.5, 0.5, 1.25, 1.25, 1.5])
    np.testing.assert_array_equal(pieces.currents_nA, [0, 0, 1, 1, 0.5, 0.5])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CurrentStep("MLI1", float("nan")), "step at MLI1: amplitude_nA is nan"),
        (lambda: CurrentStep("MLI1", "1"), "amplitude_nA is '1'"),
        (lambda: CurrentStep("", 1.0), "place is ''"),
        (lambda: CurrentStep("MLI1", 1.0, start_ms=-1), "start_ms is -1"),
        (lambda: CurrentStep("MLI1", 1.0, start_ms=5, stop_ms=5), "it ends at 5 ms, but starts at"),
        (lambda: CurrentRamp("MLI1", 0.0, 1.0), "it has no end"),
        (lambda: CurrentPulses("MLI1", 1.0, 0.0, 10.0), "width_ms is 0"),
        (lambda: CurrentPulses("MLI1", 1.0, 20.0, 100.0), "pulses of 20 ms overlap at 100 Hz"),
        (lambda: CurrentSine("MLI1", 1.0, -8.0), "frequency_Hz is -8"),
        (lambda: CurrentNoise("MLI1", -1.0), "sd_nA is -1"),
        (lambda: CurrentNoise("MLI1", 1.0, stream=-1), "stream is -1"),
        (lambda: CurrentSamples("MLI1", [], 0.1), "samples_nA is empty"),
        (lambda: CurrentSamples("MLI1", [[1.0]], 0.1), "samples_nA is not a list"),
        (lambda: CurrentSamples("MLI1", [float("inf")], 0.1), "samples_nA is not a list"),
    ],
)
def test_values_out_of_range_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
