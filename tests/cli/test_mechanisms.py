"""`--mechanisms`: folders that cannot be used are answered with one message and an exit code."""

from __future__ import annotations

import pytest

HCN = """\
NEURON { SUFFIX hcn NONSPECIFIC_CURRENT i RANGE gbar }
PARAMETER { gbar = 0 (S/cm2) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = gbar*(v + 30) }
"""


@pytest.fixture
def folder(tmp_path):
    """Write a folder with one mechanism."""

    def write(text=HCN, name="hcn.mod"):
        (tmp_path / "mechanisms").mkdir()
        (tmp_path / "mechanisms" / name).write_text(text)
        return tmp_path / "mechanisms"

    return write


def run(cerebella, network, folder, *options):
    return cerebella("mli", "run", network, "out", "--mechanisms", folder, *options)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (HCN.replace("SUFFIX", "POINT_PROCESS"), (), "no density mechanism"),
        (HCN.replace("i = gbar", "i = = gbar"), (), "hcn.mod, row 4: "),
        (HCN, ("--engine", "numba"), "engine numba cannot run NMODL. Leave --engine out"),
        (
            HCN,
            ("--set", "mli1.hcn_g=1"),
            "unknown parameter 'mli1.hcn_g'. Did you mean mli1.hcn_gb",
        ),
        (HCN.replace("hcn", "kv"), (), "kv is also the name of a channel of the package"),
        (HCN.replace("hcn", "pas"), (), "hcn.mod: pas is also the name of a mechanism of NEURON"),
        (HCN, ("--record", "MLI1[0].i_hcn"), "MLI1[0] has no quantity 'i_hcn'. There are v, m_na"),
    ],
)
def test_wrong_input(cerebella, small_network_path, folder, text, options, message):
    done = run(cerebella, small_network_path, folder(text), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


def test_a_folder_without_mechanisms(cerebella, small_network_path, tmp_path):
    done = run(cerebella, small_network_path, tmp_path)
    assert done.returncode == 2
    assert (
        "there is no density mechanism (a .mod file with a SUFFIX) in --mechanisms" in done.stderr
    )


def test_a_machine_without_a_compiler(cerebella_process, small_network_path, folder, tmp_path):
    options = ("--mechanisms", folder(), "--set", "mli1.hcn_gbar=1e-4")
    done = cerebella_process(
        *("mli", "run", small_network_path, "out", *options),
        CEREBELLA_CACHE=str(tmp_path / "cache"),
        PATH="/nowhere",
    )
    assert done.returncode == 1
    assert "no C++ compiler found" in done.stderr


def test_a_cache_that_cannot_be_written(cerebella_process, small_network_path, folder, tmp_path):
    (tmp_path / "file").touch()
    done = cerebella_process(
        *("mli", "run", small_network_path, "out", "--mechanisms", folder()),
        CEREBELLA_CACHE=str(tmp_path / "file" / "cache"),
    )
    assert done.returncode == 1
    assert "cannot be used" in done.stderr


def test_c_code_that_does_not_compile(cerebella, small_network_path, folder, monkeypatch):
    """The log is that of a compiler, which this test does not wait for."""
    from cerebella.neuron_backend import mechanisms_cache

    log = (
        "/x/hcn.cpp: In function 'double f_hcn(double)':\n"
        "/x/hcn.cpp:329:21: error: 'undefined_thing' was not declared in this scope\n"
        "  329 |   _lf = _lx * 2 + undefined_thing;\n"
    )

    def fail(command, file, **options):
        file.write_text(log)
        return 2

    monkeypatch.setattr(mechanisms_cache, "run_to_log", fail)
    done = run(cerebella, small_network_path, folder())
    assert done.returncode == 2
    assert "hcn.mod: its C++ does not compile: 'undefined_thing' was not declared" in done.stderr
    assert "_lf = _lx * 2 + undefined_thing;" in done.stderr
