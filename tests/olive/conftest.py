"""A small loop, and ways to drive it by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.state import CellState, RecentSpikes, initial_state
from cerebella.olive.step_coefficients import NEURONS, derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

SMALL = ("circuit.scale=0.25",)
SILENT = ("drive.pf_rate_Hz=0", "drive.mf_rate_Hz=0", "io.noise_mV=0", "drive.gap_per_ms=0")
ENGINES = {"numpy": Numpy(), "numba": Numba(threads=1)}


@pytest.fixture
def make_loop():
    """Return (model, state) of a small loop with some parameters set."""

    def make(*settings, seed=1, cells=None, every=1):
        parameters = apply_settings(OliveParameters(), [*SMALL, *settings])
        circuit = wire_circuit(parameters, seed)
        coefficients = derive_coefficients(parameters)
        # One cell of each population at least: numba compiles the loop once for all of them.
        sampled = {name: np.zeros(1, np.int32) for name in NEURONS} | (cells or {})
        request = VoltageRequest(every, sampled)
        model = Model(parameters, circuit, coefficients, seed, request)
        return model, initial_state(parameters, circuit, coefficients, seed)

    return make


@pytest.fixture
def make_quiet_loop(make_loop):
    """Return (model, state) of a loop at rest: without input, bias, noise and spikes."""

    def make(*settings, cells=None, every=1):
        rest = [f"{name}.threshold_mV=100" for name in ("bc", "purkinje", "dcn", "io")]
        rest += [f"{name}.threshold_max_mV=100" for name in ("bc", "purkinje", "dcn", "io")]
        model, state = make_loop(
            *SILENT, *rest, "drive.io_bias_mV_per_ms=0", *settings, cells=cells, every=every
        )
        for name in ("BC", "PC", "DCN", "IO"):
            reversal = model.parameters.neuron(name).leak_reversal_mV
            v = np.full(model.circuit.sizes[name], reversal)
            state.cells[name] = CellState(v, state.cells[name].theta)
        return model, state

    return make


@pytest.fixture
def advance():
    """Advance a loop by some steps; returns the block and the integrator."""

    def go(model, state, n_steps, engine="numpy", drive=None):
        runner = integrator_of(ENGINES[engine], model, state)
        plan = Plan(state.step + n_steps, drive or initial_drive(model.parameters))
        (block,) = runner.blocks([plan])
        return block, runner

    return go


@pytest.fixture
def put_spike():
    """Let a cell of a population fire in a step before the first."""

    def put(state, population, cell, step=-1):
        state.recent[population] = RecentSpikes(
            np.array([step], dtype=np.int64), np.array([cell], dtype=np.int32)
        )

    return put
