"""Random numbers of the loop: their distribution, and that they depend on nothing but a name."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from cerebella.olive.random_drive import normal_noise, normals_of


def test_a_word_is_turned_into_its_quantile():
    words = np.concatenate([np.arange(64), np.arange(1 << 9, 1 << 32, 99_991)]).astype(np.uint64)
    numbers = normals_of(words)
    quantiles = [NormalDist().inv_cdf(float(word | 1) / 2**33) for word in words.tolist()]
    expected = np.where(words & np.uint64(1), -np.array(quantiles), quantiles)
    assert np.abs(numbers - expected).max() < 1e-5
    assert 6 < np.abs(numbers).max() < 6.5


def test_noise_is_normal_and_white():
    noise = normal_noise(3, 5, 16, 0, 20_000)
    n = noise.size
    assert abs(noise.mean()) < 4 / np.sqrt(n)
    assert abs(noise.var() - 1) < 4 * np.sqrt(2 / n)
    assert abs((noise**4).mean() - 3) < 4 * np.sqrt(96 / n)
    assert abs((noise[1:] * noise[:-1]).mean()) < 4 / np.sqrt(n)
    assert abs((noise[:, 1:] * noise[:, :-1]).mean()) < 4 / np.sqrt(n)


def test_noise_depends_on_seed_population_cell_and_step_alone():
    whole = normal_noise(3, 5, 16, 0, 100)
    assert np.array_equal(normal_noise(3, 5, 4, 37, 90), whole[37:90, :4])
    assert not np.isin(normal_noise(4, 5, 16, 0, 100), whole).any()
    assert not np.isin(normal_noise(3, 4, 16, 0, 100), whole).any()
