"""Runs with a rule of the user: what they record, and what is refused before they start."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.simulate import simulate_olive
from cerebella.runs.load import load_run

SMALL = {"circuit": {"scale": 0.25}, "time_step_ms": 1.0}
TABLE = {1.0: 0.1}


def potentiate(ltp):
    return ltp


def depress(since_pf_ms, ltd, delay_ms):
    return -ltd * math.exp(-abs(since_pf_ms - delay_ms) / 10.0)


def tuned(delay_ms=40.0, name="tuned"):
    parameters = {"ltp": 0.001, "ltd": 0.02, "delay_ms": delay_ms}
    return PlasticityRule(
        name=name, on_pf=potentiate, on_cf=depress, memory_ms=80, parameters=parameters
    )


def simulate(rule, **options):
    options = {"duration_ms": 100.0, "engine": Numba(threads=1), "progress": False} | options
    return simulate_olive(options.pop("parameters", SMALL), rule=rule, **options)


def test_a_run_records_name_parameters_and_digest_of_its_rule(tmp_path):
    rule = tuned()
    simulate(rule, out=tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    assert manifest["rule"] == "tuned"
    assert manifest["parameters"]["plasticity"]["rule"] == "own"
    assert manifest["own_rule"] == {
        "name": "tuned",
        "memory_ms": 80.0,
        "parameters": {"ltp": 0.001, "ltd": 0.02, "delay_ms": 40.0},
        "source_sha256": rule.source_digest,
    }
    text = "\n".join(
        map(
            str, load_run(tmp_path / "run").level.summarize([load_run(tmp_path / "run")], []).blocks
        )
    )
    assert f"(rule tuned) balances at {manifest['predicted_cf_rate_Hz']:.3f} Hz" in text
    assert manifest["predicted_cf_rate_Hz"] == pytest.approx(1000 * 0.001 / (0.02 * 20), rel=0.02)


def test_a_run_with_a_built_in_rule_records_no_own_rule():
    manifest = simulate(None).manifest
    assert "own_rule" not in manifest
    assert "predicted_cf_rate_Hz" not in manifest


def test_both_engines_give_the_same_run():
    drive = {"drive": {"io_bias_mV_per_ms": 4.0}}
    fast, plain = (
        simulate(tuned(), parameters=SMALL | drive, engine=engine)
        for engine in (Numba(threads=2), Numpy())
    )
    assert len(fast.of("IO").times_ms)
    assert np.array_equal(fast.weights.final, plain.weights.final)
    assert np.array_equal(fast.of("PC").times_ms, plain.of("PC").times_ms)
    other = simulate(tuned(delay_ms=20.0), parameters=SMALL | drive)
    assert not np.array_equal(fast.weights.final, other.weights.final)


def test_a_finished_run_is_not_resumed_with_another_rule(tmp_path):
    simulate(tuned(), out=tmp_path / "run")
    simulate(tuned(), out=tmp_path / "run", resume=True)
    with pytest.raises(InputError, match=r"other settings: .*own_rule.*delay_ms"):
        simulate(tuned(delay_ms=30.0), out=tmp_path / "run", resume=True)


def too_large(since_pf_ms):
    return 3.0 if since_pf_ms == 7.0 else 0.0


def not_a_number(since_pf_ms):
    return math.inf - math.inf if since_pf_ms > 10 else 0.0


def dividing(since_pf_ms):
    return 1.0 / since_pf_ms


def without_result(since_pf_ms):
    if since_pf_ms > 3:
        return 0.1
    return None


def from_table(since_pf_ms):
    return TABLE.get(since_pf_ms, 0.0)


def at_random(since_pf_ms):
    return random.random()


def of_cf(since_cf_ms, gain):
    return gain if since_cf_ms == 17.0 else 0.0


REFUSED = {
    "a change out of range": (too_large, "at since_pf_ms = 7 is 3.* from -2 to 2"),
    "no number": (not_a_number, "at since_pf_ms = 11 is nan"),
    "an error": (dividing, "at since_pf_ms = 0 fails: ZeroDivisionError"),
    "no result": (without_result, "at since_pf_ms = 0 fails: TypeError"),
    "a dictionary": (from_table, "on_cf of the rule 'bad' cannot be compiled: .*TABLE"),
    "random numbers": (at_random, "but .* when compiled.*no random numbers"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_unsuitable_function_is_refused_before_the_run(tmp_path, case):
    function, message = REFUSED[case]
    rule = PlasticityRule(name="bad", on_cf=function, memory_ms=30)
    with pytest.raises(InputError, match=message):
        simulate(rule, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("engine", [Numpy(), Numba(threads=1)])
def test_a_change_out_of_range_that_was_not_tried_before_ends_the_run(engine):
    """`of_cf` is not tried at 17 ms since a CF spike."""
    rule = PlasticityRule(name="rare", on_pf=of_cf, parameters={"gain": 9.0})
    drive = {"drive": {"io_bias_mV_per_ms": 4.0}}
    with pytest.raises(InputError, match=r"on_pf of the rule 'rare'.* from -2 to 2"):
        simulate(rule, parameters=SMALL | drive, engine=engine)


@pytest.mark.parametrize(
    ("rule", "options", "message"),
    [
        ("pair", {}, r"`rule` is 'pair'\. Give a PlasticityRule"),
        (tuned(name="pair"), {}, "'pair' is the name of a rule of this package"),
        (tuned(), {"ltp": 0.1}, r"plasticity\.ltp = 0\.1 has no effect on the rule 'tuned'"),
        (tuned(), {"plasticity": "off"}, r"plasticity\.rule = off has no effect"),
        (None, {"plasticity": "own"}, r"no rule is given\. Own rules are given in Python"),
    ],
)
def test_a_rule_that_contradicts_other_arguments_is_refused(rule, options, message):
    with pytest.raises(InputError, match=message):
        simulate(rule, **options)


def test_initial_weights_are_those_asked_for():
    assert simulate(tuned(), initial_weight=0.25).weights.mean[0] == 0.25
