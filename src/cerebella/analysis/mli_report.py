"""The report on runs of the molecular layer: rates, and the response to climbing fibers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from cerebella.analysis.cf_response import (
    BASELINE_MS,
    DIP_MS,
    PEAK_MS,
    CFResponse,
    compute_cf_response,
)
from cerebella.analysis.events import (
    PROTOCOL_EVENT_MS,
    network_events,
    place_windows,
    windows_around,
)
from cerebella.analysis.rates import (
    RATE_WINDOWS_MS,
    MeanRate,
    compute_mean_rates,
    compute_rates,
    fit_windows,
    window_name,
)
from cerebella.results.condition import group_by_condition
from cerebella.results.spikes import SpikeTrains, Window
from cerebella.runs.level import CF_EVENTS, Event
from cerebella.runs.report import Report, ReportTable
from cerebella.runs.run import Run

MLI_MEASURES = {
    "MLI1_rate_Hz": "MLI1 (Hz)",
    "MLI2_rate_Hz": "MLI2 (Hz)",
    "MLI2_baseline_Hz": f"MLI2, {window_name(BASELINE_MS)} ms (Hz)",
    "MLI2_peak_Hz": f"MLI2, {window_name(PEAK_MS)} ms (Hz)",
    "MLI1_baseline_Hz": f"MLI1, {window_name(BASELINE_MS)} ms (Hz)",
    "MLI1_dip_Hz": f"MLI1, {window_name(DIP_MS)} ms (Hz)",
    "PF_rate_Hz": "PF (Hz)",
    "CF_rate_Hz": "CF (Hz)",
}
"""Labels of the measures of a network by name."""


def compute_mli_measures(run: Run) -> dict[str, float | None]:
    """Return the mean rate of each population, and the response to climbing fibers.

    Parameters
    ----------
    run : Run
        A run of the molecular layer.

    Returns
    -------
    dict of str to float or None
        Rates in Hz over the whole run, and fields of `CFResponse`, which are None if the run is
        too short for them.
    """
    spikes = run.require("spikes")
    whole = (0.0, spikes.duration_ms)
    rates = {
        f"{name}_rate_Hz": of_window[whole]
        for name, of_window in compute_rates(spikes, [whole]).items()
    }
    if not _has_response([spikes]):
        return rates | dict.fromkeys(CFResponse._fields)
    return rates | compute_cf_response(spikes)._asdict()


def report_mli(
    runs: Sequence[Run], windows: Sequence[Window], event: Event | None = None
) -> Report:
    """Return rates by window, averaged over runs that differ only in trial and seed.

    Parameters
    ----------
    runs : sequence of Run
        Runs of the molecular layer, or files of its spikes.
    windows : sequence of (float, float)
        Windows in ms; if empty, six windows around 150 ms, cut to the shortest run.
    event : float or str, optional
        A time in ms, or ``"cf"`` for each volley of climbing fibers, to which windows are relative;
        those by default are around it as they are around 150 ms in the published protocol.

    Returns
    -------
    Report
        One table for each condition and event; values of all runs, of each condition and of each
        run, or of each condition and event.

    Raises
    ------
    InputError
        A window is not within all runs, the runs have different cells, or there is no event.
    """
    groups = group_by_condition(runs)
    if event is not None:
        return _report_events(groups, windows, event)
    trains = [run.require("spikes") for run in runs]
    windows = windows or fit_windows(RATE_WINDOWS_MS, min(one.duration_ms for one in trains))
    blocks: list[ReportTable | str] = []
    for title, group in groups.items():
        trials = [run.spikes for run in group]
        blocks.append(_rate_table(title, trials, {window: window for window in windows}))
        blocks += _response_text(trials)
    values = {
        **_rate_values(trains, windows),
        "conditions": [
            {
                "title": title,
                **_condition_values(group[0]),
                "n_runs": len(group),
                **_rate_values([run.spikes for run in group], windows),
            }
            for title, group in groups.items()
        ],
        "runs": [
            {
                "path": str(run.path),
                **_condition_values(run),
                "trial": run.condition.trial,
                "duration_ms": run.spikes.duration_ms,
                **_rate_values([run.spikes], windows),
            }
            for run in runs
        ],
    }
    return Report(blocks, values)


_WINDOWS_AROUND_EVENT_MS = [
    (start - PROTOCOL_EVENT_MS, stop - PROTOCOL_EVENT_MS) for start, stop in RATE_WINDOWS_MS
]


def _report_events(
    groups: Mapping[str, Sequence[Run]], windows: Sequence[Window], event: Event
) -> Report:
    """Return rates by window around each event, one table for each condition and event."""
    blocks: list[ReportTable | str] = []
    conditions = []
    for title, group in groups.items():
        trials = [run.require("spikes") for run in group]
        duration_ms = min(one.duration_ms for one in trials)
        events = []
        for time_ms in network_events(group, event):
            around = (
                place_windows(windows, time_ms, duration_ms)
                or windows_around(_WINDOWS_AROUND_EVENT_MS, time_ms, duration_ms)
                or windows_around([(-time_ms, duration_ms - time_ms)], time_ms, duration_ms)
            )
            what = "CF volley at" if event == CF_EVENTS else "around"
            blocks.append(_rate_table(f"{title}, {what} {time_ms:g} ms", trials, around))
            blocks += _response_text(trials, time_ms)
            response = (
                compute_cf_response(trials, time_ms)._asdict()
                if _has_response(trials, time_ms)
                else dict.fromkeys(CFResponse._fields)
            )
            events.append({"event_ms": time_ms, **_rate_values(trials, around), **response})
        of_group = {"title": title, **_condition_values(group[0]), "n_runs": len(group)}
        conditions.append({**of_group, "events": events})
    return Report(blocks, {"event": event, "conditions": conditions})


def _rate_table(
    title: str, trials: Sequence[SpikeTrains], windows: Mapping[Window, Window]
) -> ReportTable:
    """Return the table of rates; `windows` are in ms, by the windows that name its rows."""
    rates = compute_mean_rates(trials, windows.values())
    several = f", mean ± s.e.m. of {len(trials)} runs" if len(trials) > 1 else ""
    rows = [
        (window_name(name), *(_rate_text(of[window]) for of in rates.values()))
        for name, window in windows.items()
    ]
    return ReportTable(f"{title}: rates in Hz{several}", ("Window (ms)", *rates), rows)


def _condition_values(run: Run) -> dict[str, Any]:
    condition = run.condition
    return {
        "network": condition.network,
        "cf_sync": condition.cf_sync,
        "w2_pS": condition.w2_pS,
    }


def _rate_values(
    trials: Sequence[SpikeTrains], windows: Sequence[Window] | Mapping[Window, Window]
) -> dict[str, Any]:
    """Return rates_Hz and, for several trials, sem_Hz: {population: {"A-B": value}}."""
    by_name = windows if isinstance(windows, Mapping) else {window: window for window in windows}
    rates = compute_mean_rates(trials, by_name.values())
    fields = {"rates_Hz": "mean_Hz"} | ({"sem_Hz": "sem_Hz"} if len(trials) > 1 else {})
    return {
        key: {
            population: {
                window_name(name): getattr(of_window[window], field)
                for name, window in by_name.items()
            }
            for population, of_window in rates.items()
        }
        for key, field in fields.items()
    }


def _rate_text(rate: MeanRate) -> str:
    error = "" if math.isnan(rate.sem_Hz) else f" ± {rate.sem_Hz:.1f}"
    return f"{rate.mean_Hz:.1f}{error}"


def _has_response(trials: Sequence[SpikeTrains], event_ms: float = PROTOCOL_EVENT_MS) -> bool:
    """Return whether all trials have both types of MLI and last until the dip."""
    populations = {p.name for p in trials[0].populations if p.n_cells}
    last_ms = event_ms + DIP_MS[1] - PROTOCOL_EVENT_MS
    long_enough = all(trial.duration_ms >= last_ms for trial in trials)
    return {"MLI1", "MLI2"} <= populations and long_enough


def _response_text(trials: Sequence[SpikeTrains], event_ms: float = PROTOCOL_EVENT_MS) -> list[str]:
    """Return the peak of MLI2 and the dip of MLI1 as text, if the runs have both."""
    if not _has_response(trials, event_ms):
        return []
    response = compute_cf_response(trials, event_ms)
    relative = [
        (start - PROTOCOL_EVENT_MS, stop - PROTOCOL_EVENT_MS)
        for start, stop in (PEAK_MS, DIP_MS, BASELINE_MS)
    ]
    peak, dip, baseline = (
        window_name((max(event_ms + start, 0.0), event_ms + stop)) for start, stop in relative
    )
    of_baseline = f"× the rate at {baseline} ms"
    return [
        f"MLI2 at {peak} ms: {response.MLI2_peak_Hz:.1f} Hz, "
        f"{response.MLI2_gain:.2f} {of_baseline}\n"
        f"MLI1 at {dip} ms: {response.MLI1_dip_Hz:.1f} Hz, "
        f"{response.MLI1_gain:.2f} {of_baseline}\n"
    ]
