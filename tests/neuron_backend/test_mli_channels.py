"""Each channel of the MLI soma against the published mechanisms' test vectors."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.parameters.mli_cell import MLICellParameters

CELL = MLICellParameters()

# Mechanism, gates with their powers, maximal conductance (S/cm²), reversal (mV).
CHANNELS = {
    "Na": ("mli_na", {"m": 3, "h": 1}, CELL.na_S_per_cm2, CELL.na_reversal_mV),
    "KV": ("mli_kv", {"n": 4}, CELL.kv_S_per_cm2, CELL.k_reversal_mV),
    "KA": ("mli_ka", {"a": 3, "b": 1}, CELL.ka_S_per_cm2, CELL.k_reversal_mV),
    "CaLVA": ("mli_calva", {"m": 2, "h": 1}, CELL.calva_S_per_cm2, CELL.calva_reversal_mV),
}


def compartment(h, mechanism, gmax=0.0):
    section = h.Section(name="patch")
    section.L = section.diam = 10
    section.insert(mechanism)
    setattr(section, f"gmax_{mechanism}", gmax)
    return section


def rate(h, mechanism, name, v_mV):
    return np.array([getattr(h, f"{name}_{mechanism}")(v) for v in v_mV.tolist()])


def kinetics(h, mechanism, gate, v_mV):
    """Steady state and time constant (ms) of one gate from the functions of its mechanism."""
    section = compartment(h, mechanism)
    h.finitialize(-67)

    def of(name):
        return rate(h, mechanism, name, v_mV)

    instance = getattr(section(0.5), mechanism)
    if mechanism == "mli_calva":
        factor = getattr(instance, f"factor_{gate}")
        return of(f"{gate}_inf"), of(f"slowness_{gate}") / factor
    if mechanism == "mli_ka":
        return of(f"{gate}_inf"), 1 / (instance.temperature_factor * of(f"rate_{gate}"))
    total = of(f"alpha_{gate}") + of(f"beta_{gate}")
    return of(f"alpha_{gate}") / total, 1 / (instance.temperature_factor * total)


@pytest.mark.parametrize("channel", CHANNELS)
def test_steady_states_and_time_constants(neuron, oracle, channel):
    mechanism, gates, *_ = CHANNELS[channel]
    table = oracle(f"ss_MLI_{channel}")
    # The published mechanism returns the wrong limit of alpha_m at exactly -25 mV.
    usual = np.flatnonzero((channel != "Na") | (table["v_mV"] != -25))
    v = table["v_mV"][usual].astype(float)
    for gate in gates:
        steady, tau_ms = kinetics(neuron.h, mechanism, gate, v)
        np.testing.assert_allclose(steady, table[f"{gate}_inf"][usual], rtol=1e-6)
        np.testing.assert_allclose(tau_ms, table[f"tau_{gate}_ms"][usual], rtol=1e-6)


@pytest.mark.parametrize(
    ("mechanism", "v_mV", "limit"), [("mli_na", -25, 3), ("mli_kv", -26, 0.01)]
)
def test_removable_singularity_takes_its_limit(neuron, mechanism, v_mV, limit):
    compartment(neuron.h, mechanism)
    name = "alpha_m" if mechanism == "mli_na" else "alpha_n"
    at, below, above = rate(neuron.h, mechanism, name, v_mV + np.array([0, -2e-5, 2e-5]))
    assert at == pytest.approx(limit, rel=1e-12)
    assert below < at < above
    assert above - below == pytest.approx(limit * 4e-5 / 20, rel=1e-3)


def clamp_current(neuron, channel, steps_mV, sample_ms, dt_ms):
    """Current density (mA/cm²) at the sample times under ideal clamp, for each step."""
    h = neuron.h
    mechanism, gates, gmax, reversal = CHANNELS[channel]
    section = compartment(h, mechanism, gmax)
    clamp = h.SEClamp(section(0.5))
    clamp.rs = 1e-6
    clamp.dur1, clamp.dur2, clamp.dur3 = 50, 30, 1e9
    clamp.amp1 = clamp.amp3 = -70
    h.dt = dt_ms
    currents = []
    for step in steps_mV:
        clamp.amp2 = step
        recorded = {
            gate: h.Vector().record(getattr(getattr(section(0.5), mechanism), f"_ref_{gate}"))
            for gate in gates
        }
        h.finitialize(-70)
        h.continuerun(sample_ms[-1] + dt_ms)
        index = np.round(sample_ms / dt_ms).astype(int)
        g = gmax * np.prod([np.array(recorded[gate])[index] ** p for gate, p in gates.items()], 0)
        # At the very instant of a switch the listed voltage is still the old one.
        v = np.where((sample_ms > 50) & (sample_ms <= 80), step, -70)
        currents.append(g * (v - reversal))
    return np.concatenate(currents)


@pytest.mark.parametrize(
    ("table", "channel", "dt_ms", "tolerance"),
    [
        ("i_MLI_Na_dt0.025", "Na", 0.025, 1e-5),
        ("i_MLI_Na", "Na", 0.001, 1e-3),
        ("i_MLI_KV", "KV", 0.002, 5e-3),
        ("i_MLI_KA", "KA", 0.002, 5e-3),
        ("i_MLI_CaLVA", "CaLVA", 0.002, 5e-3),
    ],
)
def test_current_under_voltage_clamp(neuron, oracle, table, channel, dt_ms, tolerance):
    vector = oracle(table)
    steps = np.unique(vector["step_mV"]).tolist()
    expected = vector["i_mA_cm2"]
    sample_ms = vector["t_ms"][vector["step_mV"] == steps[0]].astype(float)
    actual = clamp_current(neuron, channel, steps, sample_ms, dt_ms)
    t = np.tile(sample_ms, len(steps))
    away = (np.abs(t - 50) > 0.15) & (np.abs(t - 80) > 0.15) if tolerance > 1e-4 else t > 0
    for step in steps:
        own = (vector["step_mV"] == step) & away
        peak = np.abs(expected[vector["step_mV"] == step]).max()
        np.testing.assert_allclose(actual[own], expected[own], rtol=0, atol=tolerance * peak)
