"""NMODL of the user in interneurons: the same course as by formulas, probes, record of the run."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.runs.load import load_run

EXAMPLES = Path(__file__).parents[2] / "examples"
NMODL = (EXAMPLES / "mechanisms" / "km.mod").read_text(encoding="utf-8")
KM = runpy.run_path(str(EXAMPLES / "own_channel.py"))["KM"]

BY_FORMULA = {
    "cell": {"channels": {"km": KM}},
    "mli1": {"km_S_per_cm2": 1e-3},
    "mli2": {"km_S_per_cm2": 2e-3},
}
BY_NMODL = {"mli1": {"km_gbar": 1e-3}, "mli2": {"km_gbar": 2e-3}}


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=1, scale=0.1)


def simulate(network, parameters, record, **options):
    return simulate_mli(
        network, parameters=parameters, record=record, duration_ms=20, progress=False, **options
    )


@pytest.fixture(scope="module")
def by_formula(network):
    return simulate(network, BY_FORMULA, ["MLI1.v", "MLI2.v", "MLI2.n_km"], engine="numba")


def check(run, by_formula):
    assert run.spikes == by_formula.spikes
    difference = run.traces["probe_v"].values - by_formula.traces["probe_v"].values
    assert np.abs(difference).max() < 1e-3
    n, expected = run.traces["probe_n_km"].values, by_formula.traces["probe_n_km"].values
    np.testing.assert_allclose(n, expected, rtol=0, atol=1e-6)


RECORD = ["MLI1.v", "MLI2.v", "MLI2.n_km", "MLI2[0].ik_km"]


def test_nmodl_gives_the_course_of_the_formula(network, by_formula, tmp_path):
    """NEURON compiles the mechanism with those of the package, 10 s."""
    (tmp_path / "km.mod").write_text(NMODL)
    run = simulate(network, BY_NMODL, RECORD, mechanisms=tmp_path, engine="neuron")
    check(run, by_formula)
    # What NEURON shows is the current of the beginning of the step that ends at the sample.
    current = run.traces["probe_ik_km"].values[1:, 0]
    v = run.traces["probe_v"].values[:-1, network.population("MLI1").n_cells]
    n = run.traces["probe_n_km"].values[:-1, 0]
    np.testing.assert_allclose(current, 2e-3 * n * (v + 88), rtol=1e-10)
    saved = load_run(run.save(tmp_path / "run").path)
    assert saved.manifest["nmodl"] == {"km.mod": NMODL}
    described = saved.manifest["parameters"]["cell"]["mechanisms"]["km"]
    assert described["parameters"] == {"gbar": "S/cm2"}


@pytest.mark.slow
def test_coreneuron_gives_it_too_and_is_the_choice_of_auto(network, by_formula):
    run = simulate(network, BY_NMODL, RECORD, mechanisms={"km.mod": NMODL})
    assert run.manifest["engine"] == "coreneuron"
    check(run, by_formula)
