"""Generated starts and steps of gates, carried out on numbers, against the functions in Python."""

from __future__ import annotations

import math
import re

import pytest

from cerebella.molecular_layer.channels import (
    CHANNELS,
    ExactRelaxation,
    OpeningAndClosing,
    temperature_factors,
)
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.molecular_layer.own_channels import own_channels_of
from cerebella.parameters.mli_cell import MLICellParameters

CELSIUS, DT_MS = 34.0, 0.025
FACTORS = temperature_factors(CELSIUS)


def block(channel, start, own=()):
    """Statements of a block of the mechanism of a channel."""
    text = molecular_layer_mechanisms(own).texts[f"{channel.mechanism}.mod"]
    (body,) = re.findall(rf"^{start} {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
    return body.splitlines()


OWN = {
    "ion": "h",
    "q10": 3,
    "reference_C": 24,
    "gates": {
        "n": {"steady": "1/(1 + exp((v + 82)/9))", "rate": "0.01*exp(v/90)", "power": 2},
        "f": {"steady": "1/3", "rate": "1/40", "start": "0.2"},
    },
}


def steady_and_tau_ms(gate, v):
    factor, (first, second) = getattr(FACTORS, gate.factor), (f(v) for f in gate.kinetics)
    if isinstance(gate.kinetics, OpeningAndClosing):
        return first / (first + second), 1 / (factor * (first + second))
    if isinstance(gate.kinetics, ExactRelaxation):
        return first, second / factor
    return first, 1 / (factor * second)


def after_a_step(gate, x, v):
    """Backward Euler, or the exact relaxation."""
    steady, tau_ms = steady_and_tau_ms(gate, v)
    if isinstance(gate.kinetics, ExactRelaxation):
        return steady + (x - steady) * math.exp(-DT_MS / tau_ms)
    return (x + DT_MS / tau_ms * steady) / (1 + DT_MS / tau_ms)


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.mechanism)
@pytest.mark.parametrize("v", [-90.0, -61.0, -25.0, -26.0, 30.0])
def test_start_and_step_are_those_of_the_functions(assign, channel, v):
    names = {"v": v, "dt": DT_MS, "celsius": CELSIUS}
    assign(block(channel, "INITIAL"), names)
    start = [steady_and_tau_ms(gate, v)[0] for gate in channel.gates]
    assert [names[gate.name] for gate in channel.gates] == pytest.approx(start, rel=1e-12)
    names |= {gate.name: 0.3 for gate in channel.gates}
    assign(block(channel, r"PROCEDURE advance\(\)"), names)
    stepped = [after_a_step(gate, 0.3, v) for gate in channel.gates]
    assert [names[gate.name] for gate in channel.gates] == pytest.approx(stepped, rel=1e-12)


def test_channels_of_the_user_relax_exactly(assign):
    (channel,) = own_channels_of(MLICellParameters(channels={"hcn": OWN}))
    text = molecular_layer_mechanisms((channel,)).texts["mli_hcn.mod"]
    assert "NONSPECIFIC_CURRENT i" in text
    assert "g = gmax*n*n*f" in text
    v, names = -70.0, {"v": -70.0, "dt": DT_MS, "celsius": CELSIUS}
    assign(block(channel, "INITIAL", own=(channel,)), names)
    steady, factor = 1 / (1 + math.exp((v + 82) / 9)), 3**1.0
    assert (names["n"], names["f"]) == pytest.approx((steady, 0.2), rel=1e-12)
    names |= {"n": 0.3, "f": 0.3}
    assign(block(channel, r"PROCEDURE advance\(\)", own=(channel,)), names)
    n = steady + (0.3 - steady) * math.exp(-DT_MS * factor * 0.01 * math.exp(v / 90))
    f = 1 / 3 + (0.3 - 1 / 3) * math.exp(-DT_MS * factor / 40)
    assert (names["n"], names["f"]) == pytest.approx((n, f), rel=1e-12)
