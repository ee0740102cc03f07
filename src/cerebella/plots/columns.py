"""Common parts of figures with one column per condition: width, number, time window."""

from __future__ import annotations

import textwrap

from cerebella.analysis.rates import check_window
from cerebella.errors import InputError
from cerebella.plots.style import ONE_COLUMN_IN
from cerebella.results.spikes import Window

MAX_CONDITIONS = 6


def width_of_columns_in(n_columns: int) -> float:
    """Return the width of a figure in inches for a number of columns."""
    return {1: ONE_COLUMN_IN[0], 2: 5.6}.get(n_columns, max(7.1, 0.8 + 1.6 * n_columns))


_NO_BREAK = "\N{NO-BREAK SPACE}"
_WIDE, _LONGEST_LINE = 3, (36, 28)
"""Columns of a figure that are still wide, and characters of a title in wide and other columns."""


def title_of_column(title: str, n_trials: int, n_columns: int) -> str:
    r"""Return the title of a condition with its number of trials, in lines that fit its column.

    Examples
    --------
    >>> from cerebella.plots.columns import title_of_column
    >>> title_of_column("CF synchrony 8, w2 70 pS, pf_rate_Hz 4", 2, n_columns=2)
    'CF synchrony 8, w2 70 pS,\npf_rate_Hz 4 (2 trials)'
    """
    text = title if n_trials == 1 else f"{title} ({n_trials} trials)"
    parts = text.replace(" ", _NO_BREAK).replace(f",{_NO_BREAK}", ", ")
    lines = textwrap.fill(parts, _LONGEST_LINE[n_columns > _WIDE], break_long_words=False)
    return lines.replace(_NO_BREAK, " ")


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
