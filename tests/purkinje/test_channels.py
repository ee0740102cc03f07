"""The functions of the channels against the test vectors of the published mechanisms."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.purkinje import channels as of
from cerebella.purkinje.kinetic_schemes import (
    MSLO,
    NARSG,
    SK2_STATES,
    sk2_transitions,
    steady_state,
)

CELSIUS = 34.0
BY_DENSITY = {channel.densities: channel for channel in of.CHANNELS}

# Test vector, densities of the channel, gate, and columns of steady state and time constant.
GATES = [
    ("ss_nap", ("nap_S_per_cm2",), "m", "m_inf", "tau_m_ms"),
    ("ss_Kv1", ("kv1_S_per_cm2",), "n", "n_inf", "tau_n_ms"),
    ("ss_Kv1", ("kv1_S_per_cm2",), "h", "h_init", None),
    ("ss_Kv3_vshift4", ("kv3_S_per_cm2",), "n", "n_inf", "tau_n_ms"),
    ("ss_Kv4", ("kv4_fast_S_per_cm2", "kv4_slow_S_per_cm2"), "n", "n_inf", "tau_n_ms"),
    ("ss_Kv4", ("kv4_fast_S_per_cm2", "kv4_slow_S_per_cm2"), "h_fast", "h_inf", "tau_h_ms"),
    ("ss_Kv4s", ("kv4_fast_S_per_cm2", "kv4_slow_S_per_cm2"), "h_slow", "h_inf", "tau_h_ms"),
    ("ss_hpkj", ("ih_S_per_cm2",), "n", "n_inf", "tau_n_ms"),
    ("ss_CaP_vshift5", ("cap_cm_per_s",), "m", "m_inf", "tau_m_ms"),
    ("ss_CaT3_1", ("cat31_cm_per_s",), "m", "m_inf", "tau_m_ms"),
    ("ss_CaT3_1", ("cat31_cm_per_s",), "h", "h_inf", "tau_h_ms"),
]


@pytest.mark.parametrize(("table", "densities", "name", "steady", "tau"), GATES)
def test_steady_states_and_time_constants(oracle, table, densities, name, steady, tau):
    vector = oracle(table.replace("vshift5", "vshift-5"))
    channel = BY_DENSITY[densities]
    (gate,) = (gate for gate in channel.all_gates if gate.name == name)
    voltages = vector["v_mV"].tolist()
    np.testing.assert_allclose([gate.steady(v) for v in voltages], vector[steady], rtol=1e-7)
    if tau is not None:
        rate = gate.rate
        rates = [rate(v) if callable(rate) else rate for v in voltages]
        expected = 1 / (channel.factor(CELSIUS) * np.array(rates))
        np.testing.assert_allclose(expected, vector[tau], rtol=1e-6)


def test_persistent_sodium_starts_elsewhere_than_in_its_steady_state(oracle):
    vector = oracle("ss_nap")
    start = [of.nap_start(v) for v in vector["v_mV"].tolist()]
    np.testing.assert_allclose(start, vector["m_initial"], rtol=1e-7)


def test_calcium_dependent_potassium_channels(oracle):
    vector = oracle("ss_BK")
    points = list(zip(vector["v_mV"].tolist(), vector["cai_mM"].tolist(), strict=True))
    slow = [(of.abbk_steady(v, c), 1 / of.abbk_rate(v, c)) for v, c in points]
    expected = np.stack([vector["abBK_inf"], vector["abBK_tau_ms"]], axis=1)
    np.testing.assert_allclose(slow, expected, rtol=1e-6)
    states = [occupancies(MSLO, v, c, (0, 0, 0)) for v, c in points]
    is_open = [sum(state[name] for name in MSLO.is_open) for state in states]
    np.testing.assert_allclose(is_open, vector["mslo_open"], rtol=1e-5, atol=2e-9)


def occupancies(ladder, v, calcium_mM, shifts_mV):
    rates = ladder.rates(v, calcium_mM, shifts_mV)
    transitions = ((a, b, factor * rates[k]) for a, b, factor, k in ladder.transitions())
    return dict(zip(ladder.states, steady_state(ladder.states, transitions), strict=True))


@pytest.mark.parametrize(("region", "shifts"), [("soma", (0, 0, -5)), ("AIS", (15, 5, -5))])
def test_resurgent_sodium(oracle, region, shifts):
    vector = oracle(f"ss_naRsg_{region}")
    for row, v in enumerate(vector["v_mV"].tolist()):
        state = occupancies(NARSG, v, 0.0, shifts)
        expected = [vector[name.upper()][row] for name in NARSG.states]
        np.testing.assert_allclose([*state.values()], expected, rtol=1e-6, atol=2e-9)


def test_sk2(oracle):
    vector = oracle("ss_SK2")
    for row, calcium_mM in enumerate(vector["cai_mM"].tolist()):
        state = steady_state(SK2_STATES, sk2_transitions(calcium_mM))
        expected = [vector[name][row] for name in SK2_STATES]
        np.testing.assert_allclose(state, expected, rtol=1e-6)


def test_calcium_current(oracle):
    """Of P-type channels in their steady state, for a permeability of 1 cm/s."""
    vector = oracle("ss_CaP_current")
    for row, v in enumerate(vector["v_mV"].tolist()):
        xi = of.ghk_per_mV(CELSIUS) * v
        covered = -np.expm1(-xi)
        ratio = xi / covered if xi else 1.0
        flux = of.ghk_flux(ratio, covered, vector["cai_mM"][row])
        expected = vector["i_per_P_mA_cm2_per_cm_s"][row]
        assert 1000 * of.cap_steady(v) * flux == pytest.approx(expected, rel=1e-6)
