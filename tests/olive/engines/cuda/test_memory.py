"""Memory on a card, computed beforehand, against the arrays that are made."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import MachineError
from cerebella.olive.engines.cuda import integrator, memory
from cerebella.olive.engines.cuda.integrator import CudaBatch
from cerebella.olive.engines.cuda.memory import circuit_bytes, wiring_bytes
from cerebella.olive.integrate import build_models
from cerebella.olive.plans import plan_blocks
from cerebella.olive.simulate import request_of, simulate_olive
from cerebella.olive.state import initial_state
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings


@pytest.mark.parametrize(
    "settings",
    [(), ("time_step_ms=1",), ("plasticity.rule=pair",), ("circuit.wiring=random",)],
    ids=["default", "1 ms", "pair", "random wiring"],
)
def test_memory_computed_beforehand_is_what_arrays_take(settings, monkeypatch):
    monkeypatch.setattr(integrator, "launch_resident", lambda *arguments: None)
    parameters = apply_settings(OliveParameters(), list(settings))
    request = request_of(parameters, duration_ms=1000.0)
    (model,) = build_models([request])
    state = initial_state(parameters, model.circuit, model.coefficients, 0)
    batch = CudaBatch([model], [state])
    (plan,) = plan_blocks(request, 0)
    batch.advance([plan])
    arrays = batch._arrays.values()
    found = sum(np.asarray(array.copy_to_host()).nbytes for array in arrays)
    expected = wiring_bytes(parameters.circuit) + circuit_bytes(request, plan.stop)
    assert expected == pytest.approx(found, rel=0.02)


def test_a_circuit_that_exceeds_the_memory_is_refused_before_it_is_drawn(monkeypatch):
    monkeypatch.setattr(memory, "free_memory_GB", lambda device: 0.5)
    with pytest.raises(MachineError, match=r"the circuit takes 5\.\d+ GB .* 0\.5 GB are free"):
        simulate_olive(scale=1000, dt_ms=1.0, duration_ms=10.0, engine="cuda")
