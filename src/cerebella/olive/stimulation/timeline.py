"""Stimuli in time steps: the settings of each part of a run."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.olive.perturbations import Drive, PFEpisode
from cerebella.olive.stimulation.values import (
    IOCurrent,
    MFRate,
    PFBumps,
    PFRates,
    YokedInhibition,
    responding_fibers,
)
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.times import format_time

Floats = npt.NDArray[np.float64]

_TOLERANCE = 1e-6


class Window(NamedTuple):
    """Steps first <= s < stop with another value of a field of `Drive`."""

    first: int
    stop: int
    field: str
    value: Any


class Timeline(NamedTuple):
    """Changes of settings by stimuli.

    Attributes
    ----------
    steps : list of int
        Steps at which a stimulus begins or ends, in ascending order.
    changes : list of dict
        Values of fields of `Drive` from each of these steps on.
    """

    steps: list[int]
    changes: list[dict[str, Any]]

    def next_step(self, step: int) -> int | None:
        """Return the first step after `step` at which a stimulus begins or ends, if any."""
        place = bisect_right(self.steps, step)
        return self.steps[place] if place < len(self.steps) else None

    def applied(self, drive: Drive, step: int) -> Drive:
        """Return the settings in a step, given those without stimuli."""
        place = bisect_right(self.steps, step) - 1
        changes = self.changes[place] if place >= 0 else {}
        return replace(drive, **changes) if changes else drive


def timeline_of(stimuli: Iterable[Any], parameters: OliveParameters) -> Timeline:
    """Return the changes of settings by stimuli.

    Parameters
    ----------
    stimuli : iterable of stimuli
        See `cerebella.olive.stimulation.values`.
    parameters : OliveParameters
        The model.

    Returns
    -------
    Timeline

    Raises
    ------
    InputError
        A stimulus does not fit the circuit or the time step, or two of one kind overlap.
    """
    windows = [window for one in stimuli for window in _windows(one, parameters)]
    steps = sorted({step for window in windows for step in (window.first, window.stop)})
    changes: list[dict[str, Any]] = [{} for _ in steps]
    for window in sorted(windows, key=lambda one: one[:2]):
        for place in range(bisect_left(steps, window.first), bisect_left(steps, window.stop)):
            _add(changes[place], window, parameters)
    return Timeline(steps, changes)


def _add(change: dict[str, Any], window: Window, parameters: OliveParameters) -> None:
    """Add a stimulus to the changes from some step on; currents are summed."""
    before = change.get(window.field)
    if before is not None and window.field == "io_current_mV_per_ms":
        sums = tuple(a + b for a, b in zip(before, window.value, strict=True))
        change[window.field] = sums
    elif before is not None:
        at = format_time(window.first * parameters.time_step_ms)
        raise InputError(
            f"`stimuli`: two stimuli of {_NAMES[window.field]} overlap at {at}",
            remedy="Let one end before the next one begins",
        )
    else:
        change[window.field] = window.value


_NAMES = {
    "pf_episode": "parallel fibers",
    "mf_rate_Hz": "mossy fibers",
    "dcn_of_io": "the nuclear inhibition of the olive",
}
"""What the stimuli of a field of `Drive` act on."""


def _windows(one: Any, parameters: OliveParameters) -> list[Window]:
    """Return the windows of a stimulus."""
    onsets = [parameters.steps(time_ms) for time_ms in one.times_ms]
    length = parameters.steps(one.duration_ms)
    if length < 1:
        raise InputError(
            f"`stimuli`: {one.kind} of {one.duration_ms:g} ms is shorter than the time step of "
            f"{parameters.time_step_ms:g} ms",
            remedy="Give a longer duration",
        )
    if isinstance(one, PFBumps | PFRates):
        bin_steps, rates_Hz = pf_rates_in(one, parameters)
        silence = _silence(rates_Hz, parameters)
        episodes = [PFEpisode(first, first + length, bin_steps, silence) for first in onsets]
        return [Window(episode.first, episode.stop, "pf_episode", episode) for episode in episodes]
    field, value = _setting(one, parameters)
    return [Window(first, first + length, field, value) for first in onsets]


def _setting(
    one: MFRate | IOCurrent | YokedInhibition, parameters: OliveParameters
) -> tuple[str, Any]:
    """Return the field of `Drive` that a stimulus changes, and its value."""
    if isinstance(one, MFRate):
        return "mf_rate_Hz", one.rate_Hz
    circuit = parameters.circuit
    per_zone = circuit.io_per_zone
    if isinstance(one, IOCurrent):
        zones = range(circuit.n_zones) if one.zones is None else one.zones
        _check_zones(zones, circuit.n_zones)
        amplitudes = [one.amplitude_mV_per_ms * (zone in zones) for zone in range(circuit.n_zones)]
        return "io_current_mV_per_ms", tuple(np.repeat(amplitudes, per_zone).tolist())
    if circuit.wiring != "microzones":
        raise InputError(
            "`stimuli`: yoked-inhibition requires zones, but the wiring is random",
            remedy="Choose the wiring microzones",
        )
    _check_zones([*one.zones, *one.sources], circuit.n_zones)
    sources = list(range(circuit.n_zones))
    for zone, source in zip(one.zones, one.sources, strict=True):
        sources[zone] = source
    return "dcn_of_io", tuple(np.repeat(sources, per_zone).tolist())


def _check_zones(zones: Sequence[int], n_zones: int) -> None:
    unknown = [zone for zone in zones if zone >= n_zones]
    if unknown:
        raise InputError(
            f"`stimuli`: there is no zone {unknown[0]}",
            remedy=f"Choose from zones 0 to {n_zones - 1}",
        )


def pf_rates_in(one: PFBumps | PFRates, parameters: OliveParameters) -> tuple[int, Floats]:
    """Return the steps of a bin, and the rates (n PF, n_bins) in Hz."""
    step_ms, n_pf = parameters.time_step_ms, parameters.circuit.sizes["PF"]
    if isinstance(one, PFRates):
        bin_steps = parameters.steps(one.bin_ms)
        if bin_steps < 1 or abs(one.bin_ms / step_ms - bin_steps) > _TOLERANCE:
            raise InputError(
                f"`stimuli`: bins of {one.bin_ms:g} ms are not a whole number of time steps of "
                f"{step_ms:g} ms"
            )
        rates = np.array(one.rates_Hz)
        if len(rates) > n_pf:
            raise InputError(f"`stimuli`: {n_pf} PFs cannot form {len(rates)} groups")
        return bin_steps, rates[np.arange(n_pf) * len(rates) // n_pf]
    bin_steps = max(1, parameters.steps(1.0))
    n_bins = -(-parameters.steps(one.duration_ms) // bin_steps)
    times_ms = (np.arange(n_bins, dtype=np.float64) + 0.5) * bin_steps * step_ms
    rest_Hz = parameters.drive.effective_pf_rate_Hz
    if rest_Hz == 0:
        raise InputError("`stimuli`: pf-bumps are relative to the rate at rest, which is 0 Hz")
    fibers = responding_fibers(one.fibers, n_pf)
    rates = np.full((n_pf, n_bins), rest_Hz)
    rates[fibers] = one.basis.rates_Hz(len(fibers), times_ms, rest_Hz)
    return bin_steps, rates


def _silence(rates_Hz: Floats, parameters: OliveParameters) -> Floats:
    """Return the probability that a PF outside its refractory period is silent in a step."""
    refractory = parameters.steps(parameters.drive.pf_refractory_ms)
    per_step = rates_Hz * parameters.time_step_ms / 1000
    if per_step.max() * (1 + refractory) > 1:
        most_Hz = 1000 / parameters.time_step_ms / (1 + refractory)
        raise InputError(
            f"`stimuli`: a PF cannot fire at {rates_Hz.max():.4g} Hz; its refractory period and "
            f"the time step allow {most_Hz:.4g} Hz"
        )
    return 1 - per_step / (1 - per_step * refractory)
