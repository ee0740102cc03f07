"""The I–V curve: currents of a voltage clamp at the soma."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cerebella.analysis.protocol import ProtocolResult
from cerebella.experiments.protocols.cells import (
    cell_of,
    finite_numbers,
    positive,
    simulate_conditions,
)
from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.own_mechanisms import Mechanisms
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.stimuli.voltage_clamp import VoltageClamp

LEVELS_MV = np.arange(-100.0, 1.0, 10.0)
"""Levels of the I–V curve in mV."""

_SMALL_MV = -5.0
"""Step of which leak and capacitive currents are taken, relative to the holding potential."""

_STEADY_MS = 5.0
"""Time before the end of a step over which the steady current is averaged."""


def compute_iv_curve(
    cell: str | Morphology,
    levels_mV: Iterable[float] | None = None,
    *,
    holding_mV: float = -70.0,
    series_resistance_MOhm: float = 1.0,
    settle_ms: float | None = None,
    step_ms: float = 50.0,
    engine: Engine | str = AUTO,
    parameters: Any | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    progress: Progress | Reporter = True,
) -> ProtocolResult:
    """Compute the currents of a cell during steps of voltage at its soma.

    Leak and capacitive currents, measured with a step of -5 mV and scaled, are subtracted from the
    peaks. Dendrites are not clamped, and axial currents into them are part of the result.

    Parameters
    ----------
    cell : str or Morphology
        As of `compute_fi_curve`.
    levels_mV : iterable of float, optional
        Commanded potentials in mV; by default -100 to 0 in steps of 10.
    holding_mV : float
        Commanded potential before the step in mV.
    series_resistance_MOhm : float
        Series resistance of the clamp in MΩ.
    settle_ms : float, optional
        Time before the step in ms; by default 500 for interneurons, whose inactivation is slow,
        and 100 for Purkinje cells.
    step_ms : float
        Duration of the step in ms.
    engine, parameters, mechanisms, progress
        As of `compute_fi_curve`.

    Returns
    -------
    ProtocolResult
        For each level the potential at the end of the step in mV; the largest inward and outward
        currents after subtraction of leak, and the mean of the last 5 ms without subtraction, in
        nA. Inward currents are negative.

    Examples
    --------
    >>> curve = cb.compute_iv_curve("MLI1", [-80, -60, -20], settle_ms=50)
    >>> curve.table()["steady_nA"].round(3).tolist()
    [-0.029, 0.007, 5.693]
    """
    own = cell_of(cell, parameters, mechanisms)
    levels = finite_numbers(levels_mV, LEVELS_MV, "levels_mV")
    start_ms = positive(settle_ms, 500.0 if own.is_mli else 100.0, "settle_ms")
    window_ms = start_ms, start_ms + positive(step_ms, step_ms, "step_ms")
    conditions = [
        [
            VoltageClamp(
                "soma",
                (holding_mV, level),
                (0.0, start_ms),
                series_resistance_MOhm=series_resistance_MOhm,
            )
        ]
        for level in [*levels, holding_mV + _SMALL_MV]
    ]
    with reporting(progress, "Measuring the I–V curve") as reporter:
        courses = simulate_conditions(own, conditions, window_ms[1], engine, reporter)
    step = own.time_step_ms
    first = round(start_ms / step) + 1
    last = round(max(window_ms[1] - _STEADY_MS, start_ms + step_ms / 2) / step)
    *currents, small = courses.clamp_nA
    rows = []
    for level, v, current in zip(levels, courses.v_mV, currents, strict=False):
        leak = (level - holding_mV) / _SMALL_MV * (small - small[first - 1])
        active = (current - current[first - 1] - leak)[first:]
        rows.append(
            {
                "level_mV": level,
                "v_mV": float(v[-1]),
                "inward_nA": float(min(active.min(), 0.0)),
                "outward_nA": float(max(active.max(), 0.0)),
                "steady_nA": float(current[last:].mean()),
            }
        )
    return ProtocolResult(
        *("iv", own.name, tuple(rows), courses.times_ms, courses.clamp_nA[:-1], window_ms),
        course="Clamp current (nA)",
    )
