from __future__ import annotations

import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError, MachineError
from cerebella.olive.engines.engines import ENGINES
from cerebella.olive.engines.numpy_engine import Numpy
from cerebella.runs.engines import engine_of


def test_engines_are_found_by_value_or_by_name():
    assert engine_of("numba", ENGINES) == Numba()
    one = Numba(threads=1)
    assert engine_of("numba", ENGINES, threads=1) == engine_of(one, ENGINES) == one
    assert engine_of("numpy", ENGINES, threads=None) == Numpy()
    assert engine_of("auto", ENGINES, threads=1) == one


def test_auto_is_the_first_engine_that_is_installed(monkeypatch):
    monkeypatch.setattr(Numba, "is_available", lambda self: False)
    assert engine_of("auto", ENGINES) == Numpy()


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_names_itself_and_its_libraries(engine):
    assert engine().is_available()
    assert "numpy" in engine().versions()
    assert set(engine().settings()) <= {"threads", "device", "launches"}


@pytest.mark.parametrize(
    ("given", "settings", "message"),
    [
        ("frog", {}, "'frog' is unknown. Choose from auto, numba, numpy, cuda"),
        (3, {}, "int is not an engine of this level"),
        ("numba", {"threads": 3}, "`threads` is 3: engine numba uses 1 or 2"),
        ("cuda", {"launches": "one"}, "`launches` is 'one'"),
        ("numpy", {"threads": 2}, "engine numpy does not take `threads`"),
    ],
)
def test_other_engines_and_settings_are_refused(given, settings, message):
    with pytest.raises(InputError, match=message):
        engine_of(given, ENGINES, **settings)


def test_an_engine_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(Numba, "is_available", lambda self: False)
    with pytest.raises(MachineError, match="engine numba is not installed"):
        engine_of("numba", ENGINES)
