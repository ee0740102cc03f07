"""Random streams identified by their purpose, independent of ranks, threads and order.

There are two kinds, both counter-based:

* `random123` draws from NEURON's Random123 streams (Philox 4×32, ten rounds) for many cells at
  once. The stream of a cell is identified by (seed, purpose, gid, trial). In NEURON, it is
  ``h.Random().Random123(gid, trial, purpose)`` with the global index `seed`, so that all draws
  can be reproduced there.
* `generator` returns a NumPy Generator for draws that are not per cell, such as wiring.

Philox: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Purpose(IntEnum):
    """Purpose of a stream. Values are part of the file format and must never change."""

    PF_TRAIN = 0
    BIAS = 1
    INHIBITORY_DELAY = 2
    WIRING = 3
    GAP_JUNCTIONS = 4
    MLI_STIMULI = 5
    ADDED_CF_CONTACTS = 6
    LOOP_WIRING = 20
    LOOP_WEIGHTS = 21
    LOOP_INITIAL_V = 22
    LOOP_PF_TRAIN = 23
    LOOP_MF_TRAIN = 24
    LOOP_NOISE = 25
    LOOP_RECORDED = 26
    LOOP_SHUFFLES = 27
    LOOP_TRIALS = 28
    MORPHOLOGY = 40
    PURKINJE_PF_SITES = 50
    PURKINJE_SHARED_PF = 51
    PURKINJE_MLI_SITES = 52
    PURKINJE_MLI_CONTACTS = 53
    PURKINJE_PF_TRAIN = 54
    PURKINJE_STIMULI = 55
    PURKINJE_PF_VOLLEYS = 56
    PURKINJE_MLI1_TRAIN = 57
    OLIVE_FIBERS = 60
    OLIVE_EVENTS = 61
    CONDITIONED_PF_BUMPS = 62
    CONDITIONED_PF_TRAINS = 63
    CONDITIONED_MLI_TIMES = 64
    RECORDED_PLACES = 70


_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], dtype=np.uint64)
_WEYL = np.array([0x9E3779B9, 0xBB67AE85], dtype=np.uint64)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROUNDS = 10
_DRAWS_AT_ONCE = 4


def _philox4x32(counter: npt.NDArray[np.uint64], seed: int) -> npt.NDArray[np.uint64]:
    """Compute Philox 4×32-10 of counters, shape (4, n), with the two words of a seed as the key.

    32-bit words are stored as uint64.
    """
    c0, c1, c2, c3 = counter
    key = np.array([np.uint64(seed) & _LOW, np.uint64(seed) >> _HALF])
    for round_ in range(_ROUNDS):
        k0, k1 = (key + np.uint64(round_) * _WEYL) & _LOW
        product_0, product_1 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            (product_1 >> np.uint64(32)) ^ c1 ^ k0,
            product_1 & _LOW,
            (product_0 >> np.uint64(32)) ^ c3 ^ k1,
            product_0 & _LOW,
        )
    return np.stack([c0, c1, c2, c3])


def seed_of_trial(seed: int, trial: int) -> int:
    """Return a seed of 64 bits for streams whose names do not contain the trial.

    Parameters
    ----------
    seed, trial : int
        0 to 2³²−1.

    Returns
    -------
    int
        Different for each pair; `seed` itself for trial 1.
    """
    return (trial ^ 1) << 32 | seed


def random123(
    seed: int, purpose: int, gids: npt.ArrayLike, trial: int, n_draws: int, first_draw: int = 0
) -> npt.NDArray[np.float64]:
    """Draw uniform numbers in (0, 1) from the stream of each cell.

    Parameters
    ----------
    seed : int
        Global index of the streams, 0 to 2³²−1, or a `seed_of_trial`.
    purpose : int
        A `Purpose` (or any 32-bit id).
    gids : array_like of int, shape (n_cells,)
        Ids of the cells, 0 to 2³²−1.
    trial : int
        Trial, 0 to 2³²−1.
    n_draws : int
        Number of draws per cell.
    first_draw : int, default 0
        Index of the first draw in each stream; a multiple of 4.

    Returns
    -------
    ndarray of float64, shape (n_cells, n_draws)

    Examples
    --------
    >>> from cerebella.randomness import Purpose, random123
    >>> random123(1, Purpose.BIAS, [7, 8], trial=1, n_draws=3).shape
    (2, 3)
    """
    ids = np.atleast_1d(np.asarray(gids, dtype=np.uint64))
    blocks = np.arange(first_draw // 4, -(-(first_draw + n_draws) // 4), dtype=np.uint64)
    shape = (len(ids), len(blocks))
    counter = np.stack(
        [
            np.broadcast_to(blocks, shape).ravel(),
            np.full(shape, purpose, dtype=np.uint64).ravel(),
            np.broadcast_to(ids[:, None], shape).ravel(),
            np.full(shape, trial, dtype=np.uint64).ravel(),
        ]
    )
    words = _philox4x32(counter, seed)
    words = np.moveaxis(words.reshape(4, *shape), 0, -1)
    words = words.reshape(len(ids), 4 * len(blocks))[:, :n_draws]
    # Mapping of a 32-bit word to the open interval, as in NEURON.
    return (words.astype(np.float64) + 1.0) / (2.0**32 + 1.0)


def random_words(
    seed: int, purpose: int, gids: npt.ArrayLike, trial: int, draws: npt.ArrayLike
) -> npt.NDArray[np.uint64]:
    """Draw one 32-bit word from the stream of each cell, at an individual index.

    Parameters
    ----------
    seed, purpose, trial : int
        Identify the streams, as in `random123`.
    gids : array_like of int, shape (n_cells,)
        Ids of the cells.
    draws : array_like of int, shape (n_cells,)
        Index of the word in each stream, from 0.

    Returns
    -------
    ndarray of uint64, shape (n_cells,)
    """
    ids = np.atleast_1d(np.asarray(gids, dtype=np.uint64))
    places = np.atleast_1d(np.asarray(draws, dtype=np.uint64))
    constant = [np.full(ids.shape, value, dtype=np.uint64) for value in (purpose, trial)]
    counter = np.stack([places // 4, constant[0], ids, constant[1]])
    words = _philox4x32(counter, seed)
    return words[(places % 4).astype(np.intp), np.arange(len(ids))]


def poisson_trains(
    seed: int,
    purpose: int,
    ids: npt.NDArray[np.integer],
    trial: int,
    rate_Hz: float,
    duration_ms: float,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Draw independent Poisson spike trains that start at t = 0, one from each stream.

    Parameters
    ----------
    seed, purpose, trial : int
        Identify the streams, as in `random123`.
    ids : ndarray of int, shape (n_trains,)
        Ids of the streams.
    rate_Hz : float
        Rate of each train in Hz.
    duration_ms : float
        Duration in ms.

    Returns
    -------
    times_ms : ndarray of float64, shape (n_spikes,)
        Spike times in ms; not sorted.
    owner : ndarray of int64, shape (n_spikes,)
        Index into `ids` of each spike.
    """
    if rate_Hz == 0 or len(ids) == 0:
        return np.empty(0), np.empty(0, dtype=np.int64)
    running, last = np.arange(len(ids)), np.zeros(len(ids))
    times, owners = [], []
    draw = 0
    while len(running):
        u = random123(seed, purpose, ids[running], trial, _DRAWS_AT_ONCE, first_draw=draw)
        # Sequential summation is bitwise identical to an event-driven generator.
        steps = np.concatenate([last[running, None], -np.log(u) * (1000 / rate_Hz)], axis=1)
        train = np.cumsum(steps, axis=1)[:, 1:]
        inside = train <= duration_ms
        times.append(train[inside])
        owners.append(np.repeat(running, inside.sum(axis=1)))
        last[running] = train[:, -1]
        running = running[inside[:, -1]]
        draw += _DRAWS_AT_ONCE
    return np.concatenate(times), np.concatenate(owners)


def generator(seed: int, purpose: Purpose) -> np.random.Generator:
    """Return a NumPy generator for draws that are not per cell.

    Parameters
    ----------
    seed : int
        Seed, at least 0.
    purpose : Purpose
        Purpose of the draws.

    Returns
    -------
    Generator
        Equal arguments yield equal draws.
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, int(purpose)])))
