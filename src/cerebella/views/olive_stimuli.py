"""Stimuli in the page of a run of the loop, and weights by the parallel fibers that they drive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from cerebella.olive.stimulation.values import IOCurrent, PFBumps, loop_stimuli
from cerebella.results.spikes import Window
from cerebella.runs.run import Run
from cerebella.views.arrays import ArrayStore
from cerebella.views.panels import SPIKE_STEP_MS, Floats, Panel, within

_ROW_PX, _GROUP_PX = 14, 6
_WEIGHT_STEP = 1e-3
_TICKS_MS = (50, 100, 200, 500, 1000, 2000)


class _Kind(NamedTuple):
    """How a kind of stimulus is shown: its short name, in a session of conditioning, its color."""

    name: str
    label: str
    color: str
    conditioning: str | None = None


_KINDS = {
    "pf-bumps": _Kind("PF", "PF bumps", "line1", "CS"),
    "pf-rates": _Kind("PF", "PF rates", "line1"),
    "mf-rate": _Kind("MF", "MF rate", "line3"),
    "io-current": _Kind("IO", "current into IO", "line4", "US"),
    "yoked-inhibition": _Kind("yoked", "yoked inhibition of IO", "line5"),
}


def stimuli_of(run: Run, store: ArrayStore, window_ms: Window) -> list[dict[str, Any]]:
    """Return the stimuli of a run within a window, each with its onsets and duration.

    Where parallel fibers represent time and the olive receives a current, these are called CS and
    US.

    Parameters
    ----------
    run : Run
        A run of the loop.
    store : ArrayStore
        Takes the onsets.
    window_ms : tuple of float
        Start and stop in ms.
    """
    stimuli = loop_stimuli(run.manifest.get("stimuli", ()))
    is_conditioning = {"pf-bumps", "io-current"} <= {one.kind for one in stimuli}
    shown = []
    for one in stimuli:
        onsets_ms = np.array(one.times_ms)
        inside = (onsets_ms + one.duration_ms > window_ms[0]) & (onsets_ms < window_ms[1])
        if not inside.any():
            continue
        kind = _KINDS[one.kind]
        name = kind.conditioning if is_conditioning and kind.conditioning else kind.name
        details = [kind.label, f"{one.duration_ms:g} ms"]
        zones = getattr(one, "zones", None)
        if zones is not None:
            details.append(named_zones(zones))
        shown.append(
            {
                "name": name,
                "label": f"{name}: {', '.join(details)}",
                "color": kind.color,
                "onsets": store.times(onsets_ms[inside], SPIKE_STEP_MS),
                "duration": one.duration_ms,
            }
        )
    return shown


def stimulus_panel(stimuli: Sequence[dict[str, Any]]) -> Iterator[Panel]:
    """Yield a panel with a row of bars for each stimulus, if there are any."""
    if stimuli:
        yield {"kind": "bars", "title": "Stimuli", "unit": "", "height": _ROW_PX * len(stimuli)}


def group_panels(run: Run, store: ArrayStore, window_ms: Window) -> Iterator[Panel]:
    """Yield mean weights over time by group of parallel fibers, of zones with and without US.

    Parameters
    ----------
    run : Run
        A run of the loop.
    store : ArrayStore
        Takes the weights.
    window_ms : tuple of float
        Start and stop in ms.
    """
    weights = run.weights
    if weights is None or not weights.by_group.size:
        return
    inside = within(weights.times_ms, window_ms)
    times, by_group = weights.times_ms[inside], weights.by_group[inside]
    if not len(times) or not np.isfinite(by_group).any():
        return
    stimuli = loop_stimuli(run.manifest.get("stimuli", ()))
    n_zones, n_groups = by_group.shape[1:]
    sets = _sets_of_zones(stimuli, n_zones)
    means = [_mean_over_zones(by_group[:, zones]) for zones in sets]
    scale = [float(min(map(np.nanmin, means))), float(max(map(np.nanmax, means)))]
    for zones, mean in zip(sets, means, strict=True):
        of_zones = f", {named_zones(zones)}" if len(zones) < n_zones else ""
        yield {
            "kind": "heat",
            "title": f"PF→PC weight by {_axis_of(stimuli)[0]}{of_zones}",
            "height": _GROUP_PX * n_groups,
            "limits": [0, n_groups],
            "edges": [0, n_groups],
            "start": float(times[0]),
            "times": store.times(times, SPIKE_STEP_MS),
            "n_bins": n_groups,
            "scale": scale,
            "scale_label": "weight",
            "values": store.quantized(mean, _WEIGHT_STEP),
            **_groups(stimuli, n_groups),
        }


def _mean_over_zones(by_group: Floats) -> Floats:
    """Return the mean over zones; NaN where no zone has synapses."""
    known = np.isfinite(by_group)
    n = known.sum(axis=1)
    sums = np.where(known, by_group, 0.0).sum(axis=1)
    return np.divide(sums, n, out=np.full(sums.shape, np.nan), where=n > 0)


def named_zones(zones: Sequence[int]) -> str:
    """Return zones as text, neighbors as a range."""
    own = sorted(set(zones))
    if len(own) > 1 and own == list(range(own[0], own[-1] + 1)):
        return f"zones {own[0]}–{own[-1]}"
    return f"zone{'s' * (len(own) != 1)} {', '.join(map(str, own))}"


def _sets_of_zones(stimuli: Sequence[Any], n_zones: int) -> list[list[int]]:
    """Return zones whose olivary cells receive a current, and the others."""
    driven = {
        zone
        for one in stimuli
        if isinstance(one, IOCurrent)
        for zone in (range(n_zones) if one.zones is None else one.zones)
    }
    sets = [sorted(driven), [zone for zone in range(n_zones) if zone not in driven]]
    return [zones for zones in sets if zones]


def _axis_of(stimuli: Sequence[Any]) -> tuple[str, PFBumps | None]:
    """Return by what groups differ: bumps if there is one stimulus of all PFs, else numbers."""
    bumps = [
        one for one in stimuli if isinstance(one, PFBumps) and not isinstance(one.fibers, tuple)
    ]
    return ("center of the bump", bumps[0]) if len(bumps) == 1 else ("group of PFs", None)


def _groups(stimuli: Sequence[Any], n_groups: int) -> dict[str, Any]:
    """Return unit, ticks and names of groups of neighboring PFs."""
    bumps = _axis_of(stimuli)[1]
    if bumps is None:
        return {"unit": "", "bins": [f"group {k}" for k in range(n_groups)]}
    basis = bumps.basis
    per_group = n_groups / np.log(basis.last_ms / basis.first_ms)
    ticks = [ms for ms in _TICKS_MS if basis.first_ms <= ms <= basis.last_ms]
    return {
        "unit": "ms",
        "ticks": [[float(np.log(ms / basis.first_ms) * per_group), f"{ms:g}"] for ms in ticks],
        "bins": [f"bump at {ms:.0f} ms" for ms in basis.centers_ms(n_groups)],
    }
