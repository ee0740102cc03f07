"""Circuits that are small enough for numba's simulator of a card."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

TINY = (
    "circuit.scale=0.25",
    "circuit.pf_per_zone=32",
    "circuit.bc_per_zone=8",
    "circuit.purkinje_per_zone=4",
    "circuit.purkinje_per_dcn=4",
    "circuit.pf_per_purkinje=24",
    "circuit.pf_per_bc=16",
    "circuit.bc_per_purkinje=8",
    "synapses.pf_purkinje.weight_per_ms=0.012",
    "synapses.pf_bc.weight_per_ms=0.0186",
    "synapses.bc_purkinje.weight_per_ms=0.005",
    "synapses.purkinje_dcn.weight_per_ms=0.017",
    "drive.pf_rate_Hz=60",
    "drive.io_bias_mV_per_ms=4",
    "plasticity.window_ms=20",
    "time_step_ms=1",
)


@pytest.fixture
def make_tiny():
    """Return (model, state) of a circuit of two zones, which fires more often than the default."""

    def make(*settings, seed=1, circuit=None, rule=None):
        parameters = apply_settings(OliveParameters(), [*TINY, *settings])
        circuit = circuit or wire_circuit(parameters, seed)
        coefficients = derive_coefficients(parameters, rule)
        cells = {"BC": np.array([3], np.int32), "PC": np.array([0, 5], np.int32)}
        model = Model(parameters, circuit, coefficients, seed, VoltageRequest(3, cells))
        return model, initial_state(parameters, circuit, coefficients, seed)

    return make


@pytest.fixture
def plans_of():
    """Return plans of blocks of some steps each, without perturbations."""

    def plans(model, *stops):
        return [Plan(stop, initial_drive(model.parameters)) for stop in stops]

    return plans
