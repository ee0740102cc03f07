"""Sessions of trials: conditioned and unconditioned stimuli, blocks, and times between trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from cerebella.olive.stimulation.basis import TemporalBasis
from cerebella.olive.stimulation.values import (
    Cells,
    IOCurrent,
    LoopStimulus,
    MFRate,
    PFBumps,
    YokedInhibition,
)
from cerebella.parameters.quantity import Parameters
from cerebella.randomness import Purpose, generator

TrialKind = Literal["blank", "CS alone", "US alone", "paired", "unpaired"]

_WITH_CS = ("CS alone", "paired", "unpaired")
_WITH_US = ("US alone", "paired", "unpaired")


class CS(Parameters):
    """A conditioned stimulus: parallel fibers that represent the time since its onset.

    Parameters
    ----------
    onset_ms : float
        Onset in ms from the beginning of a trial.
    duration_ms : float
        Duration in ms.
    fibers : float or sequence of int
        Fraction of PFs that respond, evenly spaced, or their numbers.
    basis : TemporalBasis or mapping
        Their rates.
    mf_rate_Hz : float, optional
        Rate of all MFs during the stimulus in Hz; by default that at rest.

    Examples
    --------
    >>> cb.CS(duration_ms=500).onset_ms
    500.0
    """

    onset_ms: float = Field(default=500.0, ge=0)
    duration_ms: float = Field(default=1000.0, gt=0)
    fibers: Annotated[float, Field(gt=0, le=1)] | Cells = 1.0
    basis: TemporalBasis = TemporalBasis()
    mf_rate_Hz: float | None = Field(default=None, ge=0)


class US(Parameters):
    """An unconditioned stimulus: a current into olivary cells.

    Parameters
    ----------
    delay_ms : float
        Time from the onset of the CS to that of the US in ms, the interstimulus interval (ISI).
    zones : sequence of int
        Zones whose olivary cells receive it.
    amplitude_mV_per_ms : float
        Current in mV/ms. 0.8 mV/ms for 20 ms depolarize a cell at rest by about 6 mV.
    duration_ms : float
        Duration in ms.

    Examples
    --------
    >>> cb.US(delay_ms=250).zones
    (0, 1, 2, 3)
    """

    delay_ms: float = Field(default=500.0, ge=0)
    zones: Cells = (0, 1, 2, 3)
    amplitude_mV_per_ms: float = 0.8
    duration_ms: float = Field(default=20.0, gt=0)


class TrialBlock(Parameters):
    """Trials of one kind.

    Parameters
    ----------
    name : str
        Name of the block in tables and figures, such as ``"extinction"``.
    kind : str
        ``"paired"``, ``"CS alone"``, ``"US alone"``, ``"unpaired"`` (the US comes at a random time,
        1 s or more after the CS), or ``"blank"`` (no stimulus).
    n_trials : int
        Number of trials.
    probe_every : int
        The first of so many trials is a probe, the CS alone; 0 for none.
    yoked : bool
        The IO cells of the trained zones receive the nuclear inhibition of untrained zones during
        the CS.

    Examples
    --------
    >>> cb.TrialBlock(name="acquisition", kind="paired", n_trials=100, probe_every=10).yoked
    False
    """

    name: str = Field(min_length=1)
    kind: TrialKind
    n_trials: int = Field(ge=1)
    probe_every: int = Field(default=0, ge=0)
    yoked: bool = False


class Trial(NamedTuple):
    """A trial of a session.

    Attributes
    ----------
    block : str
        Name of its block.
    kind : str
        Kind of the trial; probes of a block are ``"CS alone"``.
    start_ms, stop_ms : float
        Begin and end in ms.
    cs_ms : float
        Time of the CS in ms, or in a blank trial the time at which it would be given.
    us_ms : float
        Time of the US in ms; NaN in trials without one.
    """

    block: str
    kind: TrialKind
    start_ms: float
    stop_ms: float
    cs_ms: float
    us_ms: float


if TYPE_CHECKING:
    Blocks = Any
else:
    Blocks = tuple[TrialBlock, ...]


class TrialSession(Parameters):
    """A session of trials.

    Parameters
    ----------
    blocks : sequence of TrialBlock or mapping
        The blocks in their order.
    cs : CS or mapping
        The conditioned stimulus.
    us : US or mapping
        The unconditioned stimulus.
    settling_ms : float
        Time before the first trial in ms.
    trial_ms : float
        Shortest duration of a trial in ms.
    jitter_ms : float
        Greatest increase of the duration of a trial in ms; each is drawn uniformly, in whole ms.
    seed : int
        Seed of the durations, and of the times of the US in unpaired trials.

    Examples
    --------
    >>> block = cb.TrialBlock(name="acquisition", kind="paired", n_trials=2)
    >>> session = cb.TrialSession(blocks=[block], settling_ms=1000, jitter_ms=0)
    >>> [trial.us_ms for trial in session.trials]
    [2000.0, 4500.0]
    >>> session.duration_ms
    6000.0
    >>> run = cb.simulate_olive(
    ...     dt_ms=1.0, duration_ms=session.duration_ms, stimuli=session.stimuli
    ... )
    """

    blocks: Blocks = Field(min_length=1)
    cs: CS = CS()
    us: US = US()
    settling_ms: float = Field(default=40_000.0, ge=0)
    trial_ms: float = Field(default=2500.0, gt=0)
    jitter_ms: float = Field(default=500.0, ge=0)
    seed: int = Field(default=0, ge=0, lt=2**32)

    @model_validator(mode="after")
    def _check(self) -> Self:
        end_ms = self.cs.onset_ms + max(self.cs.duration_ms, self.us.delay_ms + self.us.duration_ms)
        if end_ms > self.trial_ms:
            raise ValueError(
                f"trial_ms = {self.trial_ms:g} is too short for stimuli that end at {end_ms:g} ms"
            )
        needed_ms = self.cs.onset_ms + self.cs.duration_ms + _UNPAIRED_MS + self.us.duration_ms
        if any(block.kind == "unpaired" for block in self.blocks) and needed_ms > self.trial_ms:
            raise ValueError(
                f"trial_ms = {self.trial_ms:g} is too short for unpaired trials, which take "
                f"{needed_ms:g} ms or more"
            )
        return self

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The trials in their order."""
        rng = generator(self.seed, Purpose.LOOP_TRIALS)
        found, start_ms = [], self.settling_ms
        for block in self.blocks:
            for number in range(block.n_trials):
                stop_ms = start_ms + self.trial_ms + np.floor(rng.uniform(0, self.jitter_ms + 1))
                unpaired_ms = rng.uniform()
                is_probe = block.probe_every > 0 and number % block.probe_every == 0
                kind: TrialKind = "CS alone" if is_probe else block.kind
                cs_ms = start_ms + self.cs.onset_ms
                us_ms = cs_ms + self.us.delay_ms if kind in _WITH_US else float("nan")
                if kind == "unpaired":
                    first_ms = cs_ms + self.cs.duration_ms + _UNPAIRED_MS
                    last_ms = stop_ms - self.us.duration_ms
                    us_ms = first_ms + np.floor(unpaired_ms * (last_ms - first_ms))
                found.append(Trial(block.name, kind, start_ms, float(stop_ms), cs_ms, float(us_ms)))
                start_ms = float(stop_ms)
        return tuple(found)

    @property
    def duration_ms(self) -> float:
        """End of the last trial in ms."""
        return self.trials[-1].stop_ms

    @property
    def stimuli(self) -> tuple[LoopStimulus, ...]:
        """The stimuli of all trials, for `simulate_olive`."""
        trials = self.trials
        cs_ms = [one.cs_ms for one in trials if one.kind in _WITH_CS]
        us_ms = [one.us_ms for one in trials if one.kind in _WITH_US]
        cs, us = self.cs, self.us
        found: list[LoopStimulus] = []
        if cs_ms:
            found.append(
                PFBumps(
                    times_ms=tuple(cs_ms),
                    duration_ms=cs.duration_ms,
                    fibers=cs.fibers,
                    basis=cs.basis,
                )
            )
        if cs_ms and cs.mf_rate_Hz is not None:
            found.append(
                MFRate(times_ms=tuple(cs_ms), duration_ms=cs.duration_ms, rate_Hz=cs.mf_rate_Hz)
            )
        if us_ms:
            found.append(
                IOCurrent(
                    times_ms=tuple(us_ms),
                    amplitude_mV_per_ms=us.amplitude_mV_per_ms,
                    duration_ms=us.duration_ms,
                    zones=us.zones,
                )
            )
        yoked = {block.name for block in self.blocks if block.yoked}
        yoked_ms = [one.cs_ms for one in trials if one.block in yoked and one.kind in _WITH_CS]
        if yoked_ms:
            sources = tuple(zone + len(us.zones) for zone in us.zones)
            found.append(
                YokedInhibition(
                    times_ms=tuple(yoked_ms),
                    duration_ms=cs.duration_ms,
                    zones=us.zones,
                    sources=sources,
                )
            )
        return tuple(found)


_UNPAIRED_MS = 1000.0
"""Time from the end of the CS to the first possible US of an unpaired trial in ms."""
