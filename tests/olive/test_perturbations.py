from __future__ import annotations

from dataclasses import asdict

import pytest

from cerebella.errors import InputError
from cerebella.olive.perturbation_grammar import perturbations_from, stored_perturbations
from cerebella.olive.perturbations import Perturbation, initial_drive, perturb
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


def test_values_texts_and_mappings_are_the_same_perturbation():
    value = Perturbation(time_ms=300_000, quantity="io_bias", operator="+", value=0.3)
    assert perturbations_from("300s:io_bias+0.3") == perturbations_from([value]) == (value,)
    assert perturbations_from(asdict(value)) == (value,)


@pytest.mark.parametrize(
    "text",
    ["300s:io_bias+0.3", "0.1ms:gap=0", "90s:plasticity=off", "1s:cut=DCN→IO", "5s:mf_rate*2"],
)
def test_a_perturbation_is_shown_as_the_text_that_it_is_read_from(text):
    assert str(perturbations_from(text)[0]) == text


def test_older_manifests_have_texts_with_the_time_in_seconds():
    manifest = {"perturbations": ["300:io_bias+0.3", "0.5:cut=DCN→IO"]}
    assert [str(one) for one in stored_perturbations(manifest)] == [
        "500ms:cut=DCN→IO",
        "300s:io_bias+0.3",
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((-1.0, "gap", "=", 0.0), "Give a time from 0 on"),
        ((1.0, "frog", "=", 0.0), "perturbation of 'frog'. Choose from io_bias"),
        ((1.0, "gap", "/", 2.0), r"Choose from = \+ - \*"),
        ((1.0, "plasticity", "+", True), "Choose from ="),
        ((1.0, "plasticity", "=", 1.0), "plasticity is True or False, not 1.0"),
        ((1.0, "gap", "=", float("nan")), "nan is not a finite number"),
        ((1.0, "cut", "=", "PF→MF"), "Choose from PF→PC"),
    ],
)
def test_values_that_make_no_perturbation_are_refused(values, message):
    with pytest.raises(InputError, match=message):
        Perturbation(*values)
