"""From the olive to the molecular layer: assignment of fibers, choice of events, CF spikes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.olive_rates import recorded_spikes
from cerebella.analysis.olive_synchrony import Coincidences, compute_coincidences
from cerebella.errors import InputError
from cerebella.network.network import Network
from cerebella.parameters.olive_circuit import ZONES_AT_SCALE_1, OliveCircuitParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.randomness import Purpose, generator
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.run import Run

IO_PER_ZONE, GAP_PARTNERS = 8, 5


class Fibers(NamedTuple):
    """Olivary cells of origin of the climbing fibers.

    Attributes
    ----------
    own : int
        The IO cell whose fiber contacts the Purkinje cell.
    network : tuple of int
        The IO cell of each CF of the network, in gid order; all differ, also from `own`.
    """

    own: int
    network: tuple[int, ...]


class Event(NamedTuple):
    """A spike of the Purkinje cell's own climbing fiber.

    Attributes
    ----------
    time_ms : float
        Time in ms in the run of the loop.
    n_synchronous : int
        Number of the network's CFs that fire within ± 5 ms.
    """

    time_ms: float
    n_synchronous: int


def default_loop(n_cf: int) -> OliveParameters:
    """Return parameters of a loop for a network with `n_cf` climbing fibers.

    The loop has one olivary cell for each of these fibers and one for the Purkinje cell's own.
    A zone has eight olivary cells, so that the fibers of one patch of cortex come from few
    zones. Gap junctions connect each cell with five random partners, since coupling in pairs
    cannot synchronize more than two cells.

    Parameters
    ----------
    n_cf : int
        Number of climbing fibers of the network.

    Returns
    -------
    OliveParameters
        The parameters.

    Examples
    --------
    >>> cb.default_loop(22).circuit.sizes["IO"]
    64
    """
    n_zones = max(ZONES_AT_SCALE_1, -(-(n_cf + 1) // IO_PER_ZONE))
    return apply_settings(
        OliveParameters(),
        [
            f"circuit.scale={n_zones / ZONES_AT_SCALE_1}",
            f"circuit.io_per_zone={IO_PER_ZONE}",
            "circuit.gap_coupling=random",
            f"circuit.gap_partners={GAP_PARTNERS}",
        ],
    )


def assign_fibers(circuit: OliveCircuitParameters, n_cf: int, seed: int) -> Fibers:
    """Draw the IO cell of the Purkinje cell's own fiber and those of the network's fibers.

    The network's fibers come from the zones nearest to that of the own cell, on a ring of
    zones. Cells at equal distance, and the fiber of each cell, are drawn at random.

    Parameters
    ----------
    circuit : OliveCircuitParameters
        Circuit of the loop.
    n_cf : int
        Number of climbing fibers of the network.
    seed : int
        Seed of the random draws.

    Returns
    -------
    Fibers
        The IO cell of each fiber.

    Raises
    ------
    InputError
        There are fewer cells than fibers, or no fibers.
    """
    n_io, n_zones = circuit.sizes["IO"], circuit.n_zones
    if not n_cf:
        raise InputError(
            "the network has no climbing fibers", remedy="Give a network with CFs, as generated"
        )
    if n_io < n_cf + 1:
        zones = -(-(n_cf + 1) // circuit.io_per_zone)
        raise InputError(
            f"{n_io} IO cells are too few for {n_cf} climbing fibers and the Purkinje cell's own",
            remedy=f"Give the loop circuit.scale={zones / ZONES_AT_SCALE_1:g} or more",
        )
    rng = generator(seed, Purpose.OLIVE_FIBERS)
    own = int(rng.integers(n_io))
    others = rng.permutation(np.delete(np.arange(n_io), own))
    apart = np.abs(others // circuit.io_per_zone - own // circuit.io_per_zone)
    nearest = others[np.argsort(np.minimum(apart, n_zones - apart), kind="stable")][:n_cf]
    return Fibers(own, tuple(int(cell) for cell in rng.permutation(nearest)))


def find_events(run: Run, fibers: Fibers, start_ms: float, stop_ms: float) -> Coincidences:
    """Return all events in start <= t < stop with their numbers of synchronous network CFs."""
    return compute_coincidences(run, fibers.own, fibers.network, start_ms, stop_ms)


def choose_events(found: Coincidences, n_events: int, seed: int) -> list[Event]:
    """Draw events that cover the synchrony found, in random order.

    Events with the same number of synchronous CFs form a stratum. One event at a time is drawn
    from each stratum in round-robin order, from the highest to the lowest number.

    Parameters
    ----------
    found : Coincidences
        All events of the loop.
    n_events : int
        Number of events to draw.
    seed : int
        Seed of the random draws.

    Returns
    -------
    list of Event
        The drawn events.

    Raises
    ------
    InputError
        There are fewer events than requested.
    """
    if n_events > len(found.event_ms):
        raise InputError(
            f"{n_events} events requested, but the Purkinje cell's own climbing fiber fires "
            f"{len(found.event_ms)} times after the loop has settled",
            remedy="Request fewer, or give a longer `loop_duration_ms`",
        )
    rng = generator(seed, Purpose.OLIVE_EVENTS)
    order = rng.permutation(len(found.event_ms))
    strata = [list(order[found.n_cells[order] == n]) for n in np.unique(found.n_cells)[::-1]]
    chosen: list[int] = []
    while len(chosen) < n_events:
        chosen += [stratum.pop() for stratum in strata if stratum]
    return [
        Event(float(found.event_ms[place]), int(found.n_cells[place]))
        for place in rng.permutation(chosen[:n_events])
    ]


def cf_spikes_around(
    run: Run,
    network: Network,
    cells: npt.ArrayLike,
    event_ms: float,
    *,
    at_ms: float,
    duration_ms: float,
) -> SpikeTrains:
    """Return the CF spikes of the network in a window of the loop's run.

    Parameters
    ----------
    run : Run
        Run of the loop.
    network : Network
        The network.
    cells : array_like of int, shape (n_cf,)
        The IO cell of each CF, in gid order.
    event_ms : float
        Time in ms of the event in the run of the loop.
    at_ms : float
        Time in ms of the event in the window.
    duration_ms : float
        Length of the window in ms.

    Returns
    -------
    SpikeTrains
        CF spikes with times relative to the start of the window.
    """
    cf = network.population("CF")
    gid_of = np.full(run.populations["IO"].n_cells, -1)
    gid_of[np.asarray(cells)] = list(cf.gids)
    times, from_cells = spikes_around(run, "IO", event_ms, at_ms=at_ms, duration_ms=duration_ms)
    gids = gid_of[from_cells]
    return SpikeTrains(times[gids >= 0], gids[gids >= 0], (cf,), duration_ms)


def spikes_around(
    run: Run, population: str, event_ms: float, *, at_ms: float, duration_ms: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.integer]]:
    """Return the spikes of recorded cells of the loop in a window of its run.

    Parameters
    ----------
    run : Run
        Run of the loop.
    population : str
        Name of the population.
    event_ms, at_ms : float
        Time in ms of an event in the run of the loop, and in the window.
    duration_ms : float
        Length of the window in ms.

    Returns
    -------
    times_ms : ndarray of float, shape (n_spikes,)
        Times relative to the start of the window, in ms.
    cells : ndarray of int, shape (n_spikes,)
        Cell of each spike, counted from 0 within the population.
    """
    spikes = recorded_spikes(run, population)
    times = np.round(spikes.times_ms - event_ms + at_ms, 6)
    inside = (times >= 0) & (times < duration_ms)
    return times[inside], spikes.cells[inside]
