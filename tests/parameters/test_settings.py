from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.configure import apply_file
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings, parameters_from


def test_a_nested_mapping_changes_what_it_names():
    found = parameters_from(OliveParameters, {"plasticity": {"ltp": 0.001}, "time_step_ms": 1.0})
    assert found.plasticity.ltp == 0.001
    assert found.plasticity.ltd == OliveParameters().plasticity.ltd
    assert found.time_step_ms == 1.0


def test_a_set_is_taken_as_it_is_and_none_is_the_default():
    given = apply_settings(OliveParameters(), ["time_step_ms=1"])
    assert parameters_from(OliveParameters, given) is given
    assert parameters_from(OliveParameters, None) == OliveParameters()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"plasticity": {"frog": 1}}, "unknown parameter 'plasticity.frog'"),
        ({"plasticity": 1}, "plasticity is a group of parameters"),
        ({"plasticity": {"ltp": 2}}, "plasticity.ltp is 2: it must be less than"),
        (3, "3 is not a set of parameters"),
    ],
)
def test_mappings_that_cannot_be_used_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        parameters_from(OliveParameters, given)


def test_older_names_and_values_are_accepted(tmp_path):
    settings = ["synapses.pf_pkj.tau_ms=5", "pkj.noise_mV=1", "plasticity.rule=judged"]
    file = tmp_path / "older.yaml"
    file.write_text(
        "pkj: {noise_mV: 1}\nsynapses: {pf_pkj: {tau_ms: 5}}\nplasticity: {rule: judged}\n"
    )
    for found in (
        apply_settings(OliveParameters(), settings),
        apply_file(OliveParameters(), file),
    ):
        assert found.synapses.pf_purkinje.tau_ms == 5
        assert found.purkinje.noise_mV == 1
        assert found.plasticity.rule == "conjunctive"
