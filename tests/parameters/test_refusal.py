"""Values that cannot be used are refused with parameter, value and limit, never by pydantic."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.refusal import RefusedValueError


def test_a_value_in_a_part_is_named_with_its_path_and_limit():
    with pytest.raises(RefusedValueError) as refused:
        MLIParameters(connections={"pf_rate_Hz": -1})
    message = "connections.pf_rate_Hz is -1: it must be greater than or equal to 0"
    assert str(refused.value) == message
    assert refused.value.path == "connections.pf_rate_Hz"
    assert refused.value.value == -1


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"time_step_ms": "fast"}, "time_step_ms is 'fast': it must be a valid number"),
        ({"cel": {}}, "unknown parameter 'cel'. Did you mean cell?"),
        ({"cell": {"na_S": 1}}, "unknown parameter 'cell.na_S'. Did you mean cell.na_S_per_cm2"),
        ({"mli1": 3}, "mli1 is 3: it must be a valid dictionary"),
    ],
)
def test_construction_and_validation_refuse_alike(values, message):
    for make in (lambda: MLIParameters(**values), lambda: MLIParameters.model_validate(values)):
        with pytest.raises(InputError) as refused:
            make()
        assert str(refused.value).startswith(message)


def test_values_that_contradict_each_other_are_explained():
    with pytest.raises(InputError, match=r"0\.375 can be built"):
        OliveParameters(circuit={"scale": 0.3})


def test_text_of_json_is_refused_alike():
    with pytest.raises(RefusedValueError, match="time_step_ms is 0: it must be greater than 0"):
        MLIParameters.model_validate_json('{"time_step_ms": 0}')


def test_a_part_given_in_part_keeps_the_defaults_of_its_set():
    """The defaults of an olivary cell, not those of a Purkinje cell, whose class it shares."""
    io = OliveParameters(io={"noise_mV": 0.5}).io
    assert io == OliveParameters().io.model_copy(update={"noise_mV": 0.5})
    inhibition = MLIParameters(connections={"inhibition": {"tau_decay_ms": 5.9}})
    assert inhibition.connections.inhibition.tau_rise_ms == 1.8
