"""Procedures are compiled once, kept, and loaded without numba."""

from __future__ import annotations

import platform
import subprocess
import sys

import numpy as np
import pytest

from cerebella.compiled.procedure import Procedure
from cerebella.errors import MachineError

MODULE = """
import math
import sys
from typing import NamedTuple
import numpy as np
from cerebella.compiled.compilation import (
    NotCachedError, announcing_compilation, refusing_compilation,
)
from cerebella.compiled.engine import Numba
from cerebella.compiled.procedure import Procedure

class Numbers(NamedTuple):
    values: object
    factor: float

def scale(arguments_at):
    def scaled(address):
        n, numbers = arguments_at(address)
        for i in range(n):
            numbers.values[i] *= numbers.factor
    return scaled

def exponents(arguments_at):
    def procedure(address):
        x, y, large = arguments_at(address)
        total = 0 if y is None else 1
        total += math.frexp(math.exp(math.log(x)))[1]
        return -total if large >> np.uint64(63) else total
    return procedure

exponent = Procedure("exponent", exponents, lambda: "of this test")

scaled = Procedure("scale", scale, lambda: "of this test")

def call(kind):
    values = np.array([1, 2, 3], kind)
    scaled(2, Numbers(values, 2.0))
    return values.tolist()
"""


@pytest.fixture
def python(tmp_path):
    """Start Python with a module that has one procedure, and an empty cache."""
    (tmp_path / "module.py").write_text(MODULE)

    def start(code, cache=tmp_path / "cache"):
        return subprocess.Popen(
            [sys.executable, "-c", f"from module import *\n{code}"],
            cwd=tmp_path,
            env={"CEREBELLA_CACHE": str(cache), "PATH": ""},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


def printed(process):
    out, _ = process.communicate()
    assert process.returncode == 0
    return out.splitlines()


def files_in(tmp_path):
    return sorted((tmp_path / "cache").glob("*.code"))


def test_only_the_first_process_compiles_and_imports_numba(python, tmp_path):
    code = """
with announcing_compilation(Numba(), print, "test"):
    print(call("f8"), call("f8"), "numba" in sys.modules)
"""
    announced = "Compiling the code of the test (once, up to a minute)"
    assert printed(python(code)) == [announced, "[2.0, 4.0, 3.0] [2.0, 4.0, 3.0] True"]
    assert printed(python(code)) == ["[2.0, 4.0, 3.0] [2.0, 4.0, 3.0] False"]
    if (sys.platform, platform.machine()) == ("linux", "x86_64"):
        without_llvm = "call('f8'); print('llvmlite' in sys.modules)"
        assert printed(python(without_llvm)) == ["False"]
    (file,) = files_in(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert printed(python("print(call('f4'))")) == ["[2.0, 4.0, 3.0]"]
    assert len(files_in(tmp_path)) == 2


def test_results_and_functions_of_mathematics(python):
    code = """
large = np.uint64(2**63)
print(exponent(1000.0, None, np.uint64(0)), exponent(3.0, None, large), exponent(3.0, 1, large))
"""
    for _ in range(2):  # compiled, and loaded
        assert printed(python(code)) == ["10 -2 -3"]


def test_compilation_can_be_refused(python):
    code = """
try:
    with refusing_compilation():
        print(call("f8"))
except NotCachedError:
    print("not cached", "numba" in sys.modules)
"""
    assert printed(python(code)) == ["not cached False"]
    printed(python("call('f8')"))
    assert printed(python(code)) == ["[2.0, 4.0, 3.0]"]


def test_processes_that_compile_at_once_compile_once_or_find_their_own_code(python, tmp_path):
    started = [python(f"print(call({kind!r}))") for kind in ("f8", "f4", "f8", "f4")]
    assert [printed(one) for one in started] == 4 * [["[2.0, 4.0, 3.0]"]]
    assert len(files_in(tmp_path)) == 2


@pytest.mark.parametrize("damage", [lambda code: code[:-1], lambda code: code[:40], lambda _: b""])
def test_damaged_code_is_compiled_again(python, tmp_path, damage):
    printed(python("call('f8')"))
    (file,) = files_in(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert printed(python("print(call('f8'))")) == ["[2.0, 4.0, 3.0]"]
    assert file.read_bytes().partition(b"\n")[2] == whole.partition(b"\n")[2]


def test_on_a_full_disk_code_is_compiled_but_not_kept(python, small_disk):
    folder = small_disk("size=8k")
    (folder / "full").write_bytes(b"0" * 8_000)  # leaves room for the folder
    for _ in range(2):
        started = python("print(call('f8'), 'numba' in sys.modules)", folder / "cache")
        assert printed(started) == ["[2.0, 4.0, 3.0] True"]


def test_without_a_cache_folder_code_is_compiled(python, tmp_path):
    (tmp_path / "file").touch()
    started = python("print(call('f8'), 'numba' in sys.modules)", tmp_path / "file" / "cache")
    assert printed(started) == ["[2.0, 4.0, 3.0] True"]


def test_code_that_others_can_change_is_not_loaded(tmp_path, monkeypatch):
    def nothing(arguments_at):
        def procedure(address):
            pass

        return procedure

    monkeypatch.setenv("CEREBELLA_CACHE", str(tmp_path / "cache"))
    Procedure("nothing", nothing, lambda: "of this test")(np.zeros(1))
    (file,) = files_in(tmp_path)
    file.chmod(0o666)
    with pytest.raises(MachineError, match=f"other users may write to {file}"):
        Procedure("nothing", nothing, lambda: "of this test")(np.zeros(1))
