"""Merged synapses and events against one object and one source for each row, as NEURON has them."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.molecular_layer import integrate
from cerebella.molecular_layer.cell import build_mli
from cerebella.molecular_layer.inputs import draw_bias_nA, draw_inhibitory_delays_ms
from cerebella.molecular_layer.request import MLIRequest
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.network import Network
from cerebella.parameters.mli_cell import MLITypeParameters
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.spikes import SpikeTrains

PARAMETERS = MLIParameters(mli1=MLITypeParameters(bias_nA=0.045))
REQUEST = MLIRequest(parameters=PARAMETERS, duration_ms=40, engine="neuron", record_v=(0, 1, 2))

# Two MLI1 (0, 1), one MLI2 (2), two PFs (3, 4), one CF (5): source, target, dendrite, x.
# Many rows share a compartment. (At exactly 0 and 1 NEURON has nodes without area of their own;
# cerebella takes the nearest compartment.)
ROWS = [
    *[
        (pf, target, 4, x)
        for pf in (3, 4)
        for target in (0, 1, 2)
        for x in (0.001, 0.01, 0.19, 0.999)
    ],
    *[(5, 2, dendrite, 0.5) for dendrite in (0, 1, 2, 3)],
    *[(2, target, 4, x) for target in (0, 1) for x in (0.001, 0.05, 0.95, 0.999)],
    *[(0, 1, 4, 0.1), (0, 1, 4, 0.15), (1, 0, 0, 0.3), (1, 0, 0, 0.9), (0, 2, 6, 0.9)],
]
INPUTS = SpikeTrains(
    np.array([2.0, 5.013, 5.3, 9.0, 10.0, 11.111, 20.0, 30.0]), np.array([3, 4, 3, 4, 5, 3, 5, 3])
)


@pytest.fixture
def network():
    counts = {"MLI1": 2, "MLI2": 1, "PF_MLI1_MLI2": 2, "CF": 1}
    no_gaps = GapJunctions(*[np.empty(0)] * 6)
    return Network(counts, Synapses(*map(np.array, zip(*ROWS, strict=True))), no_gaps)


@pytest.fixture
def merged(neuron, network):
    """Spikes and voltages of the network as cerebella builds it."""
    return integrate.run_network(integrate.prepare_network(neuron, REQUEST, network), INPUTS)


def source_properties(network, source, target):
    """Kinetics, weight (µS) and delay (ms, None if drawn) by the published tables."""
    connections = PARAMETERS.connections
    population = ("MLI1", "MLI2", "PF", "CF")[network.population_index([source])[0]]
    if population == "PF":
        return connections.pf, 15e-6, 0.05
    if population == "CF":
        return connections.cf, 1577.3e-6, 1.75
    to_mli1_from_mli2 = population == "MLI2" and target < 2
    return connections.inhibition, 70e-6 if to_mli1_from_mli2 else 25e-6, None


@pytest.fixture
def one_by_one(neuron, network):
    """Spikes and voltages of the network built row by row from NEURON's own Exp2Syn."""
    h, pc = neuron
    bias_nA = draw_bias_nA(network, PARAMETERS, REQUEST.seed, REQUEST.trial)
    cells = [
        build_mli(h, population, PARAMETERS, bias_nA=bias, name=f"plain{gid}")
        for gid, (population, bias) in enumerate(
            zip(("MLI1", "MLI1", "MLI2"), bias_nA, strict=True)
        )
    ]
    table = network.synapses
    inhibitory = np.flatnonzero(table.source_gid < 3)
    delays = draw_inhibitory_delays_ms(network, inhibitory, PARAMETERS, REQUEST.seed, REQUEST.trial)
    delay_of_row = dict(zip(inhibitory.tolist(), delays.tolist(), strict=True))
    sources = {gid: [] for gid in (3, 4, 5)}
    for time_ms, gid in zip(INPUTS.times_ms.tolist(), INPUTS.gids.tolist(), strict=True):
        source = h.NetStim()
        source.start, source.number = time_ms, 1
        sources[gid].append(source)
    kept = []
    for row, (source, target, dendrite, x) in enumerate(
        zip(table.source_gid, table.target_gid, table.dendrite, table.x, strict=True)
    ):
        kinetics, weight_uS, delay_ms = source_properties(network, source, target)
        synapse = h.Exp2Syn(cells[target].dendrites[dendrite](x))
        synapse.tau1, synapse.tau2 = kinetics.tau_rise_ms, kinetics.tau_decay_ms
        synapse.e = kinetics.reversal_mV
        if source < 3:
            soma = cells[source].soma
            connections = [h.NetCon(soma(1)._ref_v, synapse, sec=soma)]
            connections[0].threshold = -30
        else:
            connections = [h.NetCon(spike, synapse) for spike in sources[source]]
        for connection in connections:
            connection.weight[0] = weight_uS
            connection.delay = delay_of_row[row] if delay_ms is None else delay_ms
        kept.append((synapse, connections))
    voltages = [h.Vector().record(cell.soma(0.5)._ref_v) for cell in cells]
    h.finitialize(-67)
    pc.set_maxstep(10)
    pc.psolve(40)
    return np.stack([np.array(v) for v in voltages], axis=1)


def test_merged_synapses_give_the_same_voltages_as_one_object_per_row(merged, one_by_one):
    assert merged.voltage_mV.shape == one_by_one.shape == (1601, 3)
    assert {0, 1, 2} == set(merged.gids)  # each cell fires, so each connection was used
    np.testing.assert_allclose(merged.voltage_mV, one_by_one, rtol=0, atol=1e-8)
    assert np.abs(np.diff(one_by_one[:, 1])).max() > 1
