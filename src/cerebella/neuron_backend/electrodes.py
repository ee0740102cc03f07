"""Electrodes in NEURON: injected currents that change in time."""

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
