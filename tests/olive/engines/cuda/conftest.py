"""Circuits for a card, and tiny ones for numba's simulator of a card."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.device import is_simulated, why_unavailable
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

CARD_STEPS = 20
"""Steps on a card for each one in the simulator."""

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


@pytest.fixture(params=["simulated", pytest.param("on a card", marks=pytest.mark.gpu)])
def on_card(request):
    """Whether a test runs on a card (`pytest -m gpu`); otherwise it runs in numba's simulator."""
    if request.param == "simulated":
        if not is_simulated():
            pytest.skip("numba's simulator is off")
        return False
    if is_simulated() or why_unavailable(0):
        pytest.skip("runs on a card only, with `pytest -m gpu`")
    return True


@pytest.fixture
def make_circuit(on_card):
    """Return (model, state): of the default circuit on a card, else of two zones that fire more."""

    def make(*settings, seed=1, circuit=None, rule=None):
        base = ("time_step_ms=1",) if on_card else TINY
        parameters = apply_settings(OliveParameters(), [*base, *settings])
        circuit = circuit or wire_circuit(parameters, seed)
        coefficients = derive_coefficients(parameters, rule)
        cells = {"BC": np.array([3], np.int32), "PC": np.array([0, 5], np.int32)}
        model = Model(parameters, circuit, coefficients, seed, VoltageRequest(3, cells))
        return model, initial_state(parameters, circuit, coefficients, seed)

    return make


@pytest.fixture
def plans_of(on_card):
    """Return plans of blocks that end after some steps, more of them on a card."""

    def plans(model, *stops):
        drive = initial_drive(model.parameters)
        return [Plan(stop * (CARD_STEPS if on_card else 1), drive) for stop in stops]

    return plans
