from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import rule_of
from cerebella.olive.theory import (
    predicted_cf_rate,
    predicted_pair_rate,
    predicted_rule_rate,
    relaxation_time_s,
    settling_time_s,
)
from cerebella.parameters.olive_simulation import OliveParameters


def test_defaults_give_one_hertz():
    assert predicted_cf_rate() == pytest.approx(1.0, rel=1e-4)


def test_poisson_intervals_give_the_closed_formula():
    assert predicted_cf_rate(intervals="poisson") == pytest.approx(1.054, abs=5e-4)


def test_measured_intervals_agree_with_the_closed_formulas():
    intervals = np.random.default_rng(1).exponential(900.0, 400_000)
    assert predicted_cf_rate(intervals=intervals) == pytest.approx(1.054, rel=2e-3)
    assert predicted_cf_rate(intervals=[700.0, 900.0]) == pytest.approx(1.0, rel=1e-4)


def test_the_balance_holds_at_the_predicted_rate():
    intervals = np.random.default_rng(2).gamma(0.7, 1.0, 10_000)
    rate = predicted_cf_rate(0.001, 0.004, 150.0, intervals)
    shape = intervals / intervals.mean()
    assert rate * np.minimum(shape / rate, 0.150).mean() == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0, 3.0, 4.0])
def test_ltp_for_a_rate_is_the_inverse(rate):
    target = rate * 0.1
    assert predicted_cf_rate(0.00275 * target / (1 - target)) == pytest.approx(rate)


def test_relaxation_takes_the_predicted_time():
    assert relaxation_time_s(4.05) == pytest.approx(31, abs=1)


@pytest.mark.parametrize("start", [0.0, 0.2, 1.0])
def test_with_a_rate_linear_in_the_weight_settling_is_exponential(start):
    weights = np.linspace(0, 1, 5)
    assert settling_time_s(start, weights, 4.05 * weights - 0.4) == pytest.approx(
        relaxation_time_s(4.05), rel=1e-3
    )


def test_rates_that_do_not_pass_the_balance_are_refused():
    with pytest.raises(InputError, match="do not cross 1 Hz"):
        settling_time_s(0.2, [0.0, 1.0], [1.5, 4.0])
    with pytest.raises(InputError, match="outside the weights"):
        settling_time_s(0.2, [0.3, 1.0], [0.5, 4.0])


def test_rule_pair_follows_the_rate_of_the_purkinje_cells():
    low, high = (predicted_pair_rate(rate, 26.0, ltp=0.0001) for rate in (30.0, 60.0))
    assert high / low == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize("bad", [{"ltp": -1}, {"window_ms": 0}, {"intervals": "frog"},
                                 {"intervals": []}, {"intervals": [1, -1]}])  # fmt: skip
def test_values_that_balance_at_no_rate_are_refused(bad):
    with pytest.raises(InputError):
        predicted_cf_rate(**bad)


CONJUNCTIVE = rule_of(OliveParameters(time_step_ms=0.5))
INTERVALS = np.random.default_rng(2).gamma(0.7, 1.0, 10_000)


@pytest.mark.parametrize("intervals", ["regular", "poisson", INTERVALS])
def test_the_rate_of_a_rule_is_that_of_the_closed_formula(intervals):
    expected = predicted_cf_rate(intervals=intervals)
    assert predicted_rule_rate(CONJUNCTIVE, intervals, 0.5) == pytest.approx(expected, rel=5e-3)


def constant(ltp):
    return ltp


def after_cf(since_cf_ms, ltp, pause_ms):
    return ltp if since_cf_ms > pause_ms else 0.0


def triangle(since_pf_ms, peak, center_ms, half_ms):
    return -peak * max(0.0, 1 - abs(since_pf_ms - center_ms) / half_ms)


def windowed(center_ms, on_pf=constant, **parameters):
    values = {"ltp": 0.0003, "peak": 0.004, "center_ms": center_ms, "half_ms": 50.0}
    return PlasticityRule(
        name="triangle", on_pf=on_pf, on_cf=triangle, memory_ms=400, parameters=values | parameters
    )


@pytest.mark.parametrize("intervals", ["regular", "poisson", [1.0, 5.0]])
@pytest.mark.parametrize("center_ms", [50.0, 120.0, 300.0])
def test_the_rate_is_ltp_over_the_area_of_the_window_at_any_delay(center_ms, intervals):
    expected = 1000 * 0.0003 / (0.004 * 50)
    assert predicted_rule_rate(windowed(center_ms), intervals) == pytest.approx(expected)


def test_potentiation_that_pauses_after_a_cf_lowers_the_rate():
    # Potentiated time per CF is 1/f - pause: ltp (1/f - 0.2 s) = peak 0.05 s.
    found = predicted_rule_rate(windowed(120.0, after_cf, pause_ms=200.0))
    assert found == pytest.approx(1 / (0.004 * 0.05 / 0.0003 + 0.2), rel=5e-3)


def test_rules_that_the_theory_does_not_cover_are_refused():
    with pytest.raises(InputError, match="depends on rates besides that of the CF"):
        predicted_rule_rate(rule_of(OliveParameters(plasticity={"rule": "pair"})))
    with pytest.raises(InputError, match=r"no CF rate from 0\.01 to 200 Hz balances"):
        predicted_rule_rate(windowed(120.0, ltp=-0.0003))
