"""Measures and time courses of a run of a Purkinje cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.analysis.dendritic_calcium import (
    SpinyCalcium,
    compute_calcium_mean_nM,
    compute_spike_spread,
    compute_spiny_calcium,
)
from cerebella.analysis.events import cf_times_ms
from cerebella.analysis.rates import Window
from cerebella.analysis.reduced_calcium import MEAN, read_reduced_calcium
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
from cerebella.runs.run import Run


@dataclass(frozen=True, eq=False)
class PurkinjeResponse:
    """Measures of one run.

    Attributes
    ----------
    spike_times_ms : ndarray of float, shape (n_spikes,)
        Times of local maxima of the somatic voltage of at least -20 mV, in ms.
    simple_spike_window_ms : tuple of float
        Window in which simple spikes are measured, in ms.
    simple_spikes : SimpleSpikes
        Number, rate and CV of simple spikes before the climbing-fiber spike.
    complex_spike : ComplexSpike or None
        None without a climbing-fiber spike, or if the recording ends too early.
    pause_ms : float
        Time from the last spikelet to the next simple spike in ms; NaN if undefined.
    calcium_mean_nM : float
        Mean calcium of the spiny dendrite in 150-180 ms, in nM; NaN if not recorded.
    dendritic_spike_spread : int or None
        Number of spiny compartments that reach 5 µM; None if not recorded.
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
    """Summary of one run, without the traces of individual compartments.

    Attributes
    ----------
    name : str
        Name of the run.
    condition : Condition
        Experimental condition.
    spikes : SpikeTrains
        Spikes of the cell and of the network that drove it.
    seed : int
        Seed of the run; 0 if unknown.
    cf_time_ms : float or None
        Time of the climbing-fiber spike that is measured, in ms; None without a spike.
    response : PurkinjeResponse
        Measures.
    soma_v : Traces or None
        Somatic voltage; None if not recorded.
    spiny_calcium : SpinyCalcium or None
        Mean calcium of the spiny dendrite; None if not recorded.
    cf_times_ms : tuple of float
        Times of all climbing-fiber spikes in ms.

    Examples
    --------
    A cell that fires every 20 ms, with a climbing-fiber spike at 151.7 ms:

    >>> voltage_mV = np.full((3000, 1), -65.0)
    >>> voltage_mV[::200] = 20
    >>> soma_v = cb.Traces(0.1 * np.arange(3000), voltage_mV, [0], ["soma"], [0.5])
    >>> run = cb.Run({"kind": "purkinje", "cf_time_ms": 151.7}, traces={"soma_v": soma_v})
    >>> summary = cb.compute_purkinje_summary(run)
    >>> summary.cf_time_ms, summary.response.pause_ms
    (151.7, 20.0)
    """

    name: str
    condition: Condition
    spikes: SpikeTrains
    seed: int
    cf_time_ms: float | None
    response: PurkinjeResponse
    soma_v: Traces | None
    spiny_calcium: SpinyCalcium | None
    cf_times_ms: tuple[float, ...] = ()


def compute_purkinje_summary(
    run: Run,
    *,
    simple_spike_window_ms: Window | None = None,
    cf_time_ms: float | None = None,
    next_cf_ms: float | None = None,
) -> PurkinjeSummary:
    """Analyze one run of a Purkinje cell.

    Parameters
    ----------
    run : Run
        Run of a Purkinje cell, simulated or loaded.
    simple_spike_window_ms : tuple of float, optional
        Window of simple spikes in ms; by default from 50 ms to 1.7 ms before the climbing-fiber
        spike.
    cf_time_ms : float, optional
        Time of the climbing-fiber spike whose response is measured; by default the first of the
        run.
    next_cf_ms : float, optional
        Time of the next one, before which the windows of the response end.

    Returns
    -------
    PurkinjeSummary

    Raises
    ------
    InputError
        If neither the somatic voltage nor the spikes of the cell were recorded, or the files of
        the run are inconsistent.

    Examples
    --------
    A cell that fires every 20 ms, with a climbing-fiber spike at 151.7 ms:

    >>> voltage_mV = np.full((3000, 1), -65.0)
    >>> voltage_mV[::200] = 20
    >>> soma_v = cb.Traces(0.1 * np.arange(3000), voltage_mV, [0], ["soma"], [0.5])
    >>> run = cb.Run({"kind": "purkinje", "cf_time_ms": 151.7}, traces={"soma_v": soma_v})
    >>> response = cb.compute_purkinje_summary(run).response
    >>> response.simple_spikes.rate_Hz
    50.0
    >>> response.complex_spike.n_spikelets
    2
    """
    if cf_time_ms is None and run.condition.cf_scale != 0:
        cf_time_ms = run.manifest.get("cf_time_ms")
    soma_v = run.traces.get("soma_v")
    times = _spike_times(run, soma_v)
    window = simple_spike_window_ms or simple_spike_window(cf_time_ms, _duration_ms(run, soma_v))
    if cf_time_ms is None or soma_v is None:
        complex_spike = None
    else:
        complex_spike = compute_complex_spike(soma_v, cf_time_ms, next_cf_ms)
    spiny, mean_nM, spread = _calcium(run, cf_time_ms, next_cf_ms)
    return PurkinjeSummary(
        run.name,
        run.condition,
        SpikeTrains(np.empty(0), np.empty(0, dtype=np.int64)) if run.spikes is None else run.spikes,
        run.manifest.get("seed") or 0,
        cf_time_ms,
        PurkinjeResponse(
            times,
            window,
            compute_simple_spikes(times, window),
            complex_spike,
            compute_pause_ms(complex_spike, times, next_cf_ms),
            mean_nM,
            spread,
        ),
        soma_v,
        spiny,
        tuple(cf_times_ms(run)) if run.condition.cf_scale != 0 else (),
    )


def _spike_times(run: Run, soma_v: Traces | None) -> npt.NDArray[np.float64]:
    """Return spike times from the voltage or, if it was not recorded, from the spike file."""
    if soma_v is not None:
        return compute_spike_times(soma_v)
    if "PC" not in run.populations:
        raise InputError(
            f"{run.name} contains neither the somatic voltage nor the spikes of the Purkinje cell",
            remedy="Record soma_v",
        )
    return run.spikes.of("PC").times_ms


def _duration_ms(run: Run, soma_v: Traces | None) -> float:
    return run.spikes.duration_ms if soma_v is None else float(soma_v.times_ms[-1])


def _calcium(
    run: Run, cf_time_ms: float | None, next_cf_ms: float | None
) -> tuple[SpinyCalcium | None, float, int | None]:
    """Return the time course, the mean after the climbing-fiber spike, and the spread."""
    if "calcium" not in run.traces:
        return _reduced_calcium(run, cf_time_ms, next_cf_ms)
    calcium = run.traces["calcium"]
    sites = load_recording_sites(run, calcium)
    spiny = compute_spiny_calcium(calcium, sites)
    if cf_time_ms is None:
        return spiny, np.nan, None
    return (
        spiny,
        compute_calcium_mean_nM(spiny, cf_time_ms, next_cf_ms),
        compute_spike_spread(calcium, sites, cf_time_ms, next_cf_ms),
    )


def _reduced_calcium(
    run: Run, cf_time_ms: float | None, next_cf_ms: float | None
) -> tuple[SpinyCalcium | None, float, int | None]:
    if MEAN not in run.traces:
        return None, np.nan, None
    spiny, spread = read_reduced_calcium(run.traces)
    if cf_time_ms is None:
        return spiny, np.nan, spread
    if cf_time_ms != run.manifest.get("cf_time_ms") or next_cf_ms is not None:
        spread = None  # peaks were kept after the first climbing-fiber spike only
    return spiny, compute_calcium_mean_nM(spiny, cf_time_ms, next_cf_ms), spread
