"""Electrodes in NEURON: injected currents and commanded potentials that change in time."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def inject_current(
    h: Any,
    segment: Any,
    times_ms: npt.NDArray[np.float64],
    currents_nA: npt.NDArray[np.float64],
) -> tuple[Any, ...]:
    """Inject a current, interpolated between its values, into a segment.

    Parameters
    ----------
    h : hoc.HocObject
        NEURON's interpreter.
    segment : nrn.Segment
        The place.
    times_ms, currents_nA : ndarray of float64, shape (n,)
        Times, of which two may be equal at a jump, and the current at each.

    Returns
    -------
    tuple
        Objects that must be kept as long as the current is needed.
    """
    electrode = h.IClamp(segment)
    electrode.delay, electrode.dur = 0.0, 1e9
    times, currents = h.Vector(times_ms), h.Vector(currents_nA)
    currents.play(electrode._ref_amp, times, 1)
    return electrode, times, currents


_REMOVED_MOHM = 1e12
"""Series resistance of a voltage clamp that is removed."""


def clamp_voltage(
    h: Any,
    segment: Any,
    conductance: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    command: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
) -> tuple[Any, ...]:
    """Hold a segment at potentials through a conductance, both interpolated in time.

    Parameters
    ----------
    h : hoc.HocObject
        NEURON's interpreter.
    segment : nrn.Segment
        The place.
    conductance : tuple of two ndarrays of float64
        Times in ms and conductances in µS, 0 without clamp.
    command : tuple of two ndarrays of float64
        Times in ms and potentials in mV.

    Returns
    -------
    tuple
        Objects that must be kept as long as the clamp is needed.
    """
    electrode = h.SEClamp(segment)
    electrode.dur1 = 1e9
    kept: list[Any] = [electrode]
    is_on = conductance[1] > 0
    resistance_MOhm = np.where(is_on, 1 / np.where(is_on, conductance[1], 1.0), _REMOVED_MOHM)
    for reference, times_ms, values in (
        (electrode._ref_rs, conductance[0], resistance_MOhm),
        (electrode._ref_amp1, *command),
    ):
        vectors = h.Vector(times_ms), h.Vector(values)
        vectors[1].play(reference, vectors[0], 1)
        kept += vectors
    return tuple(kept)
