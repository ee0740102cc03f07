"""Kinetic schemes as lists of transitions, compared with the initial states of the mechanisms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import null_space

ALPHA, BETA, GAMMA, DELTA, EPSILON, ZETA = 150, 3, 150, 40, 1.75, 0.03
CON, COFF, OON, OOFF = 0.005, 0.5, 0.75, 0.005
UP, DOWN = (OON / CON) ** 0.25, (OOFF / COFF) ** 0.25

BK_F = (2.39e-3, 5.4918e-3, 24.6205e-3, 142.4546e-3, 211.0220e-3)
BK_B = (3936e-3, 687.3251e-3, 234.5875e-3, 103.2204e-3, 11.6581e-3)
FARADAY_PER_RT = 96485.33212e-3 / (8.314462618 * 307.15)


def steady_state(transitions, states):
    """Null vector, of sum 1, of the scheme with these (from, to, rate)."""
    index = {state: i for i, state in enumerate(states)}
    q = np.zeros((len(states), len(states)))
    for source, target, rate in transitions:
        q[index[target], index[source]] += rate
        q[index[source], index[source]] -= rate
    (vector,) = null_space(q / np.abs(q).max(axis=0), rcond=1e-15).T
    vector = vector / np.abs(q).max(axis=0)
    return vector / vector.sum()


def resurgent_sodium(v, shift_a, shift_k, shift_i=-5):
    """Published transitions of resurgent sodium channels before the temperature factor."""
    closed, inactivated = [f"C{n}" for n in range(1, 6)], [f"I{n}" for n in range(1, 7)]
    for n in range(1, 5):
        yield closed[n - 1], closed[n], (5 - n) * ALPHA * np.exp(v / 20)
        yield closed[n], closed[n - 1], n * BETA * np.exp((v + shift_a) / (-20 + shift_k))
        yield (
            inactivated[n - 1],
            inactivated[n],
            (5 - n) * ALPHA * UP * np.exp((v + shift_i) / 20),
        )
        yield inactivated[n], inactivated[n - 1], n * BETA * DOWN * np.exp(-(v + shift_i) / 20)
    for n in range(1, 6):
        yield closed[n - 1], inactivated[n - 1], CON * UP ** (n - 1)
        yield inactivated[n - 1], closed[n - 1], COFF * DOWN ** (n - 1)
    for shut, open_ in (("C5", "O"), ("I5", "I6")):
        yield shut, open_, GAMMA
        yield open_, shut, DELTA
    yield from (("O", "B", EPSILON), ("B", "O", ZETA * np.exp(-v / 25)))
    yield from (("O", "I6", OON), ("I6", "O", OOFF))


def bk(v, cai):
    """Published transitions of BK channels before the temperature factor."""
    for i in range(4):
        for rail, dissociation_mM in (("C", 8.63e-3), ("O", 0.6563e-3)):
            yield f"{rail}{i}", f"{rail}{i + 1}", (4 - i) * 1000 * cai
            yield f"{rail}{i + 1}", f"{rail}{i}", (i + 1) * 1000 * dissociation_mM
    for i in range(5):
        yield f"C{i}", f"O{i}", BK_F[i] * np.exp(0.73 * FARADAY_PER_RT * v)
        yield f"O{i}", f"C{i}", BK_B[i] * np.exp(-0.67 * FARADAY_PER_RT * v)


@pytest.mark.parametrize(("region", "shifts"), [("soma", (0, 0)), ("AIS", (15, 5))])
def test_resurgent_sodium_starts_at_the_null_vector_of_its_scheme(protocols, region, shifts):
    states = [*(f"C{n}" for n in range(1, 6)), "O", "B", *(f"I{n}" for n in range(1, 7))]
    rows = protocols[f"ss_naRsg_{region}"]
    voltages = np.arange(-100, 41, 4)
    assert len(rows) == len(voltages)
    for v, row in zip(voltages, rows, strict=True):
        expected = steady_state(resurgent_sodium(v, *shifts), states)
        np.testing.assert_allclose(row, expected, rtol=1e-6, atol=1e-12)


def test_bk_starts_at_the_null_vector_of_its_scheme(protocols, oracle):
    """Within the error of rounding its constants to six digits, as published."""
    states = [f"{rail}{i}" for rail in "CO" for i in range(5)]
    table = oracle("ss_BK")
    for v, cai, (open_, _) in zip(table["v_mV"], table["cai_mM"], protocols["ss_BK"], strict=True):
        expected = steady_state(bk(v, cai), states)[5:].sum()
        assert open_ == pytest.approx(expected, rel=1e-5)
