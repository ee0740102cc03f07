"""What `import cerebella` gives."""

from __future__ import annotations

import subprocess
import sys

import pytest

import cerebella


@pytest.mark.parametrize("name", cerebella.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(cerebella, name) is not None


def test_all_names_are_listed_once_and_have_a_home():
    assert sorted(cerebella.__all__) == sorted({*cerebella._HOMES, "__version__"})


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'simulate_frog'"):
        _ = cerebella.simulate_frog


@pytest.mark.parametrize("module", ["cerebella", "cerebella.cli.main"])
def test_import_loads_neither_neuron_nor_the_heavy_libraries(module):
    heavy = {"neuron", "matplotlib", "pandas", "scipy", "h5py"}
    code = f"import sys, {module}; print(*({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_version_is_that_of_the_package():
    from importlib.metadata import version

    assert cerebella.__version__ == version("cerebella")
