"""The same network as a straightforward NEURON script would build it, as a reference.

One Exp2Syn and one NetCon for each row of the synapse table, one NetStim for each fiber, all
with gids, and the channels of `plain_mechanisms` with ordinary solver blocks. Random numbers,
cells and gap junctions are those of cerebella, so the spikes can be compared.

Usage: python plain_network.py FOLDER ENGINE, where FOLDER holds a request; writes plain.npz and
plain.json there.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np

from cerebella.machine import peak_memory_MB
from cerebella.molecular_layer.build import _build_cells, _join_gap_junctions
from cerebella.molecular_layer.inputs import draw_inhibitory_delays_ms
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.molecular_layer.request import unpack
from cerebella.molecular_layer.wiring import wire_rank
from cerebella.neuron_backend.mechanism_sets import (
    MechanismSet,
    mechanisms_in,
)
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary, ensure_mechanisms
from cerebella.neuron_backend.session import initialize, start_neuron
from cerebella.neuron_backend.workers import REQUEST, read_parcel
from cerebella.results.time_grid import on_grid_ms

PLAIN_MECHANISMS = Path(__file__).parent / "plain_mechanisms"


def plain_mechanisms() -> MechanismSet:
    """Return the plain channels, with the gap junction of the package."""
    gap_junction = molecular_layer_mechanisms().texts["half_gap_junction.mod"]
    channels = mechanisms_in(PLAIN_MECHANISMS).texts
    return MechanismSet({**channels, "half_gap_junction.mod": gap_junction})


def plain_library() -> MechanismLibrary:
    """Compile the plain mechanisms into the cache."""
    return ensure_mechanisms(plain_mechanisms())


def simulate_plain(folder: Path, engine: str) -> None:
    """Build and run the request in `folder`, one object per row."""
    start = time.perf_counter()
    request, network, inputs = unpack(read_parcel(folder, REQUEST))
    request = request.model_copy(update={"engine": engine})
    neuron = start_neuron(plain_library())
    h, pc = neuron
    built = time.perf_counter()
    wiring = wire_rank(network, request.parameters, seed=request.seed, trial=request.trial)
    cells = _build_cells(neuron, wiring, request.parameters)
    kept = [cells, _join_gap_junctions(neuron, wiring, request.parameters, cells)]
    kept += _make_sources(neuron, request, network, inputs)
    kept += _make_synapses(neuron, request, network, cells)
    times, gids = h.Vector(), h.Vector()
    pc.spike_record(-1, times, gids)
    initialize(
        neuron,
        engine=request.engine,
        time_step_ms=request.parameters.time_step_ms,
        temperature_C=request.parameters.cell.temperature_C,
        initial_v_mV=request.parameters.cell.initial_v_mV,
    )
    solving = time.perf_counter()
    pc.psolve(request.duration_ms)
    end = time.perf_counter()
    mli = np.array(gids) < len(wiring.gid)
    times_ms = on_grid_ms(np.array(times)[mli], request.parameters.time_step_ms)
    np.savez(folder / "plain.npz", times_ms=times_ms, gids=np.array(gids)[mli].astype(np.int64))
    report = {
        "set_up": solving - built,
        "solve": end - solving,
        "in_process": end - start,
        "peak_memory_MB": peak_memory_MB(),
    }
    (folder / "plain.json").write_text(json.dumps(report))


def _make_sources(neuron, request, network, inputs):
    h, pc = neuron
    sources = []
    for gid in network.population("PF").gids:
        source = h.NetStim()
        source.interval, source.noise = 1000 / request.parameters.connections.pf_rate_Hz, 1
        source.start, source.number = 0, 1e9
        source.noiseFromRandom123(gid, request.trial, 0)
        sources.append(source)
    for gid in network.population("CF").gids:
        source = h.NetStim()
        train = inputs.train(gid)
        source.number, source.start = len(train), train[0] if len(train) else 0
        sources.append(source)
    first = network.population("PF").first_gid
    for gid, source in enumerate(sources, start=first):
        pc.set_gid2node(gid, 0)
        pc.cell(gid, h.NetCon(source, None))
    return sources


def _make_synapses(neuron, request, network, cells):
    h, pc = neuron
    connections, table = request.parameters.connections, network.synapses
    n_mli1, n_mli = network.population("MLI1").n_cells, len(cells)
    first_cf = network.population("CF").first_gid
    inhibitory = np.flatnonzero(table.source_gid < n_mli)
    delays = np.zeros(len(table))
    delays[inhibitory] = draw_inhibitory_delays_ms(
        network, inhibitory, request.parameters, request.seed, request.trial
    )
    kept = []
    for source, target, dendrite, x, delay_ms in zip(
        table.source_gid.tolist(),
        table.target_gid.tolist(),
        table.dendrite.tolist(),
        table.x.tolist(),
        delays.tolist(),
        strict=True,
    ):
        if source >= first_cf:
            kinetics, weight_pS = connections.cf, connections.cf_weight_pS
            delay_ms = connections.cf_delay_ms
        elif source >= n_mli:
            kinetics, weight_pS = connections.pf, connections.pf_weight_pS
            delay_ms = connections.pf_delay_ms
        else:
            kinetics = connections.inhibition
            weight_pS = (
                connections.mli2_to_mli1_weight_pS
                if source >= n_mli1 > target
                else connections.inhibitory_weight_pS
            )
        synapse = h.Exp2Syn(cells[target].dendrites[dendrite](x))
        synapse.tau1, synapse.tau2 = kinetics.tau_rise_ms, kinetics.tau_decay_ms
        synapse.e = kinetics.reversal_mV
        connection = pc.gid_connect(source, synapse)
        connection.weight[0], connection.delay = 1e-6 * weight_pS, delay_ms
        kept.append((synapse, connection))
    return kept


if __name__ == "__main__":
    simulate_plain(Path(sys.argv[1]), sys.argv[2])
