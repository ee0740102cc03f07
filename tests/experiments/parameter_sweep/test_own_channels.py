"""Sweeps over channels and mechanisms of the user: which runs get them, and on which engine."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep import sweep as module
from cerebella.experiments.parameter_sweep.points import read_variations
from cerebella.experiments.parameter_sweep.sweep import sweep
from cerebella.experiments.parameter_sweep.swept import SWEPT
from cerebella.network.generate import generate_network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.settings import parameters_from

KM = {"ion": "k", "gates": {"n": {"steady": "1/(1 + exp(-(v + 30)/6))", "rate": 0.02}}}
NMODL = """\
NEURON { SUFFIX shunt NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0 (S/cm2) }
ASSIGNED { v (mV)  i (mA/cm2) }
BREAKPOINT { i = g*(v + 60) }
"""


@pytest.fixture
def tasks_of_sweep(tmp_path, monkeypatch):
    """Return the tasks of a sweep, which are not run, and the lines that it announces."""

    class StopError(Exception):
        pass

    def collect(swept, vary, **options):
        found, lines = [], []

        def stop(folder, tasks, **more):
            found.extend(tasks)
            raise StopError

        monkeypatch.setattr(module, "run_sweep", stop)
        network = generate_network(seed=3, scale=0.1)
        options = {"executor": "sequential", "announce": lines.append, **options}
        with pytest.raises(StopError):
            sweep(tmp_path, swept, vary, network=network, **options)
        return found, lines

    return collect


def test_the_density_of_a_channel_is_a_variable():
    known = parameters_from(MLIParameters, {"cell": {"channels": {"km": KM}}})
    (found,) = read_variations(SWEPT["mli"], {"mli1.km_S_per_cm2": [0, 1e-3]}, known)
    assert found.variable.path == "mli1.km_S_per_cm2"
    with pytest.raises(InputError, match=r"no parameter .mli1\.kn_S_per_cm2"):
        read_variations(SWEPT["mli"], {"mli1.kn_S_per_cm2": [0, 1e-3]}, known)


def test_mechanisms_are_settings_of_the_runs_that_use_them(tasks_of_sweep):
    tasks, lines = tasks_of_sweep(
        "purkinje",
        {"purkinje.cell.spiny.shunt_g": [0, 1e-5]},
        mechanisms={"shunt.mod": NMODL},
    )
    network, *cells = tasks
    assert "mechanisms" not in network.settings
    assert network.settings["parameters"]["cell"]["mechanisms"] == {}
    assert network.labels["engine"] == "numba"
    for cell, density in zip(cells, (0, 1e-5), strict=True):
        assert cell.settings["mechanisms"] == {"shunt.mod": NMODL}
        assert cell.settings["parameters"]["cell"]["spiny"]["shunt_g"] == density
        assert cell.labels["engine"] == "coreneuron"
    assert lines == ["NMODL of the user is run by coreneuron"]


def test_of_the_molecular_layer(tasks_of_sweep):
    vary = {"mli2.shunt_g": [1e-5]}
    mechanisms = {"shunt.mod": NMODL}
    (task,), _ = tasks_of_sweep("mli", vary, mechanisms=mechanisms, engine="neuron")
    assert task.settings["mechanisms"] == mechanisms
    assert task.labels["engine"] == "neuron"


def test_what_cannot_be_swept_is_refused(tmp_path):
    with pytest.raises(InputError, match="engine numba cannot run NMODL"):
        sweep(
            tmp_path,
            "mli",
            {"mli1.shunt_g": [1e-5]},
            network=generate_network(seed=3, scale=0.1),
            mechanisms={"shunt.mod": NMODL},
            engine="numba",
        )
    with pytest.raises(InputError, match="olive takes no `mechanisms`"):
        sweep(tmp_path, "olive", {"seed": [1]}, mechanisms={"shunt.mod": NMODL})
