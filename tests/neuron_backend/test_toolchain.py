"""Where the programs of the NEURON side are looked for."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cerebella.errors import MachineError
from cerebella.neuron_backend import toolchain


@pytest.fixture
def program(tmp_path):
    """Make an executable file in a separate folder; returns its path."""

    def make(name, folder="bin"):
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("#!/bin/sh\n")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture(autouse=True)
def _empty_machine(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "environment"))
    monkeypatch.delenv("CXX", raising=False)


@pytest.mark.parametrize(
    ("find", "remedy"),
    [
        (toolchain.find_compiler, "apt install g\\+\\+"),
        (toolchain.find_make, "apt install make"),
        (toolchain.find_perl, "apt install perl"),
        (toolchain.find_nrnivmodl, "neuron==9.0.2"),
        (toolchain.find_mpiexec, "pip install mpich"),
    ],
)
def test_what_is_missing_is_named_with_a_remedy(find, remedy):
    with pytest.raises(MachineError, match=rf"found.*{remedy}"):
        find()


def test_any_known_compiler_will_do_and_gnu_comes_first(program):
    last = program("c++")
    assert toolchain.find_compiler() == last
    clang = program("clang++")
    assert toolchain.find_compiler() == clang
    gnu = program("g++")
    assert toolchain.find_compiler() == gnu


def test_cxx_chooses_the_compiler_with_or_without_options(program, monkeypatch):
    program("g++")
    mine = program("my++")
    for value in ("my++", "my++ -O3 -march=native", str(mine)):
        monkeypatch.setenv("CXX", value)
        assert toolchain.find_compiler() == mine
    monkeypatch.setenv("CXX", "absent++")
    with pytest.raises(MachineError, match=r"CXX=absent\+\+ .* not found.*unset CXX"):
        toolchain.find_compiler()
    monkeypatch.setenv("CXX", "")
    assert toolchain.find_compiler().name == "g++"


def test_programs_of_this_python_environment_come_first(program, tmp_path):
    elsewhere = program("mpiexec")
    assert toolchain.find_mpiexec() == elsewhere
    (tmp_path / "environment").mkdir()
    own = program("mpiexec", "environment/bin")
    assert toolchain.find_mpiexec() == own


def test_a_program_that_may_not_be_run_does_not_count(program):
    program("make").chmod(0o644)
    with pytest.raises(MachineError, match="make not found"):
        toolchain.find_make()


def test_mpi_library_is_that_of_this_environment_or_left_to_neuron(tmp_path):
    assert toolchain.find_mpi_library() is None
    library = tmp_path / "environment" / "lib" / "libmpi.so.12"
    library.parent.mkdir(parents=True)
    library.touch()
    assert toolchain.find_mpi_library() == Path(library)
