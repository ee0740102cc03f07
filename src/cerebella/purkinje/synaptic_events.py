"""What arrives at the Purkinje cell's synapses, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import first_gids
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.placement import NOT_SHARED, Placement, connect_mlis
from cerebella.randomness import Purpose, poisson_trains
from cerebella.results.spikes import SpikeTrains

KINDS = ("pf", "inhibition", "cf")
"""Kinds of synapse, by the names of their fields in PurkinjeConnectionParameters."""

_FIRST_PUBLISHED_PF_STREAM = 10000

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SynapticEvents:
    """Synapse objects and the events that reach them.

    Synapses of one kind in one compartment are linear and share their kinetics, so they are one
    object; all its events have the same weight. Both are exact.

    Attributes
    ----------
    synapse_compartment, synapse_kind : (n_objects,) index of the compartment and into `KINDS`.
    weight_uS : (n_objects,) of one event.
    event_synapse : (n_events,) index into the objects.
    event_time_ms : (n_events,) ascending, each on a time step.
    """

    synapse_compartment: IntArray
    synapse_kind: IntArray
    weight_uS: FloatArray
    event_synapse: IntArray
    event_time_ms: FloatArray


def network_cells(cell_counts: Mapping[str, int]) -> tuple[IntArray, IntArray, IntArray]:
    """Gids of the MLI1s, of the MLI2s and of the PFs that contact Purkinje cells, in gid order.

    Parameters
    ----------
    cell_counts : cells of each type in gid order, by the names of `CELL_TYPES`.
    """
    first = first_gids(cell_counts)
    gids = {name: np.arange(first[name], first[name] + n) for name, n in cell_counts.items()}
    shared = [gids[t.name] for t in CELL_TYPES if "PC" in t.contacts and t.name in gids]
    return gids["MLI1"], gids["MLI2"], np.concatenate(shared)


def collect_events(
    placement: Placement,
    spikes: SpikeTrains,
    cell_counts: Mapping[str, int],
    parameters: PurkinjeParameters,
    *,
    duration_ms: float,
    trial: int,
    seed: int,
    published_streams: bool = False,
) -> SynapticEvents:
    """Turn spikes of the network, own PF trains and the own CF into events on the cell.

    Parameters
    ----------
    spikes : of the network.
    cell_counts : of the network, by cell type.
    trial, seed : name the streams of PFs that are not of the network.
    published_streams : use the published streams, which do not depend on the trial.

    Raises
    ------
    InputError : a population of the network has no spikes.
    """
    connections = parameters.connections
    mli1, mli2, shared_pf = network_cells(cell_counts)
    mlis = np.concatenate([mli1, mli2])
    for name, gids in (("MLI1", mli1), ("parallel fibers that contact Purkinje cells", shared_pf)):
        _refuse_silence(spikes, name, gids)

    n_contacts = len(placement.pf_compartment)
    own = np.flatnonzero(placement.pf_shared == NOT_SHARED)
    stream = (own + _FIRST_PUBLISHED_PF_STREAM, 0, 0) if published_streams else (own, trial, seed)
    own_times, own_index = poisson_trains(
        stream[2],
        Purpose.PF_TRAIN if published_streams else Purpose.PURKINJE_PF_TRAIN,
        stream[0],
        stream[1],
        connections.pf_rate_Hz,
        duration_ms,
    )
    contact_of = np.full(len(shared_pf), n_contacts)
    is_shared = placement.pf_shared != NOT_SHARED
    contact_of[placement.pf_shared[is_shared]] = np.flatnonzero(is_shared)
    shared_times, shared_index = _spikes_of(spikes, shared_pf)
    contact = contact_of[shared_index]
    known = contact < n_contacts
    pf_times = np.concatenate([shared_times[known], own_times])
    pf_sites = placement.pf_compartment[np.concatenate([contact[known], own[own_index]])]

    mli, site = connect_mlis(
        len(mli1),
        len(mli2),
        len(placement.mli_compartment),
        connections,
        seed=seed,
        published_streams=published_streams,
    )
    mli_times, mli_index = _spikes_of(spikes, mlis)
    spike, row = _pairs(mli_index, mli)
    cf_sites, cf_counts = np.unique(placement.cf_compartment, return_counts=True)
    fires = connections.cf_time_ms is not None
    return _merge(
        [
            (pf_sites, pf_times + connections.pf_delay_ms),
            (placement.mli_compartment[site[row]], mli_times[spike] + connections.mli_delay_ms),
            (
                cf_sites if fires else cf_sites[:0],
                np.full(
                    len(cf_sites) * fires, (connections.cf_time_ms or 0) + connections.cf_delay_ms
                ),
            ),
        ],
        {
            "pf": 1e-6 * connections.pf_scale * connections.pf_weight_pS,
            "inhibition": 1e-6 * connections.mli_weight_pS,
            "cf": 1e-6 * connections.cf_scale * connections.cf_weight_pS,
        },
        dict(zip(cf_sites.tolist(), cf_counts.tolist(), strict=True)),
        parameters.time_step_ms,
        duration_ms,
    )


def _refuse_silence(spikes: SpikeTrains, name: str, gids: IntArray) -> None:
    if len(gids) and not np.isin(spikes.gids, gids).any():
        raise InputError(
            f"the {name} (gids {gids[0]} to {gids[-1]}) have no spikes",
            remedy="Give the spikes of this network, or the network of these spikes (--network)",
        )


def _spikes_of(spikes: SpikeTrains, gids: IntArray) -> tuple[FloatArray, IntArray]:
    """Return times, and index into `gids` (sorted), of the spikes of some cells."""
    index = np.searchsorted(gids, spikes.gids)
    inside = index < len(gids)
    inside[inside] = gids[index[inside]] == spikes.gids[inside]
    return spikes.times_ms[inside], index[inside]


def _pairs(of_spike: IntArray, of_contact: IntArray) -> tuple[IntArray, IntArray]:
    """Match spikes with contacts of the same cell: index of the spike, index of the contact."""
    by_cell = np.argsort(of_contact, kind="stable")
    cells = of_contact[by_cell]
    first, last = (np.searchsorted(cells, of_spike, side) for side in ("left", "right"))
    count = last - first
    spike = np.repeat(np.arange(len(of_spike)), count)
    offset = np.arange(len(spike)) - np.repeat(np.cumsum(count) - count, count)
    return spike, by_cell[first[spike] + offset]


def _merge(
    arrivals: list[tuple[IntArray, FloatArray]],
    weights_uS: Mapping[str, float],
    n_cf_at: Mapping[int, int],
    time_step_ms: float,
    duration_ms: float,
) -> SynapticEvents:
    """Merge synapses by kind and compartment; deliver at the time step that NEURON would take."""
    compartment = np.concatenate([sites for sites, _ in arrivals])
    kind = np.repeat(np.arange(len(KINDS)), [len(sites) for sites, _ in arrivals])
    time_ms = np.concatenate([times for _, times in arrivals])
    step = _step_of(time_ms, time_step_ms, duration_ms)
    inside = step * time_step_ms < duration_ms - time_step_ms / 2
    order = np.argsort(step[inside], kind="stable")
    keys, index = np.unique(
        np.stack([kind[inside], compartment[inside]]), axis=1, return_inverse=True
    )
    weights = [weights_uS[KINDS[k]] for k in keys[0]]
    multiples = [
        n_cf_at[int(c)] if KINDS[k] == "cf" else 1 for k, c in zip(*keys.tolist(), strict=True)
    ]
    return SynapticEvents(
        synapse_compartment=keys[1],
        synapse_kind=keys[0],
        weight_uS=np.array(weights) * multiples,
        event_synapse=index.ravel()[order],
        event_time_ms=np.multiply(step[inside][order], time_step_ms, dtype=np.float64),
    )


def _step_of(time_ms: FloatArray, time_step_ms: float, duration_ms: float) -> IntArray:
    """Return the time step at which NEURON delivers an event: the first that ends half a step on.

    Interneurons fire on a grid of 0.025 ms, so that many events lie half-way between two steps.
    Which one they get depends on the last digits of time, which NEURON adds up in half steps; so
    do we, and the two engines and the published recording agree on every event.
    """
    n_steps = round(duration_ms / time_step_ms)
    half_steps = np.cumsum(np.full(2 * n_steps + 1, time_step_ms / 2))
    return np.searchsorted(half_steps[::2], time_ms, side="left")
