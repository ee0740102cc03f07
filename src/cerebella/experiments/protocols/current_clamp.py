"""Protocols in current clamp: f–I curve, input resistance and rheobase."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.protocol import ProtocolResult, firing_measures, time_to_fraction
from cerebella.errors import InputError
from cerebella.experiments.protocols.cells import (
    Cell,
    Courses,
    cell_of,
    finite_numbers,
    positive,
    simulate_conditions,
)
from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.own_mechanisms import Mechanisms
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.stimuli.currents import CurrentStep

Floats = npt.NDArray[np.float64]

FI_CURRENTS_NA = {True: np.arange(0, 51, 5) / 1000, False: np.arange(-4, 11, 2) / 10}
"""Currents of the f–I curve, of an interneuron (True) and of a Purkinje cell."""

HOLDING_NA = {True: (0.0, -0.02), False: (-0.5, -1.0)}
"""Holding currents for the input resistance."""

RHEOBASE_NA = {True: (0.0, 0.1), False: (-1.0, 0.5)}
"""Range in which the rheobase is searched."""

_FRACTION = 1 - np.exp(-1)


def compute_fi_curve(
    cell: str | Morphology,
    currents_nA: Iterable[float] | None = None,
    *,
    settle_ms: float | None = None,
    step_ms: float = 300.0,
    engine: Engine | str = AUTO,
    parameters: Any | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    progress: Progress | Reporter = True,
) -> ProtocolResult:
    """Compute the firing of a cell during steps of current into its soma.

    Parameters
    ----------
    cell : str or Morphology
        ``"MLI1"``, ``"MLI2"``, ``"purkinje"`` for the default Purkinje cell, or a morphology. The
        cell receives no synaptic input and no bias current.
    currents_nA : iterable of float, optional
        Currents in nA; by default 0 to 0.05 for interneurons and -0.4 to 1 for Purkinje
        cells.
    settle_ms : float, optional
        Time before the step in ms; by default 0 for interneurons and 100 for Purkinje cells.
    step_ms : float
        Duration of the step in ms.
    engine : Engine or str
        Engine of the level.
    parameters : MLIParameters, PurkinjeParameters or mapping, optional
        Parameters of the model, or those that differ from the defaults.
    mechanisms : Path, str or mapping of str to str, optional
        Folder with NMODL files of the user, or their texts by name of the file; see
        `simulate_mli` and `simulate_purkinje`.
    progress : bool or callable
        True for a bar in a terminal or notebook, False for none, or a function of the fraction
        done.

    Returns
    -------
    ProtocolResult
        For each current the number of spikes, rates in Hz, and the time of the first spike.

    Examples
    --------
    >>> curve = cb.compute_fi_curve("MLI2", [0.01, 0.02, 0.03], step_ms=200)
    >>> curve.table()["n_spikes"].tolist()
    [0, 6, 11]
    """
    own = cell_of(cell, parameters, mechanisms)
    currents = finite_numbers(currents_nA, FI_CURRENTS_NA[own.is_mli], "currents_nA")
    start_ms = positive(settle_ms, 0.0 if own.is_mli else 100.0, "settle_ms", or_zero=True)
    window_ms = start_ms, start_ms + positive(step_ms, step_ms, "step_ms")
    conditions = [[_step(current, window_ms)] for current in currents]
    with reporting(progress, "Measuring the f–I curve") as reporter:
        courses = simulate_conditions(own, conditions, window_ms[1], engine, reporter)
    rows = [
        {"current_nA": current, **firing_measures(spikes, window_ms)}
        for current, spikes in zip(currents, courses.spikes_ms, strict=True)
    ]
    return ProtocolResult("fi", own.name, tuple(rows), courses.times_ms, courses.v_mV, window_ms)


def compute_input_resistance(
    cell: str | Morphology,
    holding_nA: Iterable[float] | None = None,
    *,
    step_nA: float | None = None,
    settle_ms: float | None = None,
    step_ms: float | None = None,
    engine: Engine | str = AUTO,
    parameters: Any | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    progress: Progress | Reporter = True,
) -> ProtocolResult:
    """Compute the input resistance of a cell at some holding currents.

    Parameters
    ----------
    cell : str or Morphology
        As of `compute_fi_curve`.
    holding_nA : iterable of float, optional
        Constant currents in nA; by default 0 and -0.02 for interneurons, -0.5 and -1 for
        Purkinje cells, which fire without.
    step_nA : float, optional
        Current in nA that is added; by default -0.005 for interneurons, -0.1 for Purkinje cells.
    settle_ms : float, optional
        Time before the step in ms; by default 1000 for interneurons, 400 for Purkinje cells.
    step_ms : float, optional
        Duration of the step in ms; by default as `settle_ms`.
    engine, parameters, mechanisms, progress
        As of `compute_fi_curve`.

    Returns
    -------
    ProtocolResult
        For each holding current potentials 1 ms before the step and at its end in mV, the
        resistance in MΩ, the time constant in ms (until 63 % of the change), and the number of
        spikes, with which a resistance means little.

    Examples
    --------
    >>> found = cb.compute_input_resistance("MLI1", [-0.02])
    >>> print(f"{found.table()['input_resistance_MOhm'][0]:.1f} MΩ")
    546.3 MΩ
    """
    own = cell_of(cell, parameters, mechanisms)
    holding = finite_numbers(holding_nA, HOLDING_NA[own.is_mli], "holding_nA")
    added = (-0.005 if own.is_mli else -0.1) if step_nA is None else float(step_nA)
    if not np.isfinite(added) or added == 0:
        raise InputError(f"`step_nA` is {added:g}", remedy="Give a current other than 0")
    start_ms = positive(settle_ms, 1000.0 if own.is_mli else 400.0, "settle_ms")
    window_ms = start_ms, start_ms + positive(step_ms, start_ms, "step_ms")
    conditions = [[CurrentStep("soma", current), _step(added, window_ms)] for current in holding]
    with reporting(progress, "Measuring the input resistance") as reporter:
        courses = simulate_conditions(own, conditions, window_ms[1], engine, reporter)
    first = round(start_ms / own.time_step_ms)
    before = round(max(start_ms - 1, 0) / own.time_step_ms)
    rows = []
    for current, v, spikes in zip(holding, courses.v_mV, courses.spikes_ms, strict=True):
        change = v[first:] - v[first]
        elapsed_ms = courses.times_ms[first:] - courses.times_ms[first]
        rows.append(
            {
                "holding_nA": current,
                "step_nA": added,
                "v_before_mV": float(v[before]),
                "v_after_mV": float(v[-1]),
                "input_resistance_MOhm": float((v[-1] - v[before]) / added),
                "time_constant_ms": time_to_fraction(elapsed_ms, change, _FRACTION),
                "n_spikes": int(np.count_nonzero(spikes >= start_ms / 2)),
            }
        )
    return ProtocolResult(
        "input-resistance", own.name, tuple(rows), courses.times_ms, courses.v_mV, window_ms
    )


def compute_rheobase(
    cell: str | Morphology,
    range_nA: tuple[float, float] | None = None,
    *,
    tolerance_nA: float | None = None,
    settle_ms: float | None = None,
    step_ms: float = 300.0,
    engine: Engine | str = AUTO,
    parameters: Any | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    progress: Progress | Reporter = True,
) -> ProtocolResult:
    """Find the smallest step of current into the soma at which a cell fires.

    Parameters
    ----------
    cell : str or Morphology
        As of `compute_fi_curve`.
    range_nA : tuple of float, optional
        Range in nA; by default 0 to 0.1 for interneurons. Purkinje cells fire without current, so
        that their rheobase is negative: -1 to 0.5.
    tolerance_nA : float, optional
        Width in nA within which it is located; by default 1/1000 of the range for interneurons,
        1/100 for Purkinje cells.
    settle_ms : float, optional
        Time before the step in ms, with the lowest current of the range; by default 300 for
        interneurons and 200 for Purkinje cells.
    step_ms : float
        Duration of the step in ms.
    engine, parameters, mechanisms, progress
        As of `compute_fi_curve`.

    Returns
    -------
    ProtocolResult
        One row for each current that was tried; the summary contains rheobase_nA, the smallest
        current with a spike, and tolerance_nA, the distance to the next one without.

    Raises
    ------
    InputError
        The cell fires at the lower end of the range, or does not fire at its upper end.

    Examples
    --------
    >>> found = cb.compute_rheobase("MLI1", tolerance_nA=0.001)
    >>> 0.01 < found.summary["rheobase_nA"] < 0.03
    True
    """
    own = cell_of(cell, parameters, mechanisms)
    low, high = (float(end) for end in range_nA or RHEOBASE_NA[own.is_mli])
    if not -np.inf < low < high < np.inf:
        raise InputError(
            f"`range_nA` is {low:g} to {high:g}", remedy="Give a lower and a higher current"
        )
    finest = (high - low) * (1e-3 if own.is_mli else 1e-2)
    tolerance = positive(tolerance_nA, finest, "tolerance_nA")
    start_ms = positive(settle_ms, 300.0 if own.is_mli else 200.0, "settle_ms", or_zero=True)
    window_ms = start_ms, start_ms + positive(step_ms, step_ms, "step_ms")

    def measure(currents: Sequence[float]) -> Courses:
        conditions = [
            [CurrentStep("soma", low), _step(current - low, window_ms)] for current in currents
        ]
        return simulate_conditions(own, conditions, window_ms[1], engine, Reporter())

    with reporting(progress, "Finding the rheobase") as reporter:
        tried = _refine(measure, own, (low, high), tolerance, window_ms, reporter)
    currents = sorted(tried)
    rows = [{"current_nA": one, **tried[one][0]} for one in currents]
    first = next(k for k, row in enumerate(rows) if row["n_spikes"])
    summary = {
        "rheobase_nA": currents[first],
        "tolerance_nA": currents[first] - currents[first - 1],
    }
    v_mV = np.stack([tried[one][1] for one in currents])
    times_ms = own.time_step_ms * np.arange(v_mV.shape[1])
    return ProtocolResult("rheobase", own.name, tuple(rows), times_ms, v_mV, window_ms, summary)


def _refine(
    measure: Callable[[Sequence[float]], Courses],
    cell: Cell,
    range_nA: tuple[float, float],
    tolerance_nA: float,
    window_ms: tuple[float, float],
    reporter: Reporter,
) -> dict[float, tuple[dict[str, float], Floats]]:
    """Return firing and potential at currents that enclose the rheobase ever closer.

    Interneurons are simulated eight at a time, at the cost of one.
    """
    n_inside = 8 if cell.is_mli else 1
    tried: dict[float, tuple[dict[str, float], Floats]] = {}

    def try_currents(currents: Sequence[float]) -> None:
        courses = measure(currents)
        for current, spikes, v in zip(currents, courses.spikes_ms, courses.v_mV, strict=True):
            tried[current] = firing_measures(spikes, window_ms), v

    low, high = range_nA
    try_currents([low, high])
    if tried[low][0]["n_spikes"] or not tried[high][0]["n_spikes"]:
        fires = "fires" if tried[low][0]["n_spikes"] else "does not fire"
        current = low if tried[low][0]["n_spikes"] else high
        raise InputError(
            f"{cell.name} {fires} at {current:g} nA", remedy="Give a wider range of currents"
        )
    whole = np.log((high - low) / tolerance_nA)
    while high - low > tolerance_nA:
        inside = np.linspace(low, high, n_inside + 2)[1:-1].tolist()
        try_currents(inside)
        for current in inside:
            if tried[current][0]["n_spikes"]:
                high = current
                break
            low = current
        reporter(min(1 - np.log(max(high - low, tolerance_nA) / tolerance_nA) / whole, 1.0))
    return tried


def _step(current_nA: float, window_ms: tuple[float, float]) -> CurrentStep:
    return CurrentStep("soma", current_nA, start_ms=window_ms[0], stop_ms=window_ms[1])
