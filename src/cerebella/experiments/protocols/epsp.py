"""EPSPs at the soma, of parallel fibers and of the climbing fiber of interneurons."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from cerebella.analysis.protocol import ProtocolResult, psp_measures
from cerebella.errors import InputError
from cerebella.experiments.protocols.cells import (
    Cell,
    Courses,
    cell_of,
    isolated_mlis,
    positive,
    simulate_conditions,
    simulate_mlis,
)
from cerebella.morphology.morphology import Morphology
from cerebella.network.cell_types import N_DENDRITES
from cerebella.network.connections import Synapses
from cerebella.neuron_backend.own_mechanisms import Mechanisms
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.progress import Progress, Reporter, reporting
from cerebella.stimuli.currents import CurrentStep
from cerebella.stimuli.synaptic import PFVolley

N_CONTACTS = {True: (1, 2, 5, 10), False: (10, 20, 50, 100)}
"""Numbers of contacts, of an interneuron (True) and of a Purkinje cell."""


def compute_epsp(
    cell: str | Morphology,
    n_contacts: Iterable[int] | None = None,
    *,
    input: str = "pf",
    place: str | None = None,
    holding_nA: float | None = None,
    settle_ms: float | None = None,
    duration_ms: float = 100.0,
    engine: Engine | str = AUTO,
    parameters: Any | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    progress: Progress | Reporter = True,
) -> ProtocolResult:
    """Compute the potential at the soma that simultaneous synaptic events evoke.

    Parameters
    ----------
    cell : str or Morphology
        As of `compute_fi_curve`.
    n_contacts : iterable of int, optional
        Numbers of contacts; by default 1 to 10 on interneurons, 10 to 100 on Purkinje cells.
    input : str
        ``"pf"``, or ``"cf"`` on interneurons.
    place : str, optional
        Place of the contacts: ``"dendrite4(0.5)"`` by default on interneurons; on Purkinje cells a
        place such as ``"spiny[100-150um]"``, by default ``"spiny"``, among whose contacts they are
        drawn.
    holding_nA : float, optional
        Current into the soma in nA; by default -0.01 for interneurons, -0.5 for Purkinje cells.
    settle_ms : float, optional
        Time before the events in ms; by default 1000 for interneurons, 300 for Purkinje cells.
    duration_ms : float
        Time after the events in ms.
    engine, parameters, mechanisms, progress
        As of `compute_fi_curve`.

    Returns
    -------
    ProtocolResult
        For each number peak in mV, time to peak and half width in ms of the difference from the
        potential without events.

    Examples
    --------
    >>> epsp = cb.compute_epsp("MLI1", [1, 10], place="dendrite4(0.5)")
    >>> epsp.table()["peak_mV"].round(3).tolist()
    [0.035, 0.346]
    """
    own = cell_of(cell, parameters, mechanisms)
    numbers = list(N_CONTACTS[own.is_mli] if n_contacts is None else n_contacts)
    wrong = [one for one in numbers if not isinstance(one, int | np.integer) or one < 1]
    if wrong or not numbers:
        raise InputError(f"`n_contacts` is {wrong or numbers}", remedy="Give numbers from 1 on")
    if input not in (("pf", "cf") if own.is_mli else ("pf",)):
        choice = "pf or cf" if own.is_mli else "pf; the CF of a Purkinje cell evokes spikes"
        raise InputError(f"`input` is {input!r}", remedy=f"Give {choice}")
    start_ms = positive(settle_ms, 1000.0 if own.is_mli else 300.0, "settle_ms")
    window_ms = start_ms, start_ms + positive(duration_ms, duration_ms, "duration_ms")
    held = (-0.01 if own.is_mli else -0.5) if holding_nA is None else holding_nA
    holding = CurrentStep("soma", float(held))
    simulate = _simulate_mlis if own.is_mli else _simulate_purkinje
    with reporting(progress, "Measuring EPSPs") as reporter:
        courses = simulate(own, input, place, numbers, holding, window_ms, engine, reporter)
    first = round(start_ms / own.time_step_ms)
    change_mV = courses.v_mV[1:] - courses.v_mV[0]
    elapsed_ms = courses.times_ms[first:] - start_ms
    rows = [
        {"n_contacts": number, **psp_measures(elapsed_ms, change[first:])}
        for number, change in zip(numbers, change_mV, strict=True)
    ]
    return ProtocolResult(
        *("epsp", own.name, tuple(rows), courses.times_ms, change_mV, window_ms),
        course="EPSP at the soma (mV)",
    )


def _simulate_mlis(
    cell: Cell,
    input: str,
    place: str | None,
    numbers: list[int],
    holding: CurrentStep,
    window_ms: tuple[float, float],
    engine: Engine | str,
    reporter: Reporter,
) -> Courses:
    """Simulate one interneuron without and one with each number of contacts of a fiber."""
    dendrite, x = _position(place or "dendrite4(0.5)")
    target = np.repeat(np.arange(len(numbers)) + 1, numbers)
    n_cells, n = len(numbers) + 1, len(target)
    fiber = n_cells if input == "pf" else n_cells + 1
    synapses = Synapses(np.full(n, fiber), target, np.full(n, dendrite), np.full(n, x))
    delay_ms = getattr(cell.parameters.connections, f"{input}_delay_ms")
    return simulate_mlis(
        cell,
        isolated_mlis(cell, n_cells, synapses),
        [[holding]] * n_cells,
        window_ms[1],
        engine,
        reporter,
        **{f"{input}_times_ms": [window_ms[0] - delay_ms]},
    )


def _position(place: str) -> tuple[int, float]:
    """Return dendrite and position of a place on an interneuron."""
    match = re.fullmatch(r"dendrite(\d+)(?:\((\d*\.?\d+)\))?", place)
    if match is None or int(match[1]) >= N_DENDRITES or float(match[2] or 0) > 1:
        raise InputError(
            f"`place` {place!r} is not on an interneuron",
            remedy=f"Give dendrite0(0.5) to dendrite{N_DENDRITES - 1}(0.5)",
        )
    return int(match[1]), float(match[2] or 0.5)


def _simulate_purkinje(
    cell: Cell,
    input: str,
    place: str | None,
    numbers: list[int],
    holding: CurrentStep,
    window_ms: tuple[float, float],
    engine: Engine | str,
    reporter: Reporter,
) -> Courses:
    """Simulate a Purkinje cell without a volley and with each."""
    delay_ms = cell.parameters.connections.pf_delay_ms
    volleys = [
        PFVolley(place or "spiny", int(number), (window_ms[0] - delay_ms,)) for number in numbers
    ]
    conditions = [[holding], *([holding, volley] for volley in volleys)]
    return simulate_conditions(cell, conditions, window_ms[1], engine, reporter)
