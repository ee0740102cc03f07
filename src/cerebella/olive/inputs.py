"""Parallel and mossy fibers as renewal processes.

Coin flips and Poisson processes are memoryless: after a change of a rate, only the next spike of
each fiber is drawn again. So it is at the begin and at the end of an episode with rates that change
with time: there, a word x of 32 bits stands for the first step in which the probability of silence
up to and including that step, times 2³², is at most x.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.olive.engines.engine import Model
from cerebella.olive.perturbations import Drive, PFEpisode
from cerebella.olive.random_drive import NEVER, FlipTable, count_flips, flip_table
from cerebella.olive.state import InputState
from cerebella.randomness import Purpose, random123, random_words

Ids = npt.NDArray[np.int64]

_STEPS_AT_ONCE = 32
"""Steps of an episode for which many PFs are drawn at once."""


class InputRates(NamedTuple):
    """Rates of the input fibers in units of time steps.

    Attributes
    ----------
    table : FlipTable
        Coin flips of a PF; empty if PFs are silent.
    episode : PFEpisode or None
        Probabilities that hold in place of the table.
    mf_interval : float
        Mean interval of an MF in steps; infinite if MFs are silent.
    """

    table: FlipTable
    episode: PFEpisode | None
    mf_interval: float


def input_rates(drive: Drive, dt_ms: float) -> InputRates:
    """Convert the rates of a drive to time steps."""
    interval = 1000 / (drive.mf_rate_Hz * dt_ms) if drive.mf_rate_Hz else math.inf
    table = flip_table(drive.pf_rate_Hz * dt_ms / 1000)
    return InputRates(table, drive.pf_episode, interval)


def redraw_inputs(state: InputState, drive: Drive, rates: InputRates, seed: int, step: int) -> None:
    """Redraw the next spike of each fiber with a changed rate, from `step` on."""
    old_pf, old_mf_Hz = (state.pf_rate_Hz, state.pf_episode), state.mf_rate_Hz
    state.pf_rate_Hz, state.mf_rate_Hz = drive.pf_rate_Hz, drive.mf_rate_Hz
    state.pf_episode = drive.pf_episode.first if drive.pf_episode else -1
    if old_pf != (state.pf_rate_Hz, state.pf_episode):
        draw_pf(state, rates, seed, np.arange(len(state.pf.next_spike)), step)
    if old_mf_Hz != drive.mf_rate_Hz:
        for cell in range(len(state.mf.next_spike)):
            state.mf.next_spike[cell] = step + mf_wait(state, rates, seed, cell)


def draw_pf(state: InputState, rates: InputRates, seed: int, ids: Ids, step: int) -> None:
    """Draw the next spikes of some PFs: flip coins from `step` or the end of refractoriness."""
    if rates.episode is not None:
        _draw_in_episode(state, rates.episode, seed, ids, step)
        return
    if not len(rates.table.thresholds):
        state.pf.next_spike[ids] = NEVER
        return
    draws = state.pf.n_draws
    words = random_words(seed, Purpose.LOOP_PF_TRAIN, ids, 0, draws[ids])
    draws[ids] += 1
    flips = count_flips(rates.table.thresholds, words)
    state.pf.next_spike[ids] = np.maximum(state.pf.refractory_until[ids], step) + flips - 1


def _draw_in_episode(state: InputState, episode: PFEpisode, seed: int, ids: Ids, step: int) -> None:
    """Draw the next spikes of some PFs in an episode; those that come after it are not drawn."""
    words = random_words(seed, Purpose.LOOP_PF_TRAIN, ids, 0, state.pf.n_draws[ids])
    state.pf.n_draws[ids] += 1
    ready = np.maximum(state.pf.refractory_until[ids], step)
    state.pf.next_spike[ids] = NEVER
    for first in np.unique(ready[ready < episode.stop]):
        rows = np.flatnonzero(ready == first)
        silent = np.full(len(rows), 2.0**32)
        for start in range(first, episode.stop, _STEPS_AT_ONCE):
            steps = np.arange(start, min(start + _STEPS_AT_ONCE, episode.stop))
            bins = (steps - episode.first) // episode.bin_steps
            factors = episode.silence[np.ix_(ids[rows], bins)]
            factors[:, 0] *= silent
            products = np.cumprod(factors, axis=1)
            fires = products <= words[rows, None]
            found = fires.any(axis=1)
            state.pf.next_spike[ids[rows[found]]] = start + fires[found].argmax(axis=1)
            rows, silent = rows[~found], products[~found, -1]
            if not len(rows):
                break


def pf_spikes(state: InputState, rates: InputRates, model: Model, step: int) -> Ids:
    """Return the PFs that fire in this step, and draw their next spikes."""
    fired = np.flatnonzero(state.pf.next_spike == step)
    state.pf.refractory_until[fired] = step + model.coefficients.pf_refractory + 1
    draw_pf(state, rates, model.seed, fired, step)
    return fired


def mf_spikes(state: InputState, rates: InputRates, model: Model, step: int) -> Ids:
    """Return the MFs that fire in this step, once for each spike."""
    fired = []
    next_spike = state.mf.next_spike
    for cell in np.flatnonzero(next_spike < step + 1):
        while next_spike[cell] < step + 1:
            fired.append(cell)
            next_spike[cell] += mf_wait(state, rates, model.seed, int(cell))
    return np.array(fired, dtype=np.int64)


def mf_wait(state: InputState, rates: InputRates, seed: int, cell: int) -> float:
    """Draw an interspike interval of a Poisson process, in steps."""
    draw = int(state.mf.n_draws[cell])
    state.mf.n_draws[cell] += 1
    block = random123(seed, Purpose.LOOP_MF_TRAIN, cell, 0, 4, draw - draw % 4)
    return -math.log(block[0, draw % 4]) * rates.mf_interval
