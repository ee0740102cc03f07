from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.olive.perturbation_grammar import perturbations_from
from cerebella.olive.perturbations import initial_drive, perturb
from cerebella.parameters.olive_simulation import OliveParameters, PlasticityParameters


def after(*texts, parameters=None):
    parameters = parameters or OliveParameters()
    drive = initial_drive(parameters)
    for one in perturbations_from(texts):
        drive = perturb(drive, one, parameters)
    return drive


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("300s:io_bias+0.3", "io_bias_mV_per_ms", 2.2),
        ("300s:io_bias-0.3", "io_bias_mV_per_ms", 1.6),
        ("300s:mf_rate*2", "mf_rate_Hz", 20.0),
        ("5min:pf_rate=40", "pf_rate_Hz", 40.0),
        ("500: gap = 0", "gap_per_ms", 0.0),
        ("1:plasticity=off", "plasticity", False),
        ("1:cut=DCN→IO", "cut", frozenset({"dcn_io"})),
        ("1:cut=dcn->io,cut=CF→PC", "cut", frozenset({"dcn_io", "cf_purkinje"})),
        ("1:cut=IO→PC", "cut", frozenset({"cf_purkinje"})),
    ],
)
def test_changes_do_what_they_say(text, field, value):
    changed = getattr(after(text), field)
    assert changed == (pytest.approx(value) if isinstance(value, float) else value)


def test_what_is_cut_can_be_restored():
    assert after("1:cut=PF→BC", "2:restore=PF→BC").cut == frozenset()


def test_perturbations_are_put_in_order_of_time():
    times = [one.time_ms for one in perturbations_from(["5s:gap=0", "2000:gap=1"])]
    assert times == [2000, 5000]


@pytest.mark.parametrize(
    "text",
    ["io_bias+0.3", "x:gap=0", "-1:gap=0", "1:gap", "1:frog=2", "1:cut=PF→MF", "1:plasticity=1",
     "1:mf_rate*2.3.4", "1:", "inf:gap=0", "1:plasticity=off,nonsense"],
)  # fmt: skip
def test_what_does_not_parse_is_refused_with_the_grammar(text):
    with pytest.raises(InputError, match=r"TIME:CHANGE"):
        perturbations_from([text])


def test_rates_cannot_become_negative():
    with pytest.raises(InputError, match="negative"):
        after("1:mf_rate-20")


def test_plasticity_without_a_rule_cannot_be_turned_on():
    parameters = OliveParameters(plasticity=PlasticityParameters(rule="off"))
    with pytest.raises(InputError, match=r"plasticity\.rule of this run is off"):
        after("1:plasticity=on", parameters=parameters)
