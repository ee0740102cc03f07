"""Generated steps of gates, carried out on numbers, against the functions in Python."""

from __future__ import annotations

import math
import re

import pytest

from cerebella.purkinje.channels import CHANNELS
from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms

CELSIUS, DT_MS = 34.0, 0.02


def block(channel, start):
    """Statements of a block of the mechanism of a channel, without calls."""
    text = purkinje_mechanisms().texts[f"{channel.mechanism}.mod"]
    (body,) = re.findall(rf"^{start} {{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL)
    return [line for line in body.splitlines() if not re.search(r"evaluate|flux", line)]


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
@pytest.mark.parametrize("v", [-90.0, -61.0, -20.0, 30.0])
@pytest.mark.parametrize("calcium_mM", [4.5e-5, 2e-3])
def test_start_and_step_are_those_of_the_functions(assign, channel, v, calcium_mM):
    names = {"v": v, "cai": calcium_mM, "dt": DT_MS, "celsius": CELSIUS}
    assign(block(channel, "INITIAL"), names)
    arguments = (v, calcium_mM) if channel.by_calcium else (v,)
    start = [(gate.start or gate.steady)(*arguments) for gate in channel.all_gates]
    assert [names[gate.name] for gate in channel.all_gates] == pytest.approx(start, rel=1e-12)
    names |= {gate.name: 0.3 for gate in channel.all_gates}
    assign(block(channel, r"PROCEDURE advance\(\)"), names)
    for gate in channel.all_gates:
        steady = gate.steady(*arguments)
        rate = gate.rate(*arguments) if callable(gate.rate) else gate.rate
        kept = math.exp(-DT_MS * channel.factor(CELSIUS) * rate)
        assert names[gate.name] == pytest.approx(steady + (0.3 - steady) * kept, rel=1e-12)
