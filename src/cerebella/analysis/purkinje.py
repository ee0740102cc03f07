"""What a Purkinje cell did in a run: its numbers, and the time courses that figures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from cerebella.analysis.dendritic_calcium import (
    SpinyCalcium,
    compute_calcium_mean_nM,
    compute_spike_spread,
    compute_spiny_calcium,
)
from cerebella.analysis.rates import Window
from cerebella.analysis.soma_spikes import (
    ComplexSpike,
    SimpleSpikes,
    compute_complex_spike,
    compute_pause_ms,
    compute_simple_spikes,
    compute_spike_times,
    simple_spike_window,
)
from cerebella.errors import InputError
from cerebella.morphology.recording_sites import load_recording_sites
from cerebella.results.condition import Condition
from cerebella.results.spikes import SpikeTrains
from cerebella.results.traces import Traces


class PurkinjeRun(Protocol):
    """A run of a Purkinje cell: a run directory, a published recording, a simulation."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def condition(self) -> Condition: ...  # noqa: D102
    @property
    def spikes(self) -> SpikeTrains: ...  # noqa: D102
    @property
    def traces(self) -> Mapping[str, Traces]: ...  # noqa: D102
    @property
    def manifest(self) -> Mapping[str, Any]: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class PurkinjeResponse:
    """The numbers of one run.

    Attributes
    ----------
    spike_times_ms : local maxima of the soma's voltage of at least -20 mV.
    simple_spike_window_ms : where the next are taken from.
    simple_spikes : number, rate and CV before the climbing fiber.
    complex_spike : None if there was no climbing fiber, or the recording ends too early.
    pause_ms : from the last spikelet to the next simple spike; NaN if not known.
    calcium_mean_nM : mean of the spiny dendrite, 150-180 ms; NaN if not recorded.
    dendritic_spike_spread : spiny compartments that reach 5 µM; None if not recorded.
    """

    spike_times_ms: npt.NDArray[np.float64]
    simple_spike_window_ms: Window
    simple_spikes: SimpleSpikes
    complex_spike: ComplexSpike | None
    pause_ms: float
    calcium_mean_nM: float
    dendritic_spike_spread: int | None


@dataclass(frozen=True, eq=False)
class PurkinjeSummary:
    """One run without its many traces.

    Attributes
    ----------
    name, condition, spikes : as those of the run; spikes hold the network that drove the cell.
    seed : of its random streams; 0 if not known.
    cf_time_ms : when the cell's own climbing fiber fired; None for never.
    response : the numbers.
    soma_v : voltage of the soma; None if not recorded.
    spiny_calcium : mean calcium of the spiny dendrite; None if not recorded.
    """

    name: str
    condition: Condition
    spikes: SpikeTrains
    seed: int
    cf_time_ms: float | None
    response: PurkinjeResponse
    soma_v: Traces | None
    spiny_calcium: SpinyCalcium | None


def compute_purkinje_summary(
    run: PurkinjeRun, *, simple_spike_window_ms: Window | None = None
) -> PurkinjeSummary:
    """Analyze one run of a Purkinje cell.

    Parameters
    ----------
    run : from `load_run`, `load_recording` or `simulate_purkinje`.
    simple_spike_window_ms : by default from 50 ms to 1.7 ms before the climbing fiber.

    Raises
    ------
    InputError : the run recorded neither the soma's voltage nor its spikes, or its files do
        not fit together.
    """
    cf_time_ms = run.manifest.get("cf_time_ms") if run.condition.cf_scale != 0 else None
    soma_v = run.traces.get("soma_v")
    times = _spike_times(run, soma_v)
    window = simple_spike_window_ms or simple_spike_window(cf_time_ms, _duration_ms(run, soma_v))
    if cf_time_ms is None or soma_v is None:
        complex_spike = None
    else:
        complex_spike = compute_complex_spike(soma_v, cf_time_ms)
    spiny, mean_nM, spread = _calcium(run, cf_time_ms)
    return PurkinjeSummary(
        run.name,
        run.condition,
        run.spikes,
        run.manifest.get("seed") or 0,
        cf_time_ms,
        PurkinjeResponse(
            times,
            window,
            compute_simple_spikes(times, window),
            complex_spike,
            compute_pause_ms(complex_spike, times),
            mean_nM,
            spread,
        ),
        soma_v,
        spiny,
    )


def _spike_times(run: PurkinjeRun, soma_v: Traces | None) -> npt.NDArray[np.float64]:
    """Return spikes from the voltage or, where it was not recorded, from the spike file."""
    if soma_v is not None:
        return compute_spike_times(soma_v)
    if all(population.name != "PC" for population in run.spikes.populations):
        raise InputError(
            f"{run.name} holds neither the voltage of the soma nor its spikes",
            remedy="Record soma_v",
        )
    return run.spikes.of("PC").times_ms


def _duration_ms(run: PurkinjeRun, soma_v: Traces | None) -> float:
    return run.spikes.duration_ms if soma_v is None else float(soma_v.times_ms[-1])


def _calcium(
    run: PurkinjeRun, cf_time_ms: float | None
) -> tuple[SpinyCalcium | None, float, int | None]:
    """Return time course, mean after the climbing fiber and spread, as far as recorded."""
    if "calcium" not in run.traces:
        return None, np.nan, None
    calcium = run.traces["calcium"]
    sites = load_recording_sites(run, calcium)
    spiny = compute_spiny_calcium(calcium, sites)
    if cf_time_ms is None:
        return spiny, np.nan, None
    return (
        spiny,
        compute_calcium_mean_nM(spiny, cf_time_ms),
        compute_spike_spread(calcium, sites, cf_time_ms),
    )
