"""Which mechanisms are compiled, and for which processor."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from cerebella.neuron_backend import mechanism_sets
from cerebella.neuron_backend.mechanism_sets import (
    MechanismSet,
    molecular_layer_mechanisms,
    processor_options,
    purkinje_mechanisms,
    source_hash,
)
from cerebella.neuron_backend.mechanisms_cache import mechanism_key

AVX2 = {"avx2", "fma", "bmi2"}
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}


@pytest.mark.parametrize(
    ("flags", "used", "halves"),
    [
        (AVX512 | {"amx_tile"}, AVX512, True),
        (AVX512 - {"avx512vl"}, AVX2, False),
        (AVX2, AVX2, False),
        (AVX2 - {"fma"}, set(), False),
        (set(), set(), False),
    ],
)
def test_compiler_options_follow_what_the_processor_can_do(monkeypatch, flags, used, halves):
    """Named one by one; of AVX-512, which then is used in halves, all or nothing."""
    monkeypatch.setattr(mechanism_sets, "_processor_flags", lambda: frozenset(flags))
    options = set(processor_options())
    machine = {f"-m{flag}" for flag in used}
    machine |= {"-mprefer-vector-width=256"} if halves else set()
    assert {option for option in options if option.startswith("-m")} == machine
    assert "-ffast-math" in options


def test_libraries_for_different_processors_have_different_keys():
    plain = molecular_layer_mechanisms()
    keys = {
        mechanism_key(replace(plain, options=options))
        for options in ((), ("-march=x86-64-v3",), ("-march=x86-64-v4",))
    }
    assert len(keys) == 3


@pytest.mark.parametrize("mechanisms", [molecular_layer_mechanisms, purkinje_mechanisms])
def test_no_mechanism_holds_c_code_or_a_kinetic_block(mechanisms):
    for name, text in mechanisms().texts.items():
        assert not re.search(r"\b(VERBATIM|KINETIC)\b", text), name


def test_generated_mechanisms_have_no_names_left_to_fill_in():
    for name, text in purkinje_mechanisms().texts.items():
        assert "$" not in text, name


def test_pools_take_the_place_of_their_template():
    names = set(purkinje_mechanisms().texts)
    assert "calcium.mod" not in names
    assert {f"calcium_{region}.mod" for region in ("soma", "ais", "smooth", "spiny")} <= names


def test_pools_advance_before_what_passes_calcium_on_and_that_before_channels():
    """NEURON advances mechanisms in the order of their files."""
    names = list(purkinje_mechanisms().texts)
    assert names == sorted(names)
    channels = [name for name in names if name.startswith("pc_")]
    assert names.index("calcium_spiny.mod") < names.index("calcium_to_ion.mod")
    assert names.index("calcium_to_ion.mod") < names.index(channels[0])


def test_the_source_hash_follows_equations_and_no_comments():
    def of(text):
        return source_hash(MechanismSet({"a.mod": text}))

    plain = of("NEURON {\n    SUFFIX a\n}\n")
    commented = "TITLE a\n\nCOMMENT\nwords\nENDCOMMENT\nNEURON { : words\n    SUFFIX a\n\n}\n"
    assert of(commented) == plain
    assert of("NEURON {\n    SUFFIX b\n}\n") != plain
    assert of("VERBATIM\nx = y ? 1 : 2;\nENDVERBATIM\n") != of("VERBATIM\nx = y\nENDVERBATIM\n")
    hashes = {source_hash(molecular_layer_mechanisms()), source_hash(purkinje_mechanisms())}
    assert len(hashes) == 2
