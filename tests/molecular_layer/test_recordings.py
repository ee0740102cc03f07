"""Probes of interneurons: potential, gates and currents, the same on all engines."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.molecular_layer.cell import build_mli
from cerebella.molecular_layer.recordings import quantities_of, states_of
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.engines import CoreNeuron
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.runs.load import load_run

MLI = MLIParameters()


@pytest.fixture(scope="module")
def network():
    return generate_network(seed=1, scale=0.1)


def simulate(network, record, **options):
    return simulate_mli(network, record=record, duration_ms=15, progress=False, **options)


EVERYTHING = [f"MLI1[0,3].{name}" for name in quantities_of(MLI, "MLI1")] + ["MLI2[1].v"]


@pytest.fixture(scope="module")
def reference(network):
    """Everything on the engine of the package."""
    return simulate(network, EVERYTHING, engine="numba")


@pytest.mark.parametrize(
    "engine",
    ["neuron", "coreneuron", pytest.param(CoreNeuron(ranks=2), marks=pytest.mark.mpi)],
    ids=str,
)
def test_every_quantity_is_the_same_on_all_engines(network, reference, engine):
    run = simulate(network, EVERYTHING, engine=engine)
    assert len(run.traces) == len(quantities_of(MLI, "MLI1")) == 20
    for name, traces in run.traces.items():
        expected = reference.traces[name].values
        assert traces.gids.tolist() == ([0, 3, 22] if name == "probe_v" else [0, 3])
        size = np.abs(expected).max()
        np.testing.assert_allclose(traces.values, expected, 0, 1e-6 * size, err_msg=name)


def test_conductances_and_currents_are_those_of_neuron_in_the_next_step(neuron):
    h, parameters = neuron.h, MLIParameters()
    cell = build_mli(h, "MLI1", parameters, bias_nA=0.05)
    soma = cell.soma(0.5)
    v, ina, ik = (h.Vector().record(getattr(soma, f"_ref_{name}")) for name in ("v", "ina", "ik"))
    gates = [
        h.Vector().record(getattr(getattr(soma, mechanism), f"_ref_{state}"))
        for state, mechanism in states_of(parameters.cell)
    ]
    i_calva, i_leak, g_na = (
        h.Vector().record(reference)
        for reference in (soma.mli_calva._ref_i, soma.pas._ref_i, soma.mli_na._ref_g)
    )
    h.cvode.active(0)
    h.finitialize(-60)
    while h.t < 30:
        h.fadvance()
    v, gates = np.array(v)[:-1], np.array(gates)[:, :-1]
    computed = {
        name: one.compute(v, *gates[list(one.gates)])
        for name, one in quantities_of(parameters, "MLI1").items()
    }
    assert v.max() > 0
    for own, of_neuron in (
        (computed["ina_na"], ina),
        (computed["ik_kv"] + computed["ik_ka"], ik),
        (computed["i_calva"], i_calva),
        (computed["i_leak"], i_leak),
        (computed["g_na"], g_na),
    ):
        expected = np.array(of_neuron)[1:]
        np.testing.assert_allclose(own, expected, 0, 1e-12 * np.abs(expected).max())


def test_probes_do_not_change_a_run_and_stand_beside_recorded_voltages(network, tmp_path):
    plain = simulate(network, {"v": [3]})
    both = simulate(network, {"v": [3], "probes": ["MLI1[3].v@0.1ms", "MLI2.n_kv"]})
    assert list(both.traces) == ["voltage", "probe_v_0_1ms", "probe_n_kv"]
    assert both.spikes == plain.spikes
    assert both.traces["voltage"] == plain.traces["voltage"]
    fine, coarse = both.traces["voltage"].values, both.traces["probe_v_0_1ms"].values
    np.testing.assert_array_equal(coarse, fine[::4])
    both.save(tmp_path / "run")
    back = load_run(tmp_path / "run")
    np.testing.assert_array_equal(
        back.traces.at("MLI2[1].n_kv").values[0], both.traces["probe_n_kv"].values[0, 1:2]
    )


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("MLI1[3]", r"'MLI1\[3\]' is not a probe"),
        (
            "MLI1[99].v",
            r"`record`: MLI1\[99\]\.v: the network has no such cell. Its MLI1 are 0 to 20",
        ),
        ("PF[3].v", "the molecular layer has no such place"),
        ("MLI1[3].ik", r"`record`: MLI1\[3\] has no quantity 'ik'. There are v, m_na, h_na, g_na"),
        ("MLI1[3].v@0.03ms", r"of v 0\.03 is not a multiple of the time step of 0\.025 ms"),
        ({"w": [3]}, "`record` names 'w', which is not recorded"),
    ],
)
def test_what_cannot_be_recorded_is_answered_with_what_can(network, record, message):
    with pytest.raises(InputError, match=message):
        simulate(network, record)


def test_what_was_not_recorded_is_answered_with_what_was(network):
    run = simulate(network, {"v": [3], "probes": ["MLI1[0].n_kv"]})
    with pytest.raises(InputError, match=r"was not .* It recorded MLI1\[0\]\.n_kv, voltage"):
        run.traces.at("MLI1[3].n_kv")
