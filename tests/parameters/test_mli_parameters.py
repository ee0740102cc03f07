"""The molecular layer's numbers: documented, unchangeable, refused where they cannot be."""

from __future__ import annotations

import math

import pytest
from pydantic import BaseModel

from cerebella.errors import InputError
from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters, MLITypeParameters
from cerebella.parameters.mli_network import MLINetworkParameters
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.mli_synapses import MLIConnectionParameters, SynapseParameters

SETS = [
    MLICellParameters,
    MLITypeParameters,
    MLIConnectionParameters,
    MLINetworkParameters,
    MLIParameters,
    SynapseParameters,
]
UNITS = {
    "_mV": "mV",
    "_ms": "ms",
    "_um": "µm",
    "_nA": "nA",
    "_nS": "nS",
    "_pS": "pS",
    "_Hz": "Hz",
    "_C": "°C",
    "_S_per_cm2": "S/cm²",
    "_uF_per_cm2": "µF/cm²",
    "_ohm_cm": "Ω·cm",
}


def quantities(parameters):
    """Fields that are numbers, not sets of parameters or choices."""
    return {
        name: field
        for name, field in parameters.model_fields.items()
        if not isinstance(field.default, BaseModel)
    }


@pytest.mark.parametrize("parameters", SETS)
def test_every_number_carries_unit_and_source(parameters):
    for name, field in quantities(parameters).items():
        extra = field.json_schema_extra
        assert f"[{extra['unit']}]" in field.description, name
        assert extra["source"], name


@pytest.mark.parametrize("parameters", SETS)
def test_a_unit_in_the_name_is_the_unit_of_the_field(parameters):
    for name, field in quantities(parameters).items():
        suffix = max((s for s in UNITS if name.endswith(s)), key=len, default=None)
        if suffix:
            assert field.json_schema_extra["unit"] == UNITS[suffix], name


@pytest.mark.parametrize("parameters", SETS)
def test_parameters_are_frozen_and_unknown_names_refused(parameters):
    values = parameters()
    name = next(iter(parameters.model_fields))
    with pytest.raises(InputError, match="do not change"):
        setattr(values, name, getattr(values, name))
    with pytest.raises(InputError, match=r"unknown parameter '(mli1\.)?frog'"):
        # Types of cells may have parameters of channels of the user, which the whole set knows.
        MLIParameters(mli1={"frog": 1}) if parameters is MLITypeParameters else parameters(frog=1)


@pytest.mark.parametrize("bad", [math.nan, math.inf, "fast", None])
def test_values_that_are_no_finite_number_are_refused(bad):
    for parameters, name in (
        (MLICellParameters, "leak_reversal_mV"),
        (MLITypeParameters, "bias_nA"),
        (MLIConnectionParameters, "pf_rate_Hz"),
        (MLIParameters, "time_step_ms"),
    ):
        with pytest.raises(InputError):
            parameters(**{name: bad})


@pytest.mark.parametrize(
    ("parameters", "name", "value"),
    [
        (MLICellParameters, "soma_diameter_um", 0),
        (MLICellParameters, "na_S_per_cm2", -1),
        (MLITypeParameters, "distal_compartments", 0),
        (MLITypeParameters, "bias_half_range_nA", -0.001),
        (SynapseParameters, "tau_rise_ms", 0),
        (MLIConnectionParameters, "mli2_to_mli1_weight_pS", -1),
        (MLIConnectionParameters, "inhibitory_delay_ms", 0),
        (MLIConnectionParameters, "pf_rate_Hz", -4),
        (MLIParameters, "time_step_ms", 0),
        (MLINetworkParameters, "cf_contact_dendrites", (12,)),
        (MLINetworkParameters, "cf_contact_x", 1.1),
    ],
)
def test_values_out_of_range_are_refused(parameters, name, value):
    with pytest.raises(InputError, match=name):
        parameters(**{name: value})


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        ({"mli2_synapses_per_mli1": 44}, "more than inhibitory_synapses_per_mli1 = 43"),
        ({"mli2_synapses_per_mli2": 24}, "more than inhibitory_synapses_per_mli2 = 23"),
        ({"gap_x_range": (0.9, 0.2)}, "not a range within 0 to 1"),
        ({"gap_x_range": (0.5, 1.2)}, "not a range within 0 to 1"),
        ({"gap_degree_counts": (0, 0)}, "all 0"),
        ({"cf_joining_order": (1, 1)}, "twice"),
        ({"cf_joining_order": (22,)}, "no entry 22"),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(values, fragment):
    with pytest.raises(InputError, match=fragment):
        MLINetworkParameters(**values)


def test_types_and_defaults_are_those_of_the_published_model():
    assert MLI1.model_dump() == {
        "distal_length_um": 180,
        "distal_compartments": 5,
        "bias_nA": 0.0305,
        "bias_half_range_nA": 0.008,
    }
    assert MLI2.model_dump() == {
        "distal_length_um": 100,
        "distal_compartments": 3,
        "bias_nA": 0.0145,
        "bias_half_range_nA": 0.004,
    }
    parameters = MLIParameters()
    assert parameters.of_type("MLI1") == MLI1
    assert parameters.of_type("MLI2") == MLI2
    c = parameters.connections
    kinetics = {
        name: (k.tau_rise_ms, k.tau_decay_ms, k.reversal_mV)
        for name, k in (("pf", c.pf), ("inhibition", c.inhibition), ("cf", c.cf))
    }
    assert kinetics == {"pf": (0.28, 1.23, 0), "inhibition": (1.8, 8.5, -65), "cf": (0.4, 3, 0)}
    weights_pS = (
        c.pf_weight_pS,
        c.inhibitory_weight_pS,
        c.mli2_to_mli1_weight_pS,
        c.cf_weight_pS,
    )
    assert weights_pS == (15, 25, 70, 1577.3)
    assert (c.pf_delay_ms, c.cf_delay_ms, c.inhibitory_delay_ms) == (0.05, 1.75, 1)
    assert c.gap_conductance_nS == 0.3


def test_compartments_follow_the_published_rule_with_default_resistance():
    """The published code evaluates it with Ra 35.4 Ω·cm and Cm 1 µF/cm², not the cell's own."""
    cell = MLICellParameters()
    lambda_um = 1e5 * math.sqrt(cell.dendrite_diameter_um / (4 * math.pi * 100 * 35.4 * 1))
    for of_type in (MLI1, MLI2):
        n = 2 * int((of_type.distal_length_um / (0.1 * lambda_um) + 0.9) / 2) + 1
        assert of_type.distal_compartments == n
