"""Kinetics of the MLI channels against the test vectors."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.molecular_layer import channels as c

FACTORS = c.temperature_factors(34.0)
STEADY_AND_TAU = {
    ("MLI_Na", "m"): lambda v: _by_rates(c.na_alpha_m(v), c.na_beta_m(v), FACTORS.na),
    ("MLI_Na", "h"): lambda v: _by_rates(c.na_alpha_h(v), c.na_beta_h(v), FACTORS.na),
    ("MLI_KV", "n"): lambda v: _by_rates(c.kv_alpha_n(v), c.kv_beta_n(v), FACTORS.kv),
    ("MLI_KA", "a"): lambda v: (c.ka_steady_a(v), 1 / (FACTORS.ka * c.ka_rate_a(v))),
    ("MLI_KA", "b"): lambda v: (c.ka_steady_b(v), 1 / (FACTORS.ka * c.ka_rate_b(v))),
    ("MLI_CaLVA", "m"): lambda v: (c.calva_steady_m(v), c.calva_tau_m(v) / FACTORS.calva_m),
    ("MLI_CaLVA", "h"): lambda v: (c.calva_steady_h(v), c.calva_tau_h(v) / FACTORS.calva_h),
}


def _by_rates(alpha, beta, factor):
    return alpha / (alpha + beta), 1 / (factor * (alpha + beta))


@pytest.mark.parametrize(("channel", "gate"), STEADY_AND_TAU)
def test_steady_states_and_time_constants(oracle, channel, gate):
    table = oracle(f"ss_{channel}")
    # At exactly -25 mV, the published sodium channel has the wrong sign.
    regular = table["v_mV"] != -25
    values = [STEADY_AND_TAU[channel, gate](v) for v in table["v_mV"][regular].tolist()]
    steady, tau_ms = np.array(values).T
    np.testing.assert_allclose(steady, table[f"{gate}_inf"][regular], rtol=1e-6)
    # The published tool chain rounds constants; see the module.
    np.testing.assert_allclose(tau_ms, table[f"tau_{gate}_ms"][regular], rtol=6e-5)


@pytest.mark.parametrize(
    ("rate", "v", "limit"), [(c.na_alpha_m, -25, 3), (c.kv_alpha_n, -26, 0.01)]
)
def test_removable_singularity_takes_its_limit(rate, v, limit):
    below, at, above = (rate(v + d) for d in (-2e-5, 0, 2e-5))
    assert at == pytest.approx(limit, rel=1e-12)
    assert below < at < above
    assert above - below == pytest.approx(limit * 4e-5 / 20, rel=1e-3)
