"""One spike through each projection: who, when, how much, in which direction, for how long."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES

SYNAPSES = list(SYNAPSE_CLASSES)
EXCITATORY = {"pf_purkinje", "pf_bc", "cf_purkinje", "mf_dcn"}


def _targets(model, synapse, cell):
    circuit = model.circuit
    listed = {
        "pf_purkinje": circuit.pf_of_purkinje,
        "pf_bc": circuit.pf_of_bc,
        "bc_purkinje": circuit.bc_of_purkinje,
        "cf_purkinje": circuit.io_of_purkinje[:, None],
        "purkinje_dcn": circuit.purkinje_of_dcn,
        "mf_dcn": circuit.mf_of_dcn[:, None],
        "dcn_io": circuit.dcn_of_io,
    }[synapse]
    return np.flatnonzero((listed == cell).any(axis=1))


def _relative_weight(model, synapse):
    """Weights of the synapses of cell 0, relative to the mean of their class."""
    circuit = model.circuit
    if synapse == "pf_bc":
        return circuit.pf_bc_factor[_targets(model, synapse, 0)]
    return (
        circuit.bc_purkinje_factor[circuit.bc_of_purkinje == 0] if synapse == "bc_purkinje" else 1.0
    )


@pytest.fixture(params=["numpy", "numba"])
def engine(request):
    return request.param


@pytest.fixture
def response(make_quiet_loop, advance, put_spike, engine):
    """Potentials of all targets relative to rest after one spike of cell 0, (n_steps, n)."""

    def respond(synapse, n_steps=100, *settings):
        source, target = SYNAPSE_CLASSES[synapse]
        every = make_quiet_loop(*settings)[0].circuit.sizes[target]
        cells = {target: np.arange(every, dtype=np.int32)}
        model, state = make_quiet_loop(*settings, cells=cells)
        put_spike(state, source, 0)
        block, runner = advance(model, state, n_steps, engine)
        rest = model.parameters.neuron(target).leak_reversal_mV
        return block.voltages[target].astype(float) - rest, model, runner

    return respond


@pytest.mark.parametrize("synapse", SYNAPSES)
def test_only_its_targets_answer_and_in_the_right_direction(response, synapse):
    change, model, _ = response(synapse)
    peak = change[np.abs(change).argmax(axis=0), np.arange(change.shape[1])]
    targets = _targets(model, synapse, 0)
    assert len(targets)
    sign = 1 if synapse in EXCITATORY else -1
    assert (sign * peak[targets] > 1e-3).all()
    assert not np.delete(peak, targets).any()


@pytest.mark.parametrize("synapse", SYNAPSES)
@pytest.mark.parametrize("dt", [0.1, 0.5])
def test_it_arrives_exactly_after_its_delay(response, synapse, dt):
    change, model, _ = response(synapse, 60, f"time_step_ms={dt}")
    delay = getattr(model.parameters.synapses, synapse).delay_ms
    answers = np.abs(change[:, _targets(model, synapse, 0)]).max(axis=1) > 0
    # The spike is in step −1, so the first step that feels it is delay / dt − 1.
    assert np.flatnonzero(answers)[0] == round(delay / dt) - 1


@pytest.mark.parametrize("synapse", SYNAPSES)
def test_the_conductance_jumps_by_weight_times_k_and_decays_with_tau(response, synapse):
    constants = getattr(response(synapse, 1)[1].parameters.synapses, synapse)
    n_steps = round(constants.delay_ms / 0.1)
    _, model, runner = response(synapse, n_steps)
    g = runner.state().conductances[synapse][_targets(model, synapse, 0)]
    weight = constants.weight_per_ms
    if synapse == "pf_purkinje":
        weight *= model.parameters.plasticity.initial_weight
    weight = weight * _relative_weight(model, synapse)
    k = constants.tau_ms / 0.1 * (1 - math.exp(-0.1 / constants.tau_ms))
    expected = weight * k * math.exp(-0.1 / constants.tau_ms)  # after the decay of one step
    assert g == pytest.approx(expected, rel=1e-6)
    _, _, later = response(synapse, n_steps + 40)
    ratio = later.state().conductances[synapse][_targets(model, synapse, 0)] / g
    assert ratio == pytest.approx(math.exp(-4 / constants.tau_ms), rel=1e-9)


@pytest.mark.parametrize("synapse", SYNAPSES)
def test_the_charge_of_a_spike_does_not_depend_on_the_time_step(response, synapse):
    charges = []
    for dt in (0.1, 1.0):
        model = response(synapse, 1, f"time_step_ms={dt}")[1]
        constants = model.coefficients.synapses[synapse]
        charges.append(constants.jump * dt / (1 - constants.decay))
    constants = getattr(model.parameters.synapses, synapse)
    assert charges == pytest.approx([constants.weight_per_ms * constants.tau_ms] * 2)


def test_the_size_of_a_climbing_fiber_epsp_is_that_of_the_equation(response):
    change, _, _ = response("cf_purkinje", 200)
    dt, g, v = 0.001, 0.06, -60.0
    peak = 0.0
    for _ in range(20_000):
        v += dt * (0.04 * (-60 - v) + g * (0 - v))
        g -= dt * g / 2
        peak = max(peak, v + 60)
    assert change.max() == pytest.approx(peak, rel=0.01)


def test_inhibition_hyperpolarizes_toward_its_reversal_potential(response):
    change, _, _ = response("purkinje_dcn", 300)
    assert -18 < change.min() < 0  # rest −62, reversal −80
