"""Which mechanisms are compiled, and for which processor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend import mechanism_sets
from cerebella.neuron_backend.mechanism_sets import (
    MechanismSet,
    processor_options,
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


def test_the_source_hash_follows_equations_and_no_comments():
    def of(text):
        return source_hash(MechanismSet({"a.mod": text}))

    plain = of("NEURON {\n    SUFFIX a\n}\n")
    commented = "TITLE a\n\nCOMMENT\nwords\nENDCOMMENT\nNEURON { : words\n    SUFFIX a\n\n}\n"
    assert of(commented) == plain
    assert of("NEURON {\n    SUFFIX b\n}\n") != plain
    assert of("VERBATIM\nx = y ? 1 : 2;\nENDVERBATIM\n") != of("VERBATIM\nx = y\nENDVERBATIM\n")
