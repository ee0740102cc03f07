"""Voltage clamps: commanded potentials through a series resistance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.stimuli.stimulus import PlacedStimulus, Stimulus, as_numbers

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class VoltageClamp(PlacedStimulus):
    """A voltage clamp with steps of the commanded potential.

    Its current is recorded in the trace ``"clamp"``.

    Parameters
    ----------
    place : str
        As of `CurrentStep`.
    levels_mV : float or sequence of float
        Commanded potentials in mV.
    times_ms : float or sequence of float
        Time in ms at which each begins, ascending.
    stop_ms : float, optional
        Time in ms at which the clamp is removed; by default the end of the run.
    series_resistance_MOhm : float
        Resistance in MΩ between amplifier and cell.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> clamp = cb.VoltageClamp("MLI1[0]", [-70, -60], [0, 20])
    >>> run = cb.simulate_mli(network, duration_ms=40, stimuli=[clamp, "block all"])
    >>> run.traces["clamp"].values.shape, run.traces["clamp"].unit
    ((1601, 1), 'nA')
    """

    kind: ClassVar[str] = "clamp"

    levels_mV: tuple[float, ...]
    times_ms: tuple[float, ...]
    stop_ms: float | None = field(default=None, kw_only=True)
    series_resistance_MOhm: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        """Check that there is a level for each time."""
        for name in ("levels_mV", "times_ms"):
            object.__setattr__(self, name, as_numbers(self, name))
        super().__post_init__()
        if len(self.levels_mV) != len(self.times_ms) or not self.times_ms:
            raise self.refused(
                f"it has {len(self.levels_mV)} levels and {len(self.times_ms)} times",
                "Give the time at which each level begins",
            )
        bounds = [*self.times_ms, *([] if self.stop_ms is None else [self.stop_ms])]
        if self.times_ms[0] < 0 or not (np.diff(bounds) > 0).all():
            raise self.refused("its times do not ascend from 0 on", "Give them in order")

    def command(self, times_ms: Floats) -> tuple[Floats, Floats]:
        """Return conductance and commanded potential at some times.

        Parameters
        ----------
        times_ms : ndarray of float64, shape (n,)
            Times in ms.

        Returns
        -------
        conductance_uS, command_mV : ndarray of float64, shape (n,)
            Conductance in µS, 0 without clamp, and potential in mV.
        """
        level = np.searchsorted(self.times_ms, times_ms, side="right") - 1
        is_on = level >= 0
        if self.stop_ms is not None:
            is_on &= times_ms < self.stop_ms
        command_mV = np.array(self.levels_mV)[np.maximum(level, 0)]
        return np.where(is_on, 1 / self.series_resistance_MOhm, 0.0), command_mV


class Clamping(NamedTuple):
    """Voltage clamps of a run and the places that they hold.

    Attributes
    ----------
    place : ndarray of int64, shape (n,)
        Cells or compartments, in ascending order.
    clamps : tuple of VoltageClamp
        Clamp of each place.
    time_step_ms : float
        Time step in ms.
    """

    place: Ints
    clamps: tuple[VoltageClamp, ...]
    time_step_ms: float

    def commands(self, first: int, stop: int) -> tuple[Floats, Floats]:
        """Return conductances in µS and potentials in mV of steps, shape (stop - first, n)."""
        times_ms = np.arange(first + 0.5, stop, dtype=np.float64) * self.time_step_ms
        shape = (stop - first, len(self.clamps))
        conductance_uS, command_mV = np.zeros(shape), np.zeros(shape)
        for column, clamp in enumerate(self.clamps):
            conductance_uS[:, column], command_mV[:, column] = clamp.command(times_ms)
        return conductance_uS, command_mV

    def currents_nA(self, v_mV: npt.NDArray[np.floating]) -> Floats:
        """Return the current of each clamp into the cell, from the potentials that it gave.

        Parameters
        ----------
        v_mV : ndarray of float, shape (n_steps + 1, n)
            Potentials at the beginning and after each step.

        Returns
        -------
        ndarray of float64, shape (n_steps + 1, n)
            Currents in nA.
        """
        conductance_uS, command_mV = self.commands(-1, len(v_mV) - 1)
        return conductance_uS * (command_mV - v_mV)


def clamp_cells(
    stimuli: Iterable[Stimulus],
    places_of: Callable[[VoltageClamp], Ints],
    time_step_ms: float,
) -> Clamping:
    """Return the voltage clamps among some stimuli.

    Parameters
    ----------
    stimuli : iterable of Stimulus
        Stimuli of a run.
    places_of : callable
        Returns the cells or compartments of a stimulus.
    time_step_ms : float
        Time step in ms.

    Returns
    -------
    Clamping

    Raises
    ------
    InputError
        A place has two clamps.
    """
    clamp_of: dict[int, VoltageClamp] = {}
    for one in stimuli:
        if isinstance(one, VoltageClamp):
            for place in places_of(one).tolist():
                if place in clamp_of:
                    raise one.refused("this place has two voltage clamps", "Give one of them")
                clamp_of[place] = one
    places = sorted(clamp_of)
    clamps = tuple(clamp_of[place] for place in places)
    return Clamping(np.array(places, dtype=np.int64), clamps, time_step_ms)
