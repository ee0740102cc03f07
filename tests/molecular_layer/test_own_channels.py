"""Channels of the user in interneurons: the same course on all engines, by type, replacement."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.settings import apply_settings, parameters_from

HCN = {
    "ion": "h",
    "q10": 3,
    "reference_C": 22,
    "gates": {"n": {"steady": "1/(1 + exp((v + 82)/9))", "rate": "1/40", "power": 2}},
}
KDR = {
    "ion": "k",
    "gates": {
        "n": {"steady": "1/(1 + exp(-(v + 30)/9))", "rate": "linoid((v + 40)/10)", "power": 3},
        "h": {"steady": "1/(1 + exp((v + 60)/8))", "rate": 0.05, "start": "0.5"},
    },
}
"""One gate of a rate that depends on the potential, one of constant rate with its own start."""

KA = {
    "ion": "k",
    "gates": {
        "a": {"steady": "1/(1 + exp(-(v + 38)/17))", "rate": "1", "power": 3},
        "b": {"steady": "1/(1 + exp((v + 78.8)/8.4))", "rate": "0.1"},
    },
}


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=1, scale=0.1)


def simulate(network, parameters, **options):
    options = {"duration_ms": 20, "progress": False, "engine": "numba"} | options
    return simulate_mli(network, parameters=parameters, **options)


OWN = {
    "cell": {"channels": {"hcn": HCN, "kdr": KDR}},
    "mli1": {"hcn_S_per_cm2": 1e-3, "kdr_S_per_cm2": 2e-2},
    "mli2": {"hcn_S_per_cm2": 2e-3},
}


@pytest.mark.slow
def test_engines_agree_on_channels_of_the_user(network):
    """NEURON and CoreNEURON compile them with the channels of the package, half a minute."""
    parameters = OWN | {"cell": {"channels": {"hcn": HCN, "kdr": KDR, "ka": KA}}}
    of_mli1 = ("v", "n_hcn", "i_hcn", "h_kdr", "ik_kdr", "b_ka")
    record = [f"MLI1[0,3].{name}" for name in of_mli1]
    record += [f"MLI2[1].{name}" for name in ("v", "i_hcn", "ik_ka")]
    ours = simulate(network, parameters, record=record)
    for engine in ("coreneuron", "neuron"):
        theirs = simulate(network, parameters, record=record, engine=engine)
        assert theirs.spikes == ours.spikes
        for name, trace in ours.traces.items():
            error = np.abs(trace.values - theirs.traces[name].values).max()
            limit = 1e-3 if name == "probe_v" else 1e-4 * np.abs(trace.values).max()
            assert error < limit, (engine, name)


def test_densities_are_those_of_the_type(network):
    run = simulate(network, OWN, record=["MLI1[0].g_hcn", "MLI2[0].g_hcn", "MLI2[0].n_hcn"])
    g = run.traces["probe_g_hcn"].values[0]
    n = run.traces["probe_n_hcn"].values[0, 0]
    np.testing.assert_allclose(g, [1e-3 * n**2, 2e-3 * n**2], rtol=1e-12)


def test_without_density_nothing_changes(network):
    """The kernels with the channels are others, but their conductance is 0."""
    without = simulate(network, {}, record=["MLI1.v"])
    absent = simulate(network, {"cell": OWN["cell"]}, record=["MLI1.v"])
    assert absent.spikes == without.spikes
    difference = absent.traces["probe_v"].values - without.traces["probe_v"].values
    assert np.abs(difference).max() < 1e-6


def test_a_channel_of_the_name_of_one_of_the_package_replaces_it():
    parameters = parameters_from(MLIParameters, {"cell": {"channels": {"ka": KA}}})
    assert parameters.own_density("MLI1", "ka") == parameters.cell.ka_S_per_cm2
    parameters = apply_settings(parameters, ["mli2.ka_S_per_cm2=0"])
    assert parameters.own_density("MLI2", "ka") == 0
    assert parameters.own_density("MLI1", "ka") == 0.1


def test_parameters_return_from_json():
    parameters = parameters_from(MLIParameters, OWN)
    assert MLIParameters.model_validate_json(parameters.model_dump_json()) == parameters


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"mli1": {"hcn_S_per_cm2": 1}}, "unknown parameter 'mli1.hcn_S_per_cm2'"),
        (OWN | {"mli1": {"hcn_S_per_cm": 1}}, "Did you mean mli1.hcn_S_per_cm2"),
        (OWN | {"mli2": {"hcn_S_per_cm2": -1}}, "mli2.hcn_S_per_cm2 is -1; it must be 0 or"),
        ({"cell": {"channels": {"leak": HCN}}}, "'leak', which is the name of the leak"),
        ({"cell": {"channels": {"x": HCN | {"ion": "ca"}}}}, "interneurons have no calcium pool"),
        (
            {
                "cell": {
                    "channels": {"x": HCN | {"gates": {"n": {"steady": "calcium_mM", "rate": 1}}}}
                }
            },
            "interneurons have no calcium pool",
        ),
    ],
)
def test_wrong_channels_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        parameters_from(MLIParameters, given)


def test_a_formula_without_a_value_is_refused(network):
    gate = {"steady": "1/0", "rate": 1}
    channel = {"ion": "k", "gates": {"n": gate}}
    with pytest.raises(InputError, match="'1/0' has no value"):
        simulate(network, {"cell": {"channels": {"x": channel}}})
