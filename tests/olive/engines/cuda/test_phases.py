"""The phases of a card compiled for the processor: the bits of numpy for a circuit of full size."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numba import njit

from cerebella.compiled.device import Cuda, processor_target
from cerebella.olive.engines.cuda import integrator
from cerebella.olive.engines.cuda.arrays import Circuits
from cerebella.olive.engines.cuda.phases import phases_of
from cerebella.olive.engines.engine import Model, Plan, VoltageRequest
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.state import initial_state
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.parameters.olive_simulation import OliveParameters
from tests.olive.engines.cuda.test_integrator import assert_same_blocks, assert_same_state


class HostArray(np.ndarray):
    """An array in the memory of the processor with the methods of one on a card."""

    def copy_to_host(self, into=None):
        if into is None:
            return np.array(self)
        into[...] = self
        return into

    def copy_to_device(self, values):
        self[...] = values


def _launch(kernels, arrays, first, stop, threads):
    """Advance the first circuit, with one thread."""
    shape, changes = kernels
    arrive, has_cfs, learn_from_cfs, advance, *_ = phases_of(shape, changes, processor_target())

    @njit(error_model="numpy")
    def go(x, first, stop):
        for step in range(first, stop):
            arrive(0, 0, 1, step, x, x.arrived[0], x.v[0])
            if has_cfs(0, step, x):
                learn_from_cfs(0, 0, 1, step, x)
            advance(0, 0, 1, step, x, x.arrived[0], x.v[0], x.theta[0], x.g[0])

    go(Circuits(*map(np.asarray, arrays)), first, stop)


@pytest.fixture
def processor_as_card(monkeypatch):
    """Let the integrator keep arrays in memory and run the phases on the processor."""
    memory = SimpleNamespace(
        to_device=lambda values: np.array(values, order="C").view(HostArray),
        device_array=lambda size, dtype: np.zeros(size, dtype).view(HostArray),
    )
    monkeypatch.setattr(integrator, "cuda", memory)
    monkeypatch.setattr(integrator, "card_target", processor_target)
    monkeypatch.setattr(integrator, "kernels_of", lambda shape, changes: (shape, changes))
    monkeypatch.setattr(integrator, "launch_resident", _launch)


def test_a_default_circuit_has_the_bits_of_numpy(processor_as_card):
    parameters = OliveParameters(time_step_ms=1.0)
    circuit, of_step = wire_circuit(parameters, 1), derive_coefficients(parameters)
    cells = {"BC": np.arange(3), "PC": np.array([0, 100]), "IO": np.array([1])}
    sampled = {name: chosen.astype(np.int32) for name, chosen in cells.items()}
    model = Model(parameters, circuit, of_step, 1, VoltageRequest(3, sampled))
    state, drive = initial_state(parameters, circuit, of_step, 1), initial_drive(parameters)
    plans = [Plan(150, drive), Plan(300, drive)]
    plain, phases = (integrator_of(engine, model, state) for engine in (Numpy(), Cuda()))
    pairs = [*zip(plain.blocks(plans), phases.blocks(plans), strict=True)]
    for expected, found in pairs:
        assert_same_blocks(expected, found)
    assert_same_state(plain.state(), phases.state())
    spikes = pairs[-1][0].spikes
    assert all(len(spikes[name].ids) for name in ("PF", "BC", "PC", "DCN"))
    assert not np.array_equal(plain.state().weights, state.weights)
