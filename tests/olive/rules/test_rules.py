"""Rules as values: changes at each event, agreement between engines, and what is refused."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.rules.table import RULES, rule_of
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.parameters.olive_simulation import OliveParameters, PlasticityParameters, RuleName

LTP, LTD = 0.0003, 0.003
TAU_MS = 40.0


def constant(change):
    return change


def every_arrival(since_pf_ms, change):
    return change


def last_arrival(since_last_pf_ms, since_cf_ms, change):
    return change if since_last_pf_ms < since_cf_ms else 0.0


def unclaimed(since_pf_ms, since_cf_ms, gain):
    return gain if since_pf_ms < since_cf_ms else 0.0


def of_cf_interval(since_cf_ms, gain):
    return gain * math.exp(-since_cf_ms / TAU_MS)


def of_pc_interval(since_pc_ms, gain):
    return gain * (1.0 - math.exp(-since_pc_ms / TAU_MS))


def delayed(since_pf_ms, change, delay_ms, width_ms):
    distance = (since_pf_ms - delay_ms) / width_ms
    return change * math.exp(-0.5 * distance * distance)


def of_all_times(since_pf_ms, since_cf_ms, since_pc_ms, change):
    return change * math.exp(-since_pf_ms / 20) / (1 + since_pc_ms) * (since_cf_ms > 5)


def rule(**options):
    return PlasticityRule(name="test", **options)


RULES_OF_USERS = {
    "all arrivals": rule(
        on_pf=constant, on_cf=every_arrival, memory_ms=90, parameters={"change": -LTP}
    ),
    "last arrival, no potentiation": rule(
        on_cf=last_arrival, memory_ms=60, parameters={"change": -LTD}
    ),
    "PC spikes count unclaimed arrivals": rule(
        on_cf=last_arrival,
        on_pc=unclaimed,
        memory_ms=60,
        parameters={"change": -LTD, "gain": LTP / 4},
    ),
    "PC spikes count all arrivals": rule(
        on_cf=unclaimed,
        on_pc=every_arrival,
        memory_ms=70,
        parameters={"gain": LTP, "change": -LTP / 9},
    ),
    "a window at a delay": rule(
        on_pf=of_cf_interval,
        on_cf=delayed,
        memory_ms=150,
        parameters={"gain": LTP, "change": -LTD, "delay_ms": 80, "width_ms": 15},
    ),
    "times since PC spikes": rule(
        on_pf=of_pc_interval,
        on_cf=of_all_times,
        memory_ms=50,
        parameters={"gain": LTP, "change": -LTD},
    ),
    "all synapses alike": rule(
        on_cf=constant, on_pc=of_pc_interval, parameters={"change": -0.02, "gain": LTP}
    ),
    "PFs depress to the lower bound": rule(
        on_pf=constant, on_cf=of_cf_interval, parameters={"change": -0.03, "gain": 0.5}
    ),
    "changes beyond both bounds": rule(
        on_pf=of_cf_interval,
        on_cf=every_arrival,
        memory_ms=40,
        parameters={"gain": 2.0, "change": -2.0},
    ),
}
WIRINGS = {
    "rows": (),
    "lists": ("circuit.pf_per_purkinje=40", "synapses.pf_purkinje.weight_per_ms=0.01"),
}


@pytest.fixture
def with_rule(make_loop):
    """Return (model, state) of a small loop with a rule and an active olive."""

    def make(own_rule, *settings):
        model, state = make_loop("time_step_ms=1", "drive.io_bias_mV_per_ms=4", *settings)
        coefficients = derive_coefficients(model.parameters, own_rule)
        return model._replace(coefficients=coefficients), state

    return make


def test_the_table_has_the_rules_that_parameters_name():
    assert {*RULES, "own"} == set(get_args(RuleName))


@pytest.mark.parametrize(("name", "rate_Hz"), [("conjunctive", 1.0), ("pair", 2.3), ("off", None)])
def test_each_rule_predicts_the_rate_at_which_it_balances(name, rate_Hz):
    plasticity = PlasticityParameters(rule=name, ltp=0.00030556 if name != "pair" else 0.0001)
    found = RULES[name].predicted_rate(plasticity, lambda: {"PC": 60.0, "PF": 26.0})
    assert found == (None if rate_Hz is None else pytest.approx(rate_Hz, rel=0.1))


def test_without_a_rule_nothing_is_remembered(make_loop):
    assert rule_of(OliveParameters(plasticity={"rule": "off"})) is None
    (plastic, _), (constant, _) = make_loop(), make_loop("plasticity.rule=off")
    delay = plastic.coefficients.synapses["pf_purkinje"].delay
    assert constant.coefficients.history["PF"] == delay + 1
    assert plastic.coefficients.history["PF"] == delay + 1 + 1000  # 100 ms


@pytest.mark.parametrize("wiring", WIRINGS)
@pytest.mark.parametrize("name", RULES_OF_USERS)
def test_engines_agree_on_any_rule_to_the_bit(with_rule, name, wiring):
    model, state = with_rule(RULES_OF_USERS[name], *WIRINGS[wiring])
    plans = [Plan(stop, initial_drive(model.parameters)) for stop in (70, 150)]
    plain, fast = (integrator_of(one, model, state) for one in (Numpy(), Numba(threads=1)))
    list(plain.blocks(plans))
    (_, block) = fast.blocks(plans)
    assert len(block.spikes["IO"].ids)
    assert not np.array_equal(plain.weights(), state.weights)
    before, after = plain.state().to_arrays(), fast.state().to_arrays()
    for array, values in before.items():
        assert np.array_equal(values, after[array]), array


@pytest.mark.parametrize("engine", [Numpy(), Numba(threads=1)])
def test_a_state_suffices_to_continue_with_times_since_all_spikes(with_rule, engine):
    model, state = with_rule(RULES_OF_USERS["times since PC spikes"])
    drive = initial_drive(model.parameters)
    whole = integrator_of(engine, model, state)
    list(whole.blocks([Plan(120, drive)]))
    half = integrator_of(engine, model, state)
    list(half.blocks([Plan(55, drive)]))
    rest = integrator_of(engine, model, half.state())
    list(rest.blocks([Plan(120, drive)]))
    assert np.array_equal(whole.weights(), rest.weights())


@pytest.mark.parametrize("name", ["conjunctive", "pair"])
def test_nothing_is_learned_while_parallel_fibers_are_cut(make_loop, name):
    model, state = make_loop("time_step_ms=1", f"plasticity.rule={name}")
    drive = initial_drive(model.parameters)
    cut = drive.__class__(**{**vars(drive), "cut": frozenset({"pf_purkinje"})})
    for engine in (Numpy(), Numba(threads=1)):
        integrator = integrator_of(engine, model, state)
        list(integrator.blocks([Plan(60, drive)]))
        before = integrator.weights().copy()
        list(integrator.blocks([Plan(120, cut)]))
        assert np.array_equal(integrator.weights(), before)


def of_pc_other(since_cf_ms, gain):
    return gain * math.exp(since_cf_ms / -TAU_MS)


def of_two_times(since_pf_ms, since_last_pf_ms):
    return 0.0


def with_default(since_pf_ms, gain=1.0):
    return gain


def raising(since_pf_ms):
    if since_pf_ms > 1:
        raise ValueError
    return 0.0


def recursive(since_pf_ms):
    return recursive(since_pf_ms - 1.0) if since_pf_ms > 1 else 0.0


def in_function(gain):
    return lambda since_pf_ms: gain * since_pf_ms


REFUSED = {
    "no function": ({}, "has no function"),
    "a number": ({"on_cf": 0.1}, r"on_cf of the rule 'test' is 0\.1.*plain Python function"),
    "a compiled function": ({"on_cf": np.sin}, "is of type ufunc"),
    "an unknown argument": ({"on_cf": every_arrival}, "takes change, which is neither"),
    "a time unknown there": (
        {"on_pf": last_arrival, "parameters": {"change": 1.0}},
        "on_pf of the rule 'test' takes since_last_pf_ms, which is neither",
    ),
    "an unused parameter": (
        {"on_cf": constant, "parameters": {"change": 0.1, "chnge": 0.1}},
        "no function of the rule 'test' takes its parameter chnge",
    ),
    "text for a parameter": (
        {"on_cf": constant, "parameters": {"change": "0.1"}},
        "parameter change of the rule 'test' is '0.1'",
    ),
    "no memory": (
        {"on_cf": every_arrival, "parameters": {"change": 0.1}},
        "takes since_pf_ms, but has no memory_ms",
    ),
    "a memory of 0": (
        {"on_cf": every_arrival, "parameters": {"change": 0.1}, "memory_ms": 0},
        "memory_ms of the rule 'test' is 0",
    ),
    "two times since PF spikes": (
        {"on_cf": of_two_times, "memory_ms": 9},
        "takes both since_pf_ms and since_last_pf_ms",
    ),
    "an optional argument": (
        {"on_cf": with_default, "memory_ms": 9, "parameters": {"gain": 0.1}},
        "gain=1.0 of on_cf of the rule 'test' is optional",
    ),
    "an exception": ({"on_cf": raising, "memory_ms": 9}, "may raise an exception"),
    "recursion": ({"on_cf": recursive, "memory_ms": 9}, "calls itself"),
    "a closure": ({"on_cf": in_function(2.0), "memory_ms": 9}, "uses gain of the function around"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unsuitable_rule_is_refused_with_one_message(case):
    options, message = REFUSED[case]
    with pytest.raises(InputError, match=message):
        rule(**options)


def test_a_rule_cannot_have_a_path_as_its_name():
    with pytest.raises(InputError, match="name of the rule"):
        PlasticityRule(name="../rule", on_cf=constant, parameters={"change": 0.1})


def test_rules_are_told_apart_by_their_text_and_constants(monkeypatch):
    one = rule(on_cf=of_cf_interval, parameters={"gain": 0.1})
    other = rule(on_cf=of_pc_other, parameters={"gain": 0.1})
    assert one.source_digest != other.source_digest
    again = rule(on_cf=of_cf_interval, parameters={"gain": 0.1})
    assert again.source_digest == one.source_digest
    monkeypatch.setitem(globals(), "TAU_MS", 50.0)
    changed = rule(on_cf=of_cf_interval, parameters={"gain": 0.1})
    assert changed.source_digest != one.source_digest


def test_a_rule_whose_text_cannot_be_read_is_refused():
    scope = {}
    exec("def unread(since_cf_ms):\n    return 0.0", scope)
    with pytest.raises(InputError, match="text of on_cf of the rule 'test' cannot be read"):
        assert rule(on_cf=scope["unread"]).source_digest
