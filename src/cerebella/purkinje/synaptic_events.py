"""Synaptic events of the Purkinje cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import first_gids
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.placement import NOT_SHARED, Placement, connect_mlis
from cerebella.randomness import Purpose, poisson_trains
from cerebella.results.spikes import SpikeTrains
from cerebella.stimuli.stimulus import Stimulus
from cerebella.stimuli.synaptic import CFSpikes, is_blocked

KINDS = ("pf", "inhibition", "cf")
"""Kinds of synapse, by the names of their fields in PurkinjeConnectionParameters."""

_FIRST_PUBLISHED_PF_STREAM = 10000

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SynapticEvents:
    """Synapse objects and the events that reach them.

    Synapses of one kind in one compartment are linear and share their kinetics, so that a single
    object, with events of equal weight, represents them exactly.

    Attributes
    ----------
    synapse_compartment, synapse_kind : ndarray of int, shape (n_objects,)
        Index of the compartment, and index into `KINDS`.
    weight_uS : ndarray of float, shape (n_objects,)
        Weight of one event in µS.
    event_synapse : ndarray of int, shape (n_events,)
        Index into the objects.
    event_time_ms : ndarray of float, shape (n_events,)
        Times in ms in ascending order, all on time steps.
    """

    synapse_compartment: IntArray
    synapse_kind: IntArray
    weight_uS: FloatArray
    event_synapse: IntArray
    event_time_ms: FloatArray


class Spikes(NamedTuple):
    """Spikes that reach synapses.

    Attributes
    ----------
    compartment : ndarray of int, shape (n,)
        Compartment of the synapse.
    times_ms : ndarray of float, shape (n,)
        Time in ms.
    """

    compartment: IntArray
    times_ms: FloatArray

    def without(self, left_out: npt.NDArray[np.bool_]) -> Spikes:
        """Return the other spikes."""
        return Spikes(self.compartment[~left_out], self.times_ms[~left_out])


NO_SPIKES = Spikes(np.empty(0, dtype=np.int64), np.empty(0))


def cf_times_ms(
    stimuli: Iterable[Stimulus], connections: PurkinjeConnectionParameters
) -> tuple[float, ...]:
    """Return the spike times of the cell's own CF, of stimuli or else of the parameters.

    Parameters
    ----------
    stimuli : iterable of Stimulus
        Stimuli of the run.
    connections : PurkinjeConnectionParameters
        Parameters with the time of a single spike.

    Returns
    -------
    tuple of float
        Times in ms in ascending order.
    """
    given = [one.times_ms for one in stimuli if isinstance(one, CFSpikes)]
    if given:
        return tuple(sorted(time_ms for times in given for time_ms in times))
    return () if connections.cf_time_ms is None else (connections.cf_time_ms,)


def network_cells(cell_counts: Mapping[str, int]) -> tuple[IntArray, IntArray, IntArray]:
    """Return the gids of MLI1s, of MLI2s and of PFs that contact Purkinje cells, in gid order.

    Parameters
    ----------
    cell_counts : mapping of str to int
        Number of cells of each type, by the names of `CELL_TYPES`, in gid order.

    Returns
    -------
    tuple of three ndarrays of int
        Gids of MLI1s, MLI2s and PFs.
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
    stimuli: Sequence[Stimulus] = (),
    pf_volleys: Spikes = NO_SPIKES,
    published_streams: bool = False,
) -> SynapticEvents:
    """Convert spikes of the network, of the cell's other PFs and of its CF to synaptic events.

    Parameters
    ----------
    placement : Placement
        Synapses of the cell.
    spikes : SpikeTrains
        Spikes of the network.
    cell_counts : mapping of str to int
        Number of cells of each type in the network.
    parameters : PurkinjeParameters
        Weights, delays, rates and time step.
    duration_ms : float
        Simulated time in ms.
    trial, seed : int
        Trial and seed of the random streams of PFs outside the network.
    stimuli : sequence of Stimulus
        Stimuli of the run: spikes of its CF, and inputs that are blocked.
    pf_volleys : Spikes
        Spikes of PFs in addition to all others.
    published_streams : bool
        Use the published streams, which do not depend on the trial.

    Returns
    -------
    SynapticEvents
        Synapses and events in order of time.

    Raises
    ------
    InputError
        A population of the network has no spikes.
    """
    connections = parameters.connections
    mli1, mli2, shared_pf = network_cells(cell_counts)
    mlis = np.concatenate([mli1, mli2])
    if connections.mli1_rate_Hz is None:
        _refuse_silence(spikes, "MLI1", mli1)
    _refuse_silence(spikes, "parallel fibers that contact Purkinje cells", shared_pf)

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
    if connections.mli1_rate_Hz is not None:
        clamped = poisson_trains(
            seed,
            Purpose.PURKINJE_MLI1_TRAIN,
            np.arange(len(mli1)),
            trial,
            connections.mli1_rate_Hz,
            duration_ms,
        )
        is_mli2 = mli_index >= len(mli1)
        mli_times = np.concatenate([clamped[0], mli_times[is_mli2]])
        mli_index = np.concatenate([clamped[1], mli_index[is_mli2]])
    spike, row = _pairs(mli_index, mli)
    cf_sites, cf_counts = np.unique(placement.cf_compartment, return_counts=True)
    cf_times = np.array(cf_times_ms(stimuli, connections))
    arrivals = {
        "pf": Spikes(
            np.append(pf_sites, pf_volleys.compartment),
            np.append(pf_times, pf_volleys.times_ms) + connections.pf_delay_ms,
        ),
        "mli": Spikes(
            placement.mli_compartment[site[row]], mli_times[spike] + connections.mli_delay_ms
        ),
        "cf": Spikes(
            np.tile(cf_sites, len(cf_times)),
            np.repeat(cf_times + connections.cf_delay_ms, len(cf_sites)),
        ),
    }
    return _merge(
        [one.without(is_blocked(stimuli, name, one.times_ms)) for name, one in arrivals.items()],
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
            remedy="Give the spikes of this network, or the network of these spikes as `network`",
        )


def _spikes_of(spikes: SpikeTrains, gids: IntArray) -> tuple[FloatArray, IntArray]:
    """Return spike times of some cells, and the index of each spike's cell in sorted `gids`."""
    index = np.searchsorted(gids, spikes.gids)
    inside = index < len(gids)
    inside[inside] = gids[index[inside]] == spikes.gids[inside]
    return spikes.times_ms[inside], index[inside]


def _pairs(of_spike: IntArray, of_contact: IntArray) -> tuple[IntArray, IntArray]:
    """Return all pairs (index of a spike, index of a contact) of the same cell."""
    by_cell = np.argsort(of_contact, kind="stable")
    cells = of_contact[by_cell]
    first, last = (np.searchsorted(cells, of_spike, side) for side in ("left", "right"))
    count = last - first
    spike = np.repeat(np.arange(len(of_spike)), count)
    offset = np.arange(len(spike)) - np.repeat(np.cumsum(count) - count, count)
    return spike, by_cell[first[spike] + offset]


def _merge(
    arrivals: list[Spikes],
    weights_uS: Mapping[str, float],
    n_cf_at: Mapping[int, int],
    time_step_ms: float,
    duration_ms: float,
) -> SynapticEvents:
    """Merge synapses by kind and compartment, with events at the time steps of NEURON."""
    compartment = np.concatenate([sites for sites, _ in arrivals])
    kind = np.repeat(np.arange(len(KINDS)), [len(sites) for sites, _ in arrivals])
    time_ms = np.concatenate([times for _, times in arrivals])
    step = _step_of(time_ms, time_step_ms, duration_ms)
    inside = step * time_step_ms < duration_ms - time_step_ms / 2
    order = np.argsort(step[inside], kind="stable")
    n_compartments = int(compartment.max(initial=0)) + 1
    # One number for each pair, since numpy takes ten times as long to sort pairs.
    keys, index = np.unique((kind * n_compartments + compartment)[inside], return_inverse=True)
    kinds, compartments = np.divmod(keys, n_compartments)
    weights = [weights_uS[KINDS[k]] for k in kinds]
    multiples = [
        n_cf_at[c] if KINDS[k] == "cf" else 1
        for k, c in zip(kinds.tolist(), compartments.tolist(), strict=True)
    ]
    return SynapticEvents(
        synapse_compartment=compartments,
        synapse_kind=kinds,
        weight_uS=np.array(weights) * multiples,
        event_synapse=index[order],
        event_time_ms=np.multiply(step[inside][order], time_step_ms, dtype=np.float64),
    )


def _step_of(time_ms: FloatArray, time_step_ms: float, duration_ms: float) -> IntArray:
    """Return the time step at which NEURON delivers an event: the first to end half a step later.

    Interneurons fire on a grid of 0.025 ms, so that many events lie midway between two steps.
    Rounding then depends on the last digits of the time, which NEURON accumulates in half steps.
    With the same accumulation here, both engines and the published recording agree on every
    event.
    """
    n_steps = round(duration_ms / time_step_ms)
    half_steps = np.cumsum(np.full(2 * n_steps + 1, time_step_ms / 2))
    return np.searchsorted(half_steps[::2], time_ms, side="left")
