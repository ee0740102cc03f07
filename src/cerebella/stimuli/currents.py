"""Current clamps: the course of an injected current in time."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.randomness import Purpose, random123
from cerebella.stimuli.stimulus import PlacedStimulus, as_numbers

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_STREAM_BIT = 8
"""Place of the number of a noise stream in the 32-bit purpose of its random numbers."""


class Streams(NamedTuple):
    """Random streams of the cells that receive a current.

    Attributes
    ----------
    seed, trial : int
        Seed and trial of the run.
    purpose : Purpose
        Purpose of the streams.
    ids : ndarray of int64, shape (n_cells,)
        Number of each cell.
    """

    seed: int
    trial: int
    purpose: Purpose
    ids: Ints


@dataclass(frozen=True)
class CurrentClamp(PlacedStimulus):
    """A current injected into cells, in addition to all others.

    Attributes
    ----------
    start_ms : float
        First time in ms.
    stop_ms : float or None
        End in ms; None for the end of the run.
    """

    start_ms: float = field(default=0.0, kw_only=True)
    stop_ms: float | None = field(default=None, kw_only=True)

    def currents_nA(self, times_ms: Floats, streams: Streams) -> Floats:
        """Return the current into each cell at some times.

        Parameters
        ----------
        times_ms : ndarray of float64, shape (n_times,)
            Times in ms, ascending.
        streams : Streams
            Random streams of the cells.

        Returns
        -------
        ndarray of float64, shape (n_times, n_cells)
            Currents in nA; positive ones depolarize.
        """
        currents = np.zeros((len(times_ms), len(streams.ids)))
        inside = times_ms >= self.start_ms
        if self.stop_ms is not None:
            inside &= times_ms < self.stop_ms
        if inside.any():
            currents[inside] = self.course_nA(times_ms[inside] - self.start_ms, streams)
        return currents

    @abstractmethod
    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return currents since the start, shape (n_times, 1) or (n_times, n_cells)."""


@dataclass(frozen=True)
class CurrentStep(CurrentClamp):
    """A constant current.

    Parameters
    ----------
    place : str
        Cells of the molecular layer, such as ``"MLI1[3]"``, ``"MLI1[0,2-5]"`` or ``"MLI1"``, or
        compartments of the Purkinje cell, such as ``"soma"`` or ``"spiny[150um]"``. Each of them
        receives the whole current.
    amplitude_nA : float
        Current in nA.
    start_ms : float
        First time in ms.
    stop_ms : float, optional
        End in ms; by default that of the run.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> step = cb.CurrentStep("MLI1[3]", 0.1, start_ms=5, stop_ms=15)
    >>> run = cb.simulate_mli(network, duration_ms=20, stimuli=[step], record={"v": [3]})
    >>> v = run.traces["voltage"].values[:, 0]
    >>> bool(v[:200].max() < v[200:].max())
    True
    """

    kind: ClassVar[str] = "step"

    amplitude_nA: float

    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return the amplitude at all times."""
        return np.full((len(elapsed_ms), 1), self.amplitude_nA)


@dataclass(frozen=True)
class CurrentRamp(CurrentClamp):
    """A current that changes linearly in time.

    Parameters
    ----------
    place : str
        As of `CurrentStep`.
    first_nA, last_nA : float
        Current at start and end in nA.
    start_ms : float
        First time in ms.
    stop_ms : float
        End in ms.

    Examples
    --------
    >>> cb.CurrentRamp("soma", 0.0, 2.0, start_ms=10, stop_ms=60).kind
    'ramp'
    """

    kind: ClassVar[str] = "ramp"

    first_nA: float
    last_nA: float

    def __post_init__(self) -> None:
        """Check that the ramp has an end."""
        super().__post_init__()
        if self.stop_ms is None:
            raise self.refused("it has no end", "Give start and end, such as 50ms-150ms")

    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return the current between both ends."""
        assert self.stop_ms is not None
        done = elapsed_ms[:, None] / (self.stop_ms - self.start_ms)
        return self.first_nA + (self.last_nA - self.first_nA) * done


@dataclass(frozen=True)
class CurrentPulses(CurrentClamp):
    """A train of rectangular pulses, the first of which begins at the start.

    Parameters
    ----------
    place : str
        As of `CurrentStep`.
    amplitude_nA : float
        Current during a pulse in nA.
    width_ms : float
        Duration of a pulse in ms.
    frequency_Hz : float
        Number of pulses per second.
    start_ms : float
        First time in ms.
    stop_ms : float, optional
        End in ms; by default that of the run.

    Examples
    --------
    >>> cb.CurrentPulses("MLI2", 0.2, width_ms=1, frequency_Hz=100, start_ms=50).width_ms
    1
    """

    kind: ClassVar[str] = "pulses"

    amplitude_nA: float
    width_ms: float
    frequency_Hz: float

    def __post_init__(self) -> None:
        """Check that pulses do not overlap."""
        super().__post_init__()
        if self.width_ms > 1000 / self.frequency_Hz:
            raise self.refused(
                f"pulses of {self.width_ms:g} ms overlap at {self.frequency_Hz:g} Hz",
                "Give shorter pulses or a lower frequency",
            )

    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return the amplitude during pulses, 0 between them."""
        is_on = elapsed_ms[:, None] % (1000 / self.frequency_Hz) < self.width_ms
        return np.where(is_on, self.amplitude_nA, 0.0)


@dataclass(frozen=True)
class CurrentSine(CurrentClamp):
    """A sinusoidal current.

    Parameters
    ----------
    place : str
        As of `CurrentStep`.
    amplitude_nA : float
        Amplitude in nA.
    frequency_Hz : float
        Frequency in Hz.
    offset_nA : float
        Mean current in nA.
    phase_degrees : float
        Phase at the start in degrees.
    start_ms : float
        First time in ms.
    stop_ms : float, optional
        End in ms; by default that of the run.

    Examples
    --------
    >>> cb.CurrentSine("MLI1[0]", 0.01, frequency_Hz=8, offset_nA=0.01).phase_degrees
    0.0
    """

    kind: ClassVar[str] = "sine"

    amplitude_nA: float
    frequency_Hz: float
    offset_nA: float = 0.0
    phase_degrees: float = 0.0

    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return the offset plus the sine."""
        cycles = elapsed_ms[:, None] * self.frequency_Hz / 1000 + self.phase_degrees / 360
        return self.offset_nA + self.amplitude_nA * np.sin(2 * np.pi * cycles)


@dataclass(frozen=True)
class CurrentNoise(CurrentClamp):
    """Gaussian white noise, constant within short intervals.

    Each cell has its own noise, which depends on seed and trial of the run, on the cell, and on
    the number of the stream, and neither on the time step nor on the engine.

    Parameters
    ----------
    place : str
        As of `CurrentStep`.
    sd_nA : float
        Standard deviation in nA.
    mean_nA : float
        Mean in nA.
    interval_ms : float
        Duration in ms for which a value holds. The power density below 1/(2 interval) is
        2 sd² interval.
    stream : int
        Number of the random stream, 0 to 65535; stimuli with different numbers are independent.
    start_ms : float
        First time in ms.
    stop_ms : float, optional
        End in ms; by default that of the run.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> noise = cb.CurrentNoise("MLI1", 0.01, interval_ms=0.5)
    >>> run = cb.simulate_mli(network, duration_ms=10, stimuli=[noise])
    >>> run.manifest["stimuli"][0]["sd_nA"]
    0.01
    """

    kind: ClassVar[str] = "noise"

    sd_nA: float
    mean_nA: float = 0.0
    interval_ms: float = 0.1
    stream: int = 0

    def __post_init__(self) -> None:
        """Check the standard deviation and the number of the stream."""
        super().__post_init__()
        if self.sd_nA < 0:
            raise self.refused(f"sd_nA is {self.sd_nA:g}", "Give 0 or more")
        if not isinstance(self.stream, int) or not 0 <= self.stream < 1 << 16:
            raise self.refused(f"stream is {self.stream!r}", "Give a number from 0 to 65535")

    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return the value of the interval that contains each time."""
        from scipy.special import ndtri

        interval = (elapsed_ms / self.interval_ms).astype(np.int64)
        first = int(interval[0]) // 4 * 4  # streams are drawn in blocks of four
        purpose = int(streams.purpose) | (self.stream + 1) << _STREAM_BIT
        uniform = random123(
            streams.seed,
            purpose,
            streams.ids,
            streams.trial,
            int(interval[-1]) + 1 - first,
            first_draw=first,
        )
        return self.mean_nA + self.sd_nA * ndtri(uniform[:, interval - first]).T


@dataclass(frozen=True)
class CurrentSamples(CurrentClamp):
    """A current given by its samples.

    Parameters
    ----------
    place : str
        As of `CurrentStep`.
    samples_nA : sequence of float
        Current in nA in successive intervals.
    interval_ms : float
        Duration in ms for which a sample holds.
    start_ms : float
        First time in ms.
    stop_ms : float, optional
        End in ms; by default that of the samples, after which the current is 0.

    Examples
    --------
    >>> t_ms = np.arange(0, 100, 0.1)
    >>> current = 0.02 * np.exp(-t_ms / 20)
    >>> len(cb.CurrentSamples("MLI1[0]", current, interval_ms=0.1).samples_nA)
    1000
    """

    kind: ClassVar[str] = "samples"

    samples_nA: tuple[float, ...]
    interval_ms: float

    def __post_init__(self) -> None:
        """Convert the samples to a tuple."""
        object.__setattr__(self, "samples_nA", as_numbers(self, "samples_nA"))
        super().__post_init__()
        if not self.samples_nA:
            raise self.refused("samples_nA is empty", "Give currents in nA")

    def course_nA(self, elapsed_ms: Floats, streams: Streams) -> Floats:
        """Return the sample of the interval that contains each time."""
        samples = np.append(self.samples_nA, 0.0)
        index = (elapsed_ms / self.interval_ms).astype(np.int64)
        return samples[np.minimum(index, len(samples) - 1), None]
