"""Current of each channel of the MLI soma against the test vectors."""

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
