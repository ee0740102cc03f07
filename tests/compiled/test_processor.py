"""The processor is named without LLVM on Linux, and numba's variables name another one."""

from __future__ import annotations

import platform
import sys

import pytest
from llvmlite import binding

from cerebella.compiled import processor
from cerebella.compiled.processor import register_bytes, target_processor

FIRST = """processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: a name that is not part of the key
stepping\t: 8
cpu MHz\t\t: 2100.000
flags\t\t: sse2 fpu avx512f avx2
"""
SECOND = FIRST.replace("143", "55").replace(" avx512f", "")
OF_LLVM = (binding.get_host_cpu_name(), binding.get_host_cpu_features().flatten())


@pytest.fixture
def named(tmp_path, monkeypatch):
    """Return the processor for a text of the kernel and variables of numba."""

    def name(text, **variables):
        for part in ("NAME", "FEATURES"):
            monkeypatch.delenv(f"NUMBA_CPU_{part}", raising=False)
        for key, value in variables.items():
            monkeypatch.setenv(key, value)
        (tmp_path / "cpuinfo").write_text(text)
        monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
        target_processor.cache_clear()
        return target_processor()

    yield name
    target_processor.cache_clear()


def test_the_kernel_names_the_first_processor(named):
    assert named(f"{FIRST}\n{SECOND}") == ("GenuineIntel 6 143 8", "+avx2,+avx512f,+fpu,+sse2")
    assert register_bytes() == 64
    assert named(f"{SECOND}\n{FIRST}") == ("GenuineIntel 6 55 8", "+avx2,+fpu,+sse2")
    assert register_bytes() == 32


def test_variables_of_numba_come_first(named):
    assert named(FIRST, NUMBA_CPU_NAME="haswell", NUMBA_CPU_FEATURES="") == ("haswell", "")
    assert register_bytes() == 32
    assert named(SECOND, NUMBA_CPU_FEATURES="+avx2,+avx512f")[0] == "GenuineIntel 6 55 8"
    assert register_bytes() == 64
    assert named(SECOND, NUMBA_CPU_NAME="skylake-avx512")[0] == "skylake-avx512"
    assert register_bytes() == 32


@pytest.mark.parametrize("text", ["", "processor : 0\nFeatures : fp asimd\n", "flags : avx512f\n"])
def test_llvm_names_processors_that_the_kernel_does_not(named, text):
    assert named(text) == OF_LLVM


@pytest.mark.skipif(
    (sys.platform, platform.machine()) != ("linux", "x86_64"), reason="for Linux on x86-64"
)
def test_kernel_and_llvm_agree_on_the_size_of_registers(named):
    named(processor._CPUINFO.read_text())
    assert register_bytes() == (64 if "+avx512f" in OF_LLVM[1].split(",") else 32)
