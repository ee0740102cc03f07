"""LTP and LTD counted on spike patterns made by hand; both engines."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.olive.state import RecentSpikes
from cerebella.olive.wiring import UNITS_PER_WEIGHT

CF_DELAY, PF_DELAY = 20, 10  # steps of 0.1 ms
WINDOW = 500
SETTINGS = [f"plasticity.window_ms={WINDOW / 10}"]


@pytest.fixture(params=["numpy", "numba"])
def learn(request, make_quiet_loop, advance):
    """Weights of PF 0's synapses on the PCs of IO 0 after arrivals at given steps."""

    def run(pf=(), cf=(), settings=()):
        n_steps = max([*pf, *cf]) + WINDOW + 60
        model, state = make_quiet_loop(*SETTINGS, *settings)
        fiber = int(model.circuit.pf_of_purkinje[0, 0])
        start = state.weights.copy()
        events = {"PF": [(s - PF_DELAY, fiber) for s in pf], "IO": [(s - CF_DELAY, 0) for s in cf]}
        # Spikes can be put in before the first step only, so advance from one to the next.
        blocks = sorted({*(s for e in events.values() for s, _ in e), n_steps})
        for stop in blocks:
            if stop > state.step:
                _, runner = advance(model, state, stop - state.step, request.param)
                state = runner.state()
            for name, listed in events.items():
                now = np.array([cell for step, cell in listed if step == stop], dtype=np.int32)
                steps, ids = state.recent[name]
                state.recent[name] = RecentSpikes(
                    np.append(steps, np.full(len(now), stop)), np.append(ids, now)
                )
            if any(step == stop for listed in events.values() for step, _ in listed):
                state.step = stop + 1  # the step in which they fired
        own = model.circuit.pf_of_purkinje[:8] == fiber
        change = (state.weights[:8] - start[:8])[own] / UNITS_PER_WEIGHT
        rest = np.delete(state.weights, np.arange(8), axis=0)
        assert len(change)
        assert np.ptp(change) == 0
        return float(change[0]), rest, model

    return run


LTP, LTD = 0.00030556, 0.00275


def test_a_pf_spike_alone_potentiates_once(learn):
    assert learn(pf=[100])[0] == pytest.approx(LTP, rel=1e-4)


def test_a_cf_within_the_window_depresses_instead(learn):
    assert learn(pf=[100], cf=[100 + WINDOW - 1])[0] == pytest.approx(-LTD, rel=1e-4)
    assert learn(pf=[100], cf=[100])[0] == pytest.approx(-LTD, rel=1e-4)


def test_a_cf_after_the_window_or_before_the_pf_spike_does_nothing(learn):
    assert learn(pf=[100], cf=[100 + WINDOW])[0] == pytest.approx(LTP, rel=1e-4)
    assert learn(pf=[200], cf=[199])[0] == pytest.approx(LTP, rel=1e-4)


def test_each_pf_spike_is_judged_once_by_the_first_cf(learn):
    two_pf_two_cf = learn(pf=[100, 300], cf=[200, 500])[0]
    assert two_pf_two_cf == pytest.approx(-2 * LTD, rel=1e-4)
    assert learn(pf=[100], cf=[200, 300])[0] == pytest.approx(-LTD, rel=1e-4)


def test_every_pf_spike_in_the_window_counts(learn):
    # Last-spike times that are overwritten before they are compared would see one.
    assert learn(pf=[100, 200, 300], cf=[350])[0] == pytest.approx(-3 * LTD, rel=1e-4)


@pytest.mark.parametrize("rule", ["conjunctive", "pair"])
def test_spikes_in_steps_that_are_no_multiple_of_ten_count(learn, rule):
    settings = [f"plasticity.rule={rule}"]
    assert learn(pf=[103], cf=[207], settings=settings)[0] == pytest.approx(-LTD, rel=1e-4)


@pytest.mark.parametrize("rule", ["conjunctive", "pair"])
def test_a_cf_is_compared_with_the_one_before_it_and_not_with_itself(learn, rule):
    # A last-CF time that is overwritten first would let no PF spike come after it.
    settings = [f"plasticity.rule={rule}"]
    found = learn(pf=[103, 305], cf=[207, 305], settings=settings)[0]
    assert found == pytest.approx(-2 * LTD, rel=1e-4)


def test_weights_stay_within_their_bounds(learn):
    top = learn(pf=[100, 200], settings=["plasticity.initial_weight=0.9999"])[0]
    assert top == pytest.approx(0.0001, rel=1e-3)
    bottom = learn(pf=[100, 200], cf=[250], settings=["plasticity.initial_weight=0.001"])[0]
    assert bottom == pytest.approx(-0.001, rel=1e-3)


def test_other_microzones_do_not_learn_from_this_cf(learn):
    _, rest, model = learn(pf=[100], cf=[200])
    fiber_of_rest = np.delete(model.circuit.pf_of_purkinje, np.arange(8), axis=0)
    fiber = int(model.circuit.pf_of_purkinje[0, 0])
    gained = rest[fiber_of_rest == fiber] / UNITS_PER_WEIGHT - 0.5
    assert gained == pytest.approx(LTP, rel=1e-4)
    assert (rest[fiber_of_rest != fiber] == UNITS_PER_WEIGHT // 2).all()


def test_without_plasticity_nothing_changes(learn):
    assert learn(pf=[100], cf=[200], settings=["plasticity.rule=off"])[0] == 0


def test_rule_pair_depresses_by_the_cf_and_not_without_a_purkinje_spike(learn):
    rule = ["plasticity.rule=pair"]
    assert learn(pf=[100], settings=rule)[0] == 0
    assert learn(pf=[100], cf=[200], settings=rule)[0] == pytest.approx(-LTD, rel=1e-4)
    assert learn(pf=[100, 150], cf=[200, 300], settings=rule)[0] == pytest.approx(-LTD, rel=1e-4)


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_rule_pair_potentiates_once_for_each_purkinje_spike(make_loop, advance, engine):
    settings = ["plasticity.rule=pair", "time_step_ms=1", "drive.io_bias_mV_per_ms=-5"]
    model, state = make_loop(*settings)
    block, runner = advance(model, state, 300, engine)
    purkinje = block.spikes["PC"]
    n_spikes = np.bincount(purkinje.ids, minlength=model.circuit.sizes["PC"])
    gained = (runner.weights() - state.weights) / (LTP * UNITS_PER_WEIGHT)
    # A synapse misses the PC spikes before its PF has fired for the first time.
    assert (gained.max(axis=1) <= n_spikes + 0.01).all()
    assert gained.mean() == pytest.approx(n_spikes.mean(), rel=0.25)
