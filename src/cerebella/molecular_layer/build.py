"""Build the part of the network on one rank in NEURON."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cerebella.molecular_layer.cell import MLICell, build_mli
from cerebella.molecular_layer.wiring import KINDS, RankWiring, input_weights_uS
from cerebella.neuron_backend.session import NeuronSession
from cerebella.parameters.mli_simulation import MLIParameters


class BuiltNetwork(NamedTuple):
    """NEURON objects of one rank, which exist as long as this value.

    Attributes
    ----------
    cells : list of MLICell
        The cells.
    synapses : list of hoc.HocObject
        The synapse objects.
    connections : list of hoc.HocObject
        The connections from MLIs.
    inputs : list
        Method that delivers an event at a time in ms, for each synapse object with external
        input; None for the others.
    gap_junctions : list of hoc.HocObject
        The half junctions.
    """

    cells: list[MLICell]
    synapses: list[Any]
    connections: list[Any]
    inputs: list[Any]
    gap_junctions: list[Any]


def build_network(
    neuron: NeuronSession, wiring: RankWiring, parameters: MLIParameters
) -> BuiltNetwork:
    """Create cells, synapse objects, connections, inputs and gap junctions.

    Parameters
    ----------
    neuron : NeuronSession
        NEURON with the mechanisms loaded.
    wiring : RankWiring
        The part of the network on this rank.
    parameters : MLIParameters
        Parameters of the model.

    Returns
    -------
    BuiltNetwork
        The NEURON objects.
    """
    cells = _build_cells(neuron, wiring, parameters)
    synapses = _build_synapses(neuron, wiring, parameters, cells)
    return BuiltNetwork(
        cells,
        synapses,
        _connect_mlis(neuron, wiring, synapses),
        _make_inputs(neuron, wiring, parameters, synapses),
        _join_gap_junctions(neuron, wiring, parameters, cells),
    )


def _build_cells(
    neuron: NeuronSession, wiring: RankWiring, parameters: MLIParameters
) -> list[MLICell]:
    h, pc = neuron
    pc.gid_clear()  # gids and voltage ids of an earlier network in this process
    cells = []
    for gid, is_mli2, bias_nA in zip(
        wiring.gid.tolist(), wiring.is_mli2.tolist(), wiring.bias_nA.tolist(), strict=True
    ):
        population = "MLI2" if is_mli2 else "MLI1"
        cell = build_mli(h, population, parameters, bias_nA=bias_nA, name=f"{population}[{gid}]")
        pc.set_gid2node(gid, int(pc.id()))
        detector = h.NetCon(cell.soma(1)._ref_v, None, sec=cell.soma)
        detector.threshold = parameters.cell.spike_threshold_mV
        pc.cell(gid, detector)
        cells.append(cell)
    return cells


def _build_synapses(
    neuron: NeuronSession, wiring: RankWiring, parameters: MLIParameters, cells: list[MLICell]
) -> list[Any]:
    kinetics = [getattr(parameters.connections, kind) for kind in KINDS]
    settings = [(k.tau_rise_ms, k.tau_decay_ms, k.reversal_mV) for k in kinetics]
    # A look-up of a name in NEURON's tables takes as long as the creation of the object.
    new_synapse = neuron.h.DoubleExponentialSynapse
    synapses = []
    for cell, dendrite, x, kind in zip(
        wiring.synapse_cell.tolist(),
        wiring.synapse_dendrite.tolist(),
        wiring.synapse_x.tolist(),
        wiring.synapse_kind.tolist(),
        strict=True,
    ):
        synapse = new_synapse(cells[cell].dendrites[dendrite](x))
        synapse.tau_rise, synapse.tau_decay, synapse.e = settings[kind]
        synapses.append(synapse)
    return synapses


def _connect_mlis(neuron: NeuronSession, wiring: RankWiring, synapses: list[Any]) -> list[Any]:
    gid_connect = neuron.pc.gid_connect
    connections = []
    for source, synapse, weight_uS, delay_ms in zip(
        wiring.mli_source.tolist(),
        wiring.mli_synapse.tolist(),
        wiring.mli_weight_uS.tolist(),
        wiring.mli_delay_ms.tolist(),
        strict=True,
    ):
        connection = gid_connect(source, synapses[synapse])
        connection.weight[0], connection.delay = weight_uS, delay_ms
        connections.append(connection)
    return connections


def _make_inputs(
    neuron: NeuronSession, wiring: RankWiring, parameters: MLIParameters, synapses: list[Any]
) -> list[Any]:
    """Create a NetCon without source for each synapse object with external input.

    Returns, for each synapse object, the method that delivers an event, or None; a look-up for
    each event would take longer than the event.
    """
    weights_uS = input_weights_uS(parameters).tolist()
    inputs: list[Any] = [None] * len(synapses)
    for index in np.unique(wiring.input_synapse).tolist():
        connection = neuron.h.NetCon(None, synapses[index])
        connection.weight[0] = weights_uS[int(wiring.synapse_kind[index])]
        inputs[index] = connection.event
    return inputs


def _join_gap_junctions(
    neuron: NeuronSession, wiring: RankWiring, parameters: MLIParameters, cells: list[MLICell]
) -> list[Any]:
    """Create the half junctions and set up the transfer of their partners' voltages."""
    h, pc = neuron
    n_everywhere = int(pc.allreduce(len(wiring.gap_cell), 1))
    if not n_everywhere:
        return []
    conductance_uS = 1e-3 * parameters.connections.gap_conductance_nS
    kept = []
    for cell, dendrite, x, own_side, partner_side in zip(
        wiring.gap_cell.tolist(),
        wiring.gap_dendrite.tolist(),
        wiring.gap_x.tolist(),
        wiring.gap_own_side.tolist(),
        wiring.gap_partner_side.tolist(),
        strict=True,
    ):
        segment = cells[cell].dendrites[dendrite](x)
        junction = _half_junction(neuron, segment, own_side, partner_side)
        junction.g = conductance_uS
        kept.append(junction)
    if not kept:
        # All ranks must take part in the exchange of voltages to avoid a deadlock: on a rank
        # without junctions, a junction connects a compartment to itself.
        alone = h.Section(name="without_gap_junctions")
        side = n_everywhere + int(pc.id())
        kept = [alone, _half_junction(neuron, alone(0.5), side, side)]
    pc.setup_transfer()
    return kept


def _half_junction(neuron: NeuronSession, segment: Any, own_side: int, partner_side: int) -> Any:
    junction = neuron.h.HalfGapJunction(segment)
    neuron.pc.source_var(segment._ref_v, own_side, sec=segment.sec)
    neuron.pc.target_var(junction, junction._ref_v_partner, partner_side)
    return junction
