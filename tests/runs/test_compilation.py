"""Simulations load compiled code without what compiles it."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from cerebella.runs.compilation import levels_with_code

KINDS = [level.kind for level in levels_with_code()]
ON_LINUX_X86_64 = (sys.platform, platform.machine()) == ("linux", "x86_64")


def printed(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize("kind", KINDS)
def test_simulations_with_compiled_code_import_neither_numba_nor_llvm(kind):
    simulated = f"from cerebella.runs.level import level_of; level_of({kind!r}).warm_up()"
    printed(simulated)  # compiles what is not in the cache
    compiler = {"numba", "llvmlite"} if ON_LINUX_X86_64 else {"numba"}
    assert printed(f"{simulated}; import sys; print(*({compiler!r} & set(sys.modules)))") == []
