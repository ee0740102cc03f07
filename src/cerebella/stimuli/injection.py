"""Currents that stimuli inject into the cells of a run, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.randomness import Purpose
from cerebella.stimuli.currents import CurrentClamp, Streams
from cerebella.stimuli.stimulus import Stimulus

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Injection(NamedTuple):
    """Current clamps and the places into which they inject.

    Attributes
    ----------
    place : ndarray of int64, shape (n,)
        Cells or compartments with a current, in ascending order.
    clamps : tuple of (CurrentClamp, ndarray of int64)
        Each clamp, and the indices of its places in `place`.
    seed, trial : int
        Seed and trial of the run.
    purpose : Purpose
        Purpose of the random streams of noise.
    time_step_ms : float
        Time step in ms.
    """

    place: Ints
    clamps: tuple[tuple[CurrentClamp, Ints], ...]
    seed: int
    trial: int
    purpose: Purpose
    time_step_ms: float

    def currents_nA(self, first: int, stop: int) -> Floats:
        """Return the currents of steps, which are those in the middle of each step.

        Parameters
        ----------
        first, stop : int
            First step, and the one after the last.

        Returns
        -------
        ndarray of float64, shape (stop - first, n)
            Currents in nA.
        """
        times_ms = np.arange(first + 0.5, stop, dtype=np.float64) * self.time_step_ms
        currents = np.zeros((stop - first, len(self.place)))
        for clamp, index in self.clamps:
            streams = Streams(self.seed, self.trial, self.purpose, self.place[index])
            currents[:, index] += clamp.currents_nA(times_ms, streams)
        return currents


def inject(
    stimuli: Iterable[Stimulus],
    places_of: Callable[[CurrentClamp], Ints],
    *,
    seed: int,
    trial: int,
    purpose: Purpose,
    time_step_ms: float,
) -> Injection:
    """Return the currents of all current clamps among some stimuli.

    Parameters
    ----------
    stimuli : iterable of Stimulus
        Stimuli of a run.
    places_of : callable
        Returns the cells or compartments of a stimulus, none of them twice.
    seed, trial : int
        Seed and trial of the run.
    purpose : Purpose
        Purpose of the random streams of noise.
    time_step_ms : float
        Time step in ms.

    Returns
    -------
    Injection
    """
    clamps = [(one, places_of(one)) for one in stimuli if isinstance(one, CurrentClamp)]
    none = np.empty(0, dtype=np.int64)
    place = np.unique(np.concatenate([none, *(where for _, where in clamps)]))
    indexed = tuple((clamp, np.searchsorted(place, where)) for clamp, where in clamps)
    return Injection(place, indexed, seed, trial, purpose, time_step_ms)


class Pieces(NamedTuple):
    """A piecewise constant current.

    Attributes
    ----------
    times_ms, currents_nA : ndarray of float64, shape (2 n,)
        Start and end of each piece, and its current at both.
    """

    times_ms: Floats
    currents_nA: Floats


def pieces_of(currents_nA: Floats, time_step_ms: float) -> Pieces:
    """Join steps of equal current.

    Parameters
    ----------
    currents_nA : ndarray of float64, shape (n_steps,)
        Current in each step, in nA.
    time_step_ms : float
        Time step in ms.

    Returns
    -------
    Pieces
    """
    changes = np.flatnonzero(np.diff(currents_nA)) + 1
    bounds = np.concatenate([[0], changes, [len(currents_nA)]])
    return Pieces(
        time_step_ms * np.stack([bounds[:-1], bounds[1:]], axis=1).ravel(),
        np.repeat(currents_nA[bounds[:-1]], 2),
    )
