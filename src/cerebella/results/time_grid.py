"""Times that lie on the time steps of a simulation, free of rounding errors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


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
