"""Compiled code is announced while it is made, and kept for other processes."""

from __future__ import annotations

import subprocess
import sys

import pytest

MODULE = """
import sys
from pathlib import Path
import numpy as np
from cerebella.compiled.compilation import (
    NotCachedError, announcing_compilation, refusing_compilation,
)
from cerebella.compiled.engine import Numba
from cerebella.compiled.jit import cached_jit

jit = cached_jit([Path(__file__)])

@jit
def double(values):
    return values * 2

def call(kind):
    return double(np.ones(3, dtype=kind)).dtype.name
"""


@pytest.fixture
def python(tmp_path):
    """Start Python with a module that has one compiled function, and an empty cache."""
    (tmp_path / "module.py").write_text(MODULE)

    def start(code, cache=tmp_path / "cache"):
        return subprocess.Popen(
            [sys.executable, "-c", f"from module import *\n{code}"],
            cwd=tmp_path,
            env={"NUMBA_CACHE_DIR": str(cache), "PATH": ""},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def test_compilation_is_announced_once_and_only_where_it_is_needed(python):
    code = """
for kind in ("f8", "f4"):
    with announcing_compilation(Numba(), print, "test"):
        call(kind), call(kind)
with announcing_compilation(Numba(), print, "test"):
    call("f8")
"""
    first, _ = python(code).communicate()
    assert first.splitlines() == ["Compiling the code of the test (once, about half a minute)"] * 2
    second, _ = python(code).communicate()
    assert second == ""


def test_compilation_can_be_refused(python):
    code = """
try:
    with refusing_compilation():
        print(call("f8"))
except NotCachedError:
    print("not cached", call("f8"))
"""
    assert python(code).communicate()[0] == "not cached float64\n"
    assert python(code).communicate()[0] == "float64\n"


def test_processes_that_compile_at_once_all_find_their_own_code_later(python):
    kinds = ["float64", "complex128"]
    started = [python(f"print(call({kind!r}))") for kind in kinds]
    assert [one.communicate()[0].strip() for one in started] == kinds
    code = f"with refusing_compilation(): print([call(kind) for kind in {kinds!r}])"
    assert python(code).communicate()[0].strip() == str(kinds)


def test_on_a_full_disk_code_is_compiled_but_not_kept(python, small_disk):
    folder = small_disk("size=64k")
    (folder / "full").write_bytes(b"0" * 40_000)  # leaves room for the folder and the index
    for _ in range(2):
        started = python("print(call('f8'))", folder / "cache")
        assert started.communicate()[0] == "float64\n"
        assert started.returncode == 0


IN_THREADS = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
import cerebella as cb

network = cb.generate_network(seed=5, scale=0.1)
ready = Barrier(4)


def simulate(trial):
    ready.wait()
    return len(cb.simulate_mli(network, duration_ms=1, trial=trial, progress=False).spikes.times_ms)


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(simulate, range(4))))
"""


def test_threads_that_simulate_first_at_once_do_not_wait_for_each_other():
    for _ in range(2):
        command = [sys.executable, "-c", IN_THREADS]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
