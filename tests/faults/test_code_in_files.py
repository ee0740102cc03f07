"""NMODL can contain C code; that in a run directory or a file of parameters is never compiled."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer import integrate
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.own_mechanisms import read_mechanisms
from cerebella.parameters.configure import apply_file
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.own_mechanisms import with_mechanisms

NMODL = """\
NEURON { SUFFIX shunt NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0 (S/cm2) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = g*(v + 60) }
"""


def test_parameters_of_a_run_with_nmodl_do_not_repeat_it_without_the_folder(monkeypatch):
    own = read_mechanisms({"shunt.mod": NMODL})
    of_run = with_mechanisms(MLIParameters(), own.described).model_dump(mode="json")
    assert NMODL not in str(of_run)
    network = generate_network(seed=1, scale=0.1)
    monkeypatch.setattr(integrate, "ensure_mechanisms", None)
    for engine in ("auto", "numba", "neuron"):
        with pytest.raises(InputError, match=r"the mechanism shunt, but there is no NMODL for it"):
            simulate_mli(network, parameters=of_run, engine=engine, progress=False)


def test_a_file_of_parameters_cannot_contain_the_text(tmp_path):
    file = tmp_path / "parameters.yaml"
    known = "file: x.mod, sha256: " + "a" * 64
    file.write_text(f"cell: {{mechanisms: {{shunt: {{{known}, text: VERBATIM}}}}}}")
    with pytest.raises(InputError, match=r"unknown parameter 'cell.mechanisms.shunt.text'"):
        apply_file(MLIParameters(), file)
