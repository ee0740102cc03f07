"""Rules as values: changes at each event, and agreement between engines."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.olive.engines.engine import Plan
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.perturbations import initial_drive
from cerebella.olive.rules.rule import Change, Changes, Counted
from cerebella.olive.rules.table import RULES
from cerebella.parameters.olive_simulation import (
    OliveParameters,
    PlasticityParameters,
    PlasticityRule,
)

LTP, LTD = 20_000, 190_000
EVENTS = {
    "all arrivals": Changes(LTP, Change(-LTD, Counted.ARRIVALS, 90)),
    "last arrival, no potentiation": Changes(0, Change(-LTD, Counted.LAST_ARRIVAL, 60)),
    "PC spikes count unclaimed arrivals": Changes(
        LTP,
        Change(-LTD, Counted.LAST_ARRIVAL, 60),
        Change(LTP // 4, Counted.UNCLAIMED_ARRIVALS, 30),
    ),
    "PC spikes count all arrivals": Changes(
        0, Change(LTP, Counted.UNCLAIMED_ARRIVALS, 50), Change(-LTP // 9, Counted.ARRIVALS, 70)
    ),
}


def test_the_table_has_the_rules_that_parameters_name():
    assert set(RULES) == set(get_args(PlasticityRule))


@pytest.mark.parametrize(("rule", "rate_Hz"), [("conjunctive", 1.0), ("pair", 2.3), ("off", None)])
def test_each_rule_predicts_the_rate_at_which_it_balances(rule, rate_Hz):
    plasticity = PlasticityParameters(rule=rule, ltp=0.00030556 if rule != "pair" else 0.0001)
    found = RULES[rule].predicted_rate(plasticity, lambda: {"PC": 60.0, "PF": 26.0})
    assert found == (None if rate_Hz is None else pytest.approx(rate_Hz, rel=0.1))


def test_a_rule_without_events_remembers_nothing():
    changes = RULES["off"].changes(PlasticityParameters(), OliveParameters().steps)
    assert changes == Changes()
    assert changes.history == 0
    assert not changes.mark_last_arrivals


@pytest.mark.parametrize("events", EVENTS)
def test_engines_agree_on_any_combination_of_events(make_loop, monkeypatch, events):
    of_events = RULES["conjunctive"]._replace(changes=lambda plasticity, steps: EVENTS[events])
    monkeypatch.setitem(RULES, "conjunctive", of_events)  # type: ignore[arg-type]
    model, state = make_loop("time_step_ms=1", "drive.io_bias_mV_per_ms=4")
    plans = [Plan(stop, initial_drive(model.parameters)) for stop in (70, 150)]
    plain, fast = (integrator_of(one, model, state) for one in (Numpy(), Numba(threads=1)))
    list(plain.blocks(plans))
    (_, block) = fast.blocks(plans)
    assert len(block.spikes["IO"].ids)
    assert not np.array_equal(plain.weights(), state.weights)
    before, after = plain.state().to_arrays(), fast.state().to_arrays()
    for name, values in before.items():
        assert np.array_equal(values, after[name]), name


@pytest.mark.parametrize("rule", ["conjunctive", "pair"])
def test_nothing_is_learned_while_parallel_fibers_are_cut(make_loop, rule):
    model, state = make_loop("time_step_ms=1", f"plasticity.rule={rule}")
    drive = initial_drive(model.parameters)
    cut = drive.__class__(**{**vars(drive), "cut": frozenset({"pf_purkinje"})})
    for engine in (Numpy(), Numba(threads=1)):
        integrator = integrator_of(engine, model, state)
        list(integrator.blocks([Plan(60, drive)]))
        before = integrator.weights().copy()
        list(integrator.blocks([Plan(120, cut)]))
        assert np.array_equal(integrator.weights(), before)
