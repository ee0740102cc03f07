"""Common parts of figures with one column per condition: width, number, time window."""

from __future__ import annotations

from cerebella.analysis.rates import check_window
from cerebella.errors import InputError
from cerebella.plots.style import ONE_COLUMN_IN
from cerebella.results.spikes import Window

MAX_CONDITIONS = 6


def width_of_columns_in(n_columns: int) -> float:
    """Return the width of a figure in inches for a number of columns."""
    return {1: ONE_COLUMN_IN[0], 2: 5.6}.get(n_columns, max(7.1, 0.8 + 1.6 * n_columns))


def check_number_of_conditions(n_conditions: int) -> None:
    """Raise InputError if there is no condition, or more than fit side by side."""
    if not n_conditions:
        raise InputError("no runs to draw", remedy="Give at least one run")
    if n_conditions > MAX_CONDITIONS:
        raise InputError(
            f"{n_conditions} conditions do not fit side by side",
            remedy=f"Give runs of at most {MAX_CONDITIONS} conditions",
        )


def window_to_draw(asked: Window | None, default: Window, duration_ms: float) -> Window:
    """Return the requested window, or the default clipped to the run in whole milliseconds.

    Parameters
    ----------
    asked : tuple of float or None
        Requested window in ms.
    default : tuple of float
        Default window in ms.
    duration_ms : float
        Duration of the run in ms.

    Returns
    -------
    tuple of float

    Raises
    ------
    InputError
        If the requested window is invalid or ends after the run.
    """
    if asked is not None:
        check_window(asked, duration_ms)
        return asked
    start, stop = default
    stop = min(stop, float(int(duration_ms)))
    return (start, stop) if start < stop else (0.0, stop)
