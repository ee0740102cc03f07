"""Probes as text: place, quantity, sampling interval."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.runs.probes import parse_probe, trace_name


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("soma.v", ("soma", "v", None)),
        ("spiny[150.5um].calcium", ("spiny[150.5um]", "calcium", None)),
        ("dend[3](0.5).v", ("dend[3](0.5)", "v", None)),
        ("spiny[random 5].c_pool[2]", ("spiny[random 5]", "c_pool[2]", None)),
        (" cell.dend[3](.5).o1_sk2@20us ", ("cell.dend[3](.5)", "o1_sk2", 0.02)),
        ("all.ik_kv3@1", ("all", "ik_kv3", 1.0)),
    ],
)
def test_the_last_point_before_a_name_separates_place_and_quantity(text, parts):
    assert parse_probe(text) == (text, *parts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("soma", "'soma' is not a probe. A probe is a place, a point and a quantity"),
        ("soma.", "is not a probe"),
        (".v", "is not a probe"),
        ("soma.2v", "is not a probe"),
        ("soma.v@", "'' is not a time"),
        ("soma.v@fast", "'fast' is not a time"),
        ("soma.v@0ms", r"'soma\.v@0ms' is not positive"),
    ],
)
def test_other_text_is_refused(text, message):
    with pytest.raises(InputError, match=message):
        parse_probe(text)


def test_names_of_traces_are_words():
    names = [trace_name("c_pool[1]", None), trace_name("v", 0.02), trace_name("v", 1e-7)]
    assert names == ["probe_c_pool_1", "probe_v_0_02ms", "probe_v_1e_07ms"]
    assert all(name.isidentifier() for name in names)
