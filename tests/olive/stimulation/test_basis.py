"""Temporal bases: what each of them keeps constant."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.olive.stimulation.basis import TemporalBasis

REST_HZ = 26.0
TIMES_MS = np.arange(1000) + 0.5


def rates_of(kind, **values):
    return TemporalBasis(kind=kind, **values).rates_Hz(2000, TIMES_MS, REST_HZ)


def test_the_population_preserving_basis_changes_which_fibers_fire_but_not_how_many():
    rates = rates_of("population-preserving")
    assert rates.mean(axis=0) == pytest.approx(np.full(1000, REST_HZ), rel=1e-5)
    assert rates.min() >= 0
    assert 140 < rates.max() <= 150


def test_each_fiber_of_the_population_preserving_basis_fires_most_at_its_center():
    basis = TemporalBasis()
    centers = basis.centers_ms(2000)
    inside = (centers > 60) & (centers < 400)  # later bumps are compared with fewer others
    peaks = TIMES_MS[rates_of("population-preserving").argmax(axis=1)]
    assert np.abs(peaks / centers - 1)[inside].max() < 0.3
    assert centers[0] == pytest.approx(20 * 75 ** (0.5 / 2000))


def test_the_additive_basis_raises_each_rate_by_its_bump():
    rates = rates_of("additive", amplitude=3.0)
    assert rates.min() >= REST_HZ
    assert rates.max() == pytest.approx(4 * REST_HZ, rel=1e-3)


def test_the_time_preserving_basis_keeps_the_spikes_of_each_fiber():
    rates = rates_of("time-preserving", amplitude=0.9)  # no rate falls below 0
    assert rates.mean(axis=1) == pytest.approx(np.full(2000, REST_HZ))


def test_fibers_of_the_sparse_basis_are_silent_except_for_their_bump():
    rates = rates_of("sparse", amplitude=3.0)
    assert rates[1000, 990] < 1e-3 * REST_HZ
    assert rates.max() == pytest.approx(4 * REST_HZ, rel=1e-3)


def test_the_last_center_must_come_after_the_first():
    with pytest.raises(InputError, match="last_ms = 10 must be above first_ms"):
        TemporalBasis(last_ms=10.0)
