"""Times that lie on the time steps of a simulation, free of rounding errors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError


def times_of_steps(steps: npt.ArrayLike, time_step_ms: float) -> npt.NDArray[np.float64]:
    """Return the times of numbered steps: 0.3 ms, not 0.30000000000000004 ms, for step 3 of 0.1 ms.

    Parameters
    ----------
    steps : array_like of int
        Numbers of the steps.
    time_step_ms : float
        Time step in ms.

    Returns
    -------
    ndarray of float
        Times in ms, each the float nearest to the exact time.
    """
    steps_per_ms = round(1 / time_step_ms)
    if abs(steps_per_ms * time_step_ms - 1) < 1e-9:
        return np.asarray(steps) / steps_per_ms
    return np.round(np.asarray(steps, dtype=np.float64) * time_step_ms, 9)


def on_grid_ms(times_ms: npt.ArrayLike, time_step_ms: float) -> npt.NDArray[np.float64]:
    """Return times rounded to the grid of time steps: 149.99999999 ms becomes 150 ms.

    Parameters
    ----------
    times_ms : array_like of float
        Times in ms that were summed step by step.
    time_step_ms : float
        Time step in ms.

    Returns
    -------
    ndarray of float
        Times in ms.
    """
    return times_of_steps(np.round(np.asarray(times_ms) / time_step_ms), time_step_ms)


def steps_of(interval_ms: float, time_step_ms: float, what: str) -> int:
    """Return the number of time steps in an interval.

    Parameters
    ----------
    interval_ms, time_step_ms : float
        Interval and time step in ms.
    what : str
        What the interval is, for the message.

    Raises
    ------
    InputError
        The interval is not a multiple of the time step.
    """
    ratio = interval_ms / time_step_ms
    if ratio < 0.5 or abs(ratio - round(ratio)) > 1e-6:
        raise InputError(
            f"{what} {interval_ms:g} is not a multiple of the time step of {time_step_ms:g} ms",
            remedy=f"Give {max(round(ratio), 1) * time_step_ms:g}",
        )
    return round(ratio)
