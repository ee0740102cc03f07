"""From a session of the loop to the inputs of the detailed cell: PFs, interneurons, its CF.

Each contact of a parallel fiber (PF) belongs to a fiber of its own, which has the bump of a fiber
of the loop, drawn at random. It fires as a Poisson process with the relative rate of that fiber,
and its synapse transmits each spike with a probability equal to the learned weight of the fiber's
group. Rates are chosen such that, with the mean weight before learning and without a stimulus, a
contact transmits at the rate of the cell's own parameters.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.experiments.eyelid.cases import TRAINED, UNTRAINED
from cerebella.experiments.olive_to_purkinje.events import spikes_around
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import population_ranges
from cerebella.olive.stimulation.timeline import pf_rates_in
from cerebella.olive.stimulation.trials import Trial, TrialSession
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.randomness import Purpose, generator, seed_of_trial
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.run import Run

BEFORE, AFTER = "before", "after"
STAGES = (BEFORE, AFTER)
"""Stages of a session: before and after learning."""

ZONES = {"trained": TRAINED, "untrained": UNTRAINED}
"""Zones with and without US, by name."""

BEFORE_CS_MS, AFTER_US_MS = 400.0, 300.0
"""Simulated time before the CS and after the US."""

_INPUT = "PF_PC_MLI1"
"""Type of the fibers of the contacts; all fibers of this type contact the Purkinje cell."""

Floats = npt.NDArray[np.float64]


class CellTrial(NamedTuple):
    """A trial with US that drives a cell.

    Attributes
    ----------
    seed : int
        Seed of the session.
    stage : str
        ``"before"`` or ``"after"`` learning.
    zones : str
        ``"trained"`` or ``"untrained"``: whether the zone of the cell receives the US.
    number : int
        1 for the first trial of the session with US (before), or the last one (after), 2 for the
        next to it, and so on. The zone and the olivary cell follow from it.
    """

    seed: int
    stage: str
    zones: str
    number: int

    @property
    def zone(self) -> int:
        """Zone of the cell in the loop."""
        of_kind = ZONES[self.zones]
        return of_kind[(self.number - 1) % len(of_kind)]

    def io_cell(self, io_per_zone: int) -> int:
        """Return the cell of the olive whose axon is the CF of the cell."""
        turn = (self.number - 1) // len(ZONES[self.zones])
        return self.zone * io_per_zone + turn % io_per_zone

    def trial_in(self, session: TrialSession) -> Trial:
        """Return the trial of the session."""
        paired = paired_trials(session)
        return paired[self.number - 1 if self.stage == BEFORE else -self.number]


class Drive(NamedTuple):
    """Inputs of a cell in a trial; times are relative to the start of its run.

    Attributes
    ----------
    spikes : SpikeTrains
        Transmitted spikes of PFs, one fiber for each contact, and spikes of MLI1s.
    cell_counts : dict of str to int
        Number of cells of each type.
    cf_times_ms : tuple of float
        Spikes of the cell's CF.
    """

    spikes: SpikeTrains
    cell_counts: dict[str, int]
    cf_times_ms: tuple[float, ...]


def paired_trials(session: TrialSession) -> list[Trial]:
    """Return the trials of acquisition with US."""
    return [one for one in session.trials if one.block == "acquisition" and one.kind == "paired"]


def basket_cells(n_mli1: int, n_bc: int) -> list[int]:
    """Return the basket cells of the loop, evenly spaced, whose spikes are those of MLI1s."""
    return [number * n_bc // n_mli1 for number in range(n_mli1)]


def duration_ms(session: TrialSession) -> float:
    """Return the duration of the run of a cell in ms."""
    return BEFORE_CS_MS + session.us.delay_ms + AFTER_US_MS


def weights_in(run: Run, session: TrialSession, stage: str) -> Floats:
    """Return the weights of groups of PFs at the begin or at the end of acquisition.

    Parameters
    ----------
    run : Run
        The session's run.
    session : TrialSession
        The session.
    stage : str
        ``"before"`` or ``"after"`` learning.

    Returns
    -------
    ndarray of float, shape (n_zones, n_groups)
    """
    trials = [one for one in session.trials if one.block == "acquisition"]
    at_ms = trials[0].start_ms if stage == BEFORE else trials[-1].stop_ms
    samples = run.require("weights")
    place = int(np.abs(samples.times_ms - at_ms).argmin())
    return samples.by_group[place].astype(np.float64)


def relative_rates(session: TrialSession, parameters: OliveParameters) -> Floats:
    """Return the rate of each PF of the loop relative to that at rest, in each ms of a run.

    Parameters
    ----------
    session : TrialSession
        The session.
    parameters : OliveParameters
        The loop, at a time step of 1 ms or less.

    Returns
    -------
    ndarray of float, shape (n_fibers, n_ms)
    """
    (bumps,) = (one for one in session.stimuli if one.kind == "pf-bumps")
    in_cs = pf_rates_in(bumps, parameters)[1] / parameters.drive.effective_pf_rate_Hz
    n_before, n_ms = round(BEFORE_CS_MS), round(duration_ms(session))
    rates = np.ones((len(in_cs), n_ms))
    inside = in_cs[:, : n_ms - n_before]
    rates[:, n_before : n_before + inside.shape[1]] = inside
    return rates


def transmitted_spikes(
    relative: Floats, weights: Floats, n_contacts: int, rate_Hz: float, *, seed: int, trial: int
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Draw the spikes of PFs that the contacts of a cell transmit.

    Runs with the same seed, trial and rates differ only in which of the spikes are transmitted.

    Parameters
    ----------
    relative : ndarray of float, shape (n_fibers, n_ms)
        Rates of the fibers of the loop relative to that at rest.
    weights : ndarray of float, shape (n_groups,)
        Weight of each group of fibers, from 0 to 1.
    n_contacts : int
        Number of contacts, each with a fiber of its own.
    rate_Hz : float
        Rate of a fiber at rest in Hz.
    seed, trial : int
        Identify the random numbers.

    Returns
    -------
    times_ms : ndarray of float, shape (n_spikes,)
        Times in ms.
    contact : ndarray of int, shape (n_spikes,)
        Contact of each spike.
    """
    n_fibers, n_ms = relative.shape
    like = generator(seed, Purpose.CONDITIONED_PF_BUMPS).integers(n_fibers, size=n_contacts)
    draw = generator(seed_of_trial(seed, trial), Purpose.CONDITIONED_PF_TRAINS)
    peak = relative.max()
    n = draw.poisson(n_contacts * n_ms * peak * rate_Hz / 1000)
    contact, times_ms = draw.integers(n_contacts, size=n), draw.uniform(0, n_ms, size=n)
    fired, passed = draw.uniform(0, peak, size=n), draw.uniform(size=n)
    fiber = like[contact]
    kept = fired < relative[fiber, times_ms.astype(np.int64)]
    kept &= passed < weights[fiber * len(weights) // n_fibers]
    return times_ms[kept], contact[kept]


def drive_of(
    run: Run,
    session: TrialSession,
    cell: CellTrial,
    *,
    n_contacts: int,
    n_mli1: int,
    transmitted_Hz: float,
) -> Drive:
    """Return the inputs of a cell in a trial of a session.

    Parameters
    ----------
    run : Run
        The session's run, with weights of groups and spikes of IO and of `basket_cells`.
    session : TrialSession
        The session.
    cell : CellTrial
        Trial and zone.
    n_contacts : int
        PF contacts of the cell.
    n_mli1 : int
        MLI1s that inhibit it.
    transmitted_Hz : float
        Rate that a contact transmits at rest before learning.

    Returns
    -------
    Drive
    """
    parameters = OliveParameters.model_validate(run.manifest["parameters"])
    cs_ms, length_ms = cell.trial_in(session).cs_ms, duration_ms(session)
    window = {"at_ms": BEFORE_CS_MS, "duration_ms": length_ms}
    times_ms, contact = transmitted_spikes(
        relative_rates(session, parameters),
        weights_in(run, session, cell.stage)[cell.zone],
        n_contacts,
        transmitted_Hz / float(weights_in(run, session, BEFORE).mean()),
        seed=cell.seed,
        trial=cell.number,
    )
    of_bc, bc = spikes_around(run, "BC", cs_ms, **window)
    # Spikes of the loop lie on its time steps; together they would reach the cell in volleys.
    within = generator(seed_of_trial(cell.seed, cell.number), Purpose.CONDITIONED_MLI_TIMES)
    of_mli = of_bc + within.uniform(0, parameters.time_step_ms, size=len(of_bc))
    inside = of_mli < length_ms
    mli1 = np.searchsorted(run.of("BC").recorded, bc)
    counts = {one.name: 0 for one in CELL_TYPES} | {"MLI1": n_mli1, _INPUT: n_contacts}
    io_ms, io = spikes_around(run, "IO", cs_ms, **window)
    return Drive(
        SpikeTrains(
            np.concatenate([of_mli[inside], times_ms]),
            np.concatenate([mli1[inside], n_mli1 + contact]),
            population_ranges(counts),
            length_ms,
        ),
        counts,
        tuple(io_ms[io == cell.io_cell(parameters.circuit.io_per_zone)].tolist()),
    )
