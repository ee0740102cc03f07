"""What `import cerebella` gives."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cerebella


@pytest.mark.parametrize("name", cerebella.__all__)
def test_every_public_name_can_be_imported(name):
    assert getattr(cerebella, name) is not None


def test_dir_lists_each_public_name_once():
    assert sorted(dir(cerebella)) == sorted(set(cerebella.__all__))
    assert {"simulate_mli", "Run", "__version__"} <= set(dir(cerebella))


def test_each_line_of_the_list_exports_its_name_to_type_checkers():
    """A stub exports what it imports only as ``name as name``."""
    stub = Path(cerebella.__file__).with_suffix(".pyi").read_text()
    imports = [node for node in ast.parse(stub).body if isinstance(node, ast.ImportFrom)]
    aliases = [alias for node in imports for alias in node.names]
    assert [alias.name for alias in aliases if alias.asname != alias.name] == []
    assert len({alias.name for alias in aliases}) == len(aliases)


def test_package_is_marked_as_typed():
    assert Path(cerebella.__file__).with_name("py.typed").is_file()


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="simulate_frog"):
        _ = cerebella.simulate_frog


@pytest.mark.parametrize(
    ("module", "not_yet"),
    [
        ("cerebella", {"numpy", "pydantic"}),
        ("cerebella.cli.main", {"h5py", "pandas", "yaml"}),
        ("cerebella.molecular_layer.simulate", {"pandas"}),
        ("cerebella.purkinje.simulate", {"pandas"}),
        ("cerebella.analysis.purkinje", {"pandas"}),
        ("cerebella.experiments.cf_synchrony.sweep", {"pandas"}),
    ],
)
def test_heavy_libraries_are_imported_when_they_are_used(module, not_yet):
    """Imports would otherwise take longer than a short simulation."""
    heavy = {"neuron", "numba", "matplotlib", "scipy", "pybtex"} | not_yet
    code = f"import sys, {module}; print(*({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_version_is_that_of_the_package():
    from importlib.metadata import version

    assert cerebella.__version__ == version("cerebella")
