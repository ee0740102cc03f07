"""Events to which windows are relative: a time, or the spikes of climbing fibers (CFs)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from cerebella.analysis.rates import window_name
from cerebella.errors import InputError
from cerebella.parameters.times import format_time
from cerebella.results.spikes import SpikeTrains, Window
from cerebella.runs.level import CF_EVENTS, Event
from cerebella.runs.run import Run

PROTOCOL_EVENT_MS = 150.0
"""Time to which the windows of the published protocol belong, in which CFs fire at 145-154 ms."""

VOLLEY_MS = 10.0
"""Time within which the CFs of a volley fire."""

VOLLEY_SHARE = 0.25
"""Share of the CFs that fire in a volley, at least."""


def find_cf_volleys(
    spikes: SpikeTrains, *, width_ms: float = VOLLEY_MS, share: float = VOLLEY_SHARE
) -> list[float]:
    """Find the times at which many climbing fibers fire together.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes of a network, with population CF.
    width_ms : float
        Time within which the fibers of a volley fire.
    share : float
        Share of all fibers that fire in a volley, at least; two fibers in any case.

    Returns
    -------
    list of float
        Mean spike time of each volley in whole ms, in ascending order. Of overlapping volleys, that
        with the most fibers is found.

    Raises
    ------
    InputError
        There are no CFs.

    Examples
    --------
    >>> fibers = (cb.Population("CF", 0, 4),)
    >>> times_ms = [59, 60, 61, 63, 90, 120, 121]
    >>> spikes = cb.SpikeTrains(times_ms, [0, 1, 2, 3, 0, 1, 2], fibers, duration_ms=200)
    >>> cb.find_cf_volleys(spikes)
    [61.0, 120.0]
    """
    n_fibers = {population.name: population.n_cells for population in spikes.populations}.get("CF")
    if not n_fibers:
        raise InputError("the run has no climbing fibers", remedy="Give a time as `event`")
    fewest = max(2, int(np.ceil(share * n_fibers)))
    fibers = spikes.of("CF")
    times, gids = fibers.times_ms, fibers.gids
    last = np.searchsorted(times, times + width_ms)
    counts = np.array([len(np.unique(gids[i:j])) for i, j in enumerate(last)], dtype=int)
    volleys: list[tuple[int, int]] = []
    for start in np.argsort(-counts, kind="stable").tolist():
        stop = int(last[start])
        if counts[start] < fewest:
            break
        if all(stop <= first or start >= end for first, end in volleys):
            volleys.append((start, stop))
    return sorted(float(round(times[start:stop].mean())) for start, stop in volleys)


def network_events(runs: Sequence[Run], event: Event) -> list[float]:
    """Return the times of events in runs of a network: the time given, or those of CF volleys.

    Raises
    ------
    InputError
        The time is outside of a run, a run has no volley, or runs differ in their volleys.
    """
    if event != CF_EVENTS:
        return [_within(runs, event)]
    found = [find_cf_volleys(run.require("spikes")) for run in runs]
    for run, volleys in zip(runs, found, strict=True):
        if not volleys:
            raise InputError(
                f"{run.name} has no {VOLLEY_MS:g} ms in which {100 * VOLLEY_SHARE:g} % of the "
                "climbing fibers fire",
                remedy="Give a time as `event`",
            )
    return _common(runs, found)


def purkinje_events(runs: Sequence[Run], event: Event) -> list[float]:
    """Return the times of events in runs of a Purkinje cell: the time given, or those of its CF.

    Raises
    ------
    InputError
        The time is outside of a run, a run has no CF spike, or runs differ in them.
    """
    if event != CF_EVENTS:
        return [_within(runs, event)]
    found = [cf_times_ms(run) for run in runs]
    for run, times in zip(runs, found, strict=True):
        if not times:
            raise InputError(
                f"the climbing fiber does not fire in {run.name}",
                remedy="Give a time as `event`",
            )
    return _common(runs, found)


def cf_times_ms(run: Run) -> list[float]:
    """Return the spike times of a Purkinje cell's own CF in ms, from the manifest of its run."""
    stimuli = [one for one in run.manifest.get("stimuli", ()) if one["kind"] == "cf"]
    if stimuli:
        return sorted(float(time_ms) for one in stimuli for time_ms in one["times_ms"])
    single = run.manifest.get("cf_time_ms")
    return [] if single is None else [float(single)]


def windows_around(
    windows_ms: Iterable[Window], event_ms: float, duration_ms: float
) -> dict[Window, Window]:
    """Return windows relative to an event that end within the run, from its start on.

    Parameters
    ----------
    windows_ms : iterable of (float, float)
        Windows relative to the event in ms.
    event_ms, duration_ms : float
        Time of the event, and duration of the run.

    Returns
    -------
    dict of (float, float) to (float, float)
        {window relative to the event: window in ms}.

    Examples
    --------
    >>> windows_around([(-100, 0), (0, 10), (300, 310)], 60.0, 200.0)
    {(-60.0, 0): (0.0, 60.0), (0, 10): (60.0, 70.0)}
    """
    clipped = [(max(start, -event_ms), stop) for start, stop in windows_ms]
    inside = [w for w in clipped if w[0] < w[1] and event_ms + w[1] <= duration_ms]
    return place_windows(inside, event_ms, duration_ms)


def place_windows(
    windows_ms: Iterable[Window], event_ms: float, duration_ms: float
) -> dict[Window, Window]:
    """Return windows relative to an event, all of which must be within the run.

    Parameters
    ----------
    windows_ms : iterable of (float, float)
        Windows relative to the event in ms.
    event_ms, duration_ms : float
        Time of the event, and duration of the run.

    Returns
    -------
    dict of (float, float) to (float, float)
        {window relative to the event: window in ms}.

    Raises
    ------
    InputError
        A window starts before the run or ends after it.
    """
    placed = {
        (start, stop): (round(event_ms + start, 9), round(event_ms + stop, 9))
        for start, stop in windows_ms
    }
    for relative, (start, stop) in placed.items():
        if start < 0 or stop > duration_ms:
            raise InputError(
                f"window {window_name(relative)} ms around {event_ms:g} ms is not within the run, "
                f"which lasts {duration_ms:g} ms",
                remedy=f"Give a window within {-event_ms:g}-{duration_ms - event_ms:g}",
            )
    return placed


def _within(runs: Sequence[Run], event: Event) -> float:
    time_ms = float(event)
    for run in runs:
        if not 0 <= time_ms < run.duration_ms:
            raise InputError(
                f"`event` at {format_time(time_ms)} is not within {run.name}, which lasts "
                f"{format_time(run.duration_ms)}",
                remedy="Give an earlier time",
            )
    return time_ms


def _common(runs: Sequence[Run], found: Sequence[list[float]]) -> list[float]:
    """Return the events of the first run, which all others must share."""
    for run, times in zip(runs, found, strict=True):
        if times != found[0]:
            raise InputError(
                f"climbing fibers fire at {_listed(found[0])} ms in {runs[0].name}, and at "
                f"{_listed(times)} ms in {run.name}",
                remedy="Give runs with the same times together, or a time as `event`",
            )
    return found[0]


def _listed(times_ms: Sequence[float]) -> str:
    return ", ".join(f"{time_ms:g}" for time_ms in times_ms)
