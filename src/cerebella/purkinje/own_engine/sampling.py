"""Recording of any state: where each variable is in memory, and the samples of a leg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.purkinje.calcium_pools import PUMP_MOL_PER_CM2, STATES
from cerebella.purkinje.own_engine.layout import INITIAL_CALCIUM_MM, Part
from cerebella.purkinje.own_engine.rows import Rows
from cerebella.purkinje.quantities import CALCIUM, POOL, PUMP, V, Variable
from cerebella.purkinje.recordings import Recording

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

N_SOURCES = 5
V_SOURCE, OF_DENDRITE, DENDRITIC_CALCIUM, OF_SOMA, SOMATIC_CALCIUM = range(N_SOURCES)
"""Arrays that hold variables: potentials, and membrane and calcium of both parts."""


class Recorder(NamedTuple):
    """What is sampled, and the samples.

    Lengths: g recordings, n numbers in a sample of all of them.

    Attributes
    ----------
    every : ndarray of int64, shape (g,)
        Steps between samples.
    first : ndarray of int64, shape (g, N_SOURCES + 1)
        First entry of `places` of each array that holds variables, and the end of the last.
    places, columns : ndarray of int64, shape (n,)
        Place of each number in its array, and in the sample of its recording.
    bounds : ndarray of int64, shape (g + 1,)
        Place of the first sample of each recording in `samples`, and the end.
    at : ndarray of int64, shape (g,)
        Place of the next sample of each.
    samples : ndarray of float64
        Samples, recording by recording.
    """

    every: Ints
    first: Ints
    places: Ints
    columns: Ints
    bounds: Ints
    at: Ints
    samples: Floats


class Plan(NamedTuple):
    """The recorder of a cell, without memory for samples.

    Attributes
    ----------
    recordings : sequence of Recording
        What is recorded.
    recorder : Recorder
        Without samples. A sample of a recording holds one variable after the other.
    """

    recordings: Sequence[Recording]
    recorder: Recorder


def plan_recorder(cell: Any, recordings: Sequence[Recording]) -> Plan:
    """Return where the variables of recordings are.

    Parameters
    ----------
    cell : Cell
        The cell as arrays.
    recordings : sequence of Recording
        What to record.
    """
    first, indices, columns = [], [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    n = 0
    for recording in recordings:
        places = cell.place[recording.compartments]
        found = [_places_of(variable, places, cell) for variable in recording.variables]
        source, index = (np.concatenate(part) for part in zip(*found, strict=True))
        by_source = np.argsort(source, kind="stable")
        first.append(n + np.searchsorted(source[by_source], np.arange(N_SOURCES + 1)))
        indices.append(index[by_source])
        columns.append(by_source)
        n += len(index)
    recorder = Recorder(
        np.array([recording.every for recording in recordings], np.int64),
        np.array(first, np.int64).reshape(-1, N_SOURCES + 1),
        np.concatenate(indices),
        np.concatenate(columns),
        np.zeros(len(recordings) + 1, np.int64),
        np.zeros(len(recordings), np.int64),
        np.empty(0),
    )
    return Plan(recordings, recorder)


def _places_of(variable: Variable, places: Ints, cell: Any) -> tuple[Ints, Ints]:
    """Return array and index of a variable at each place of a compartment."""
    if variable == V:
        return np.full(len(places), V_SOURCE), cell.cable.slot[places]
    offset = len(cell.dendrite.slot)
    in_soma = places >= offset
    index = np.where(
        in_soma,
        _index(variable, np.where(in_soma, places - offset, 0), cell.soma, cell.rows),
        _index(variable, np.where(in_soma, 0, places), cell.dendrite, cell.rows),
    )
    is_calcium = variable == CALCIUM or variable.mechanism == POOL
    return np.where(in_soma, OF_SOMA, OF_DENDRITE) + is_calcium, index


def _index(variable: Variable, places: Ints, part: Part, rows: Rows) -> Ints:
    """Return the index of a state in the membrane or in the calcium of a part."""
    if not len(part.region):
        return np.zeros(len(places), np.int64)
    width = len(part.slot) // len(part.region)
    block, lane = np.divmod(places, width)
    if variable == CALCIUM:
        return part.first_calcium[block] + lane
    if variable.mechanism != POOL:
        row = rows.of_states()[variable.state, variable.mechanism]
        return part.first_membrane[block] + row * width + lane
    if variable == PUMP:  # after all shells
        row = len(STATES) * part.n_shells[part.region[block]]
    else:
        row = len(STATES) * variable.shell + STATES.index(variable.state)
    return part.first_calcium[block] + row * width + lane


def initial_values(plan: Plan, cell: Any) -> list[npt.NDArray[np.floating]]:
    """Return the first sample of each recording, shape (1, n)."""
    recorder = _with_rows(plan, np.ones(len(plan.recordings), np.int64))
    for group, recording in enumerate(plan.recordings):
        row = recorder.samples[slice(*recorder.bounds[group : group + 2])]
        for source, numbers in enumerate(_sources(cell)):
            own = slice(*recorder.first[group, source : source + 2])
            row[recorder.columns[own]] = numbers[recorder.places[own]]
        by_variable = row.reshape(len(recording.variables), -1)
        by_variable[[one == CALCIUM for one in recording.variables]] = INITIAL_CALCIUM_MM
    return values_from(recorder, plan)


def _sources(cell: Any) -> tuple[npt.NDArray[np.floating], ...]:
    return (
        cell.cable.v_mV,
        cell.dendrite.membrane,
        cell.dendrite.calcium,
        cell.soma.membrane,
        cell.soma.calcium,
    )


def with_memory(plan: Plan, first: int, stop: int) -> Recorder:
    """Return a recorder for the steps from `first` to `stop`."""
    every = plan.recorder.every
    return _with_rows(plan, stop // every - first // every)


def _with_rows(plan: Plan, n_rows: Ints) -> Recorder:
    """Return a recorder with memory for some samples of each recording."""
    recorder = plan.recorder
    sizes = n_rows * (recorder.first[:, -1] - recorder.first[:, 0])
    bounds = np.append(0, np.cumsum(sizes))
    return recorder._replace(bounds=bounds, at=bounds[:-1].copy(), samples=np.empty(bounds[-1]))


def values_from(recorder: Recorder, plan: Plan) -> list[npt.NDArray[np.floating]]:
    """Return the samples in memory as values of each recording, shape (n_samples, n)."""
    values = []
    for recording, part in zip(
        plan.recordings, np.split(recorder.samples, recorder.bounds[1:-1]), strict=False
    ):
        n_variables, n = len(recording.variables), len(recording.compartments)
        samples = part.reshape(-1, n_variables, n).transpose(1, 0, 2)
        # The engine has the part of the pumps that holds calcium.
        samples[[one == PUMP for one in recording.variables]] *= PUMP_MOL_PER_CM2
        values.append(recording.values_of(samples))
    return values
