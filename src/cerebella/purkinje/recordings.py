"""What a run records: the traces of whole cells by their names, and probes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.morphology.places import compartments_at
from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.quantities import (
    Quantity,
    Variable,
    describe_names,
    itself,
    quantities_of,
)
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.stimulation import clamping_of
from cerebella.purkinje.synaptic_conductance import conductance_nS
from cerebella.purkinje.synaptic_events import SynapticEvents
from cerebella.results.time_grid import steps_of, times_of_steps
from cerebella.results.traces import Traces
from cerebella.runs.probes import FORM, Probe, parse_probe, trace_name

Ints = npt.NDArray[np.int64]

SOMA_V = "soma_v"
"""The trace of which spikes are the peaks: recorded in every run, at every time step."""

CLAMPED_V = "clamped_v"
"""The potential of compartments with a voltage clamp, of which its current follows."""

WHOLE_CELL = {"calcium": "calcium", "v": "v"}
"""Quantity of each trace of all compartments."""

RECORDED = (SOMA_V, *WHOLE_CELL)
"""Names of traces that are not probes."""


MOST_TRACES = 100
"""Traces of one run that readers accept."""


class Recording(NamedTuple):
    """One quantity at some compartments, hence one trace.

    Attributes
    ----------
    name : str
        Name of the trace.
    quantities : dict of str to Quantity
        The quantity, by region.
    compartments : ndarray of int64, shape (n,)
        Compartment of each column.
    regions : ndarray of int64, shape (n,)
        Region of each column.
    every : int
        Time steps between samples.
    dtype : type
        Precision in which values are kept.
    """

    name: str
    quantities: dict[str, Quantity]
    compartments: Ints
    regions: Ints
    every: int
    dtype: type[np.floating] = np.float32

    @property
    def quantity(self) -> Quantity:
        """The quantity in any of its regions, which have name, unit and variables in common."""
        return next(iter(self.quantities.values()))

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Variables that an engine samples."""
        return self.quantity.variables

    def values_of(self, samples: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
        """Compute the quantity from samples of its variables.

        Parameters
        ----------
        samples : ndarray of float, shape (n_variables, n_samples, n)
            Samples.

        Returns
        -------
        ndarray, shape (n_samples, n)
        """
        if len(self.quantities) == 1 or self.quantity.compute is itself:
            return self.quantity.compute(*samples).astype(self.dtype)
        values = np.empty(samples.shape[1:], self.dtype)
        for region, quantity in self.quantities.items():
            own = self.regions == REGIONS.index(region)
            values[:, own] = quantity.compute(*samples[:, :, own])
        return values


def plan_recordings(request: PurkinjeRequest, morphology: Morphology) -> list[Recording]:
    """Return the recordings of a run, the first of which is `SOMA_V`.

    Parameters
    ----------
    request : PurkinjeRequest
        The run.
    morphology : Morphology
        The cell.

    Returns
    -------
    list of Recording
        Probes of one quantity with one sampling interval are one recording.

    Raises
    ------
    InputError
        A place, a quantity or an interval does not exist; the message names those that do.
    """
    whole = [name for name in request.record if name in WHOLE_CELL]
    default_ms = request.record_dt_ms
    step_ms = request.parameters.time_step_ms
    every = steps_of(default_ms, step_ms, "`record_dt_ms`")
    places = compartments_at("all", morphology)
    cell = request.parameters.cell
    planned = [
        soma_recording(morphology, cell),
        *(_at(name, WHOLE_CELL[name], places, every, morphology, cell) for name in whole),
    ]
    if len(clamped := clamping_of(request, morphology).place):
        planned.append(_at(CLAMPED_V, "v", clamped, 1, morphology, cell)._replace(dtype=np.float64))
    for (quantity, interval_ms), found in _found(request, morphology).items():
        own = steps_of(interval_ms, step_ms, f"the sampling interval of {quantity}")
        name = trace_name(quantity, None if own == every else interval_ms)
        planned.append(_at(name, quantity, found, own, morphology, cell))
    if len(planned) > MOST_TRACES:
        raise InputError(
            f"`record` has {len(planned) - 1} quantities, too many for one run",
            remedy=f"Record at most {MOST_TRACES - 1}; repeat the run for the others",
        )
    return planned


def _found(request: PurkinjeRequest, morphology: Morphology) -> dict[tuple[str, float], Ints]:
    """Return the compartments of all probes by quantity and interval."""
    found: dict[tuple[str, float], Ints] = {}
    for text in request.record:
        if text in RECORDED:
            continue
        probe = _probe(text)
        places = compartments_at(probe.place, morphology, seed=request.seed)
        own = _with_quantity(probe, places, morphology, request.parameters.cell)
        key = probe.quantity, probe.interval_ms or request.record_dt_ms
        found[key] = np.union1d(found.get(key, own), own)
    return found


def _probe(text: str) -> Probe:
    try:
        return parse_probe(text)
    except InputError as error:
        if "@" in text:
            raise
        raise InputError(
            f"`record`: {text!r} is neither {', '.join(RECORDED)} nor a probe", remedy=FORM
        ) from error


def _with_quantity(
    probe: Probe, places: Ints, morphology: Morphology, cell: PurkinjeCellParameters
) -> Ints:
    """Return the places at which the quantity of a probe exists; there must be one."""
    regions = compute_compartments(morphology).region[places]
    there = {r: quantities_of(REGIONS[r], cell) for r in np.unique(regions).tolist()}
    own = [r for r, quantities in there.items() if probe.quantity in quantities]
    if own:
        return places[np.isin(regions, own)]
    names = dict.fromkeys(name for quantities in there.values() for name in quantities)
    raise InputError(
        f"`record`: {probe.place} has no quantity {probe.quantity!r}",
        remedy=f"There are {describe_names(names)}",
    )


def _at(
    name: str,
    quantity: str,
    compartments: Ints,
    every: int,
    morphology: Morphology,
    cell: PurkinjeCellParameters,
) -> Recording:
    """Return the recording of a quantity that exists in all of these compartments."""
    regions = compute_compartments(morphology).region[compartments]
    names = [REGIONS[r] for r in np.unique(regions).tolist()]
    by_region = {region: quantities_of(region, cell)[quantity] for region in names}
    recording = Recording(name, by_region, compartments, regions, every)
    return recording._replace(dtype=np.float64) if recording.quantity.synapse else recording


def soma_recording(morphology: Morphology, cell: PurkinjeCellParameters) -> Recording:
    """Return the recording of the potential of the soma, at every time step."""
    soma = _at(SOMA_V, "v", compartments_at("soma", morphology), 1, morphology, cell)
    return soma._replace(dtype=np.float64)


def whole_cell(
    name: str, every: int, morphology: Morphology, cell: PurkinjeCellParameters
) -> Recording:
    """Return the recording of a trace of `WHOLE_CELL`, sampled every few time steps."""
    places = compartments_at("all", morphology)
    return _at(name, WHOLE_CELL[name], places, every, morphology, cell)


def traces_of(
    request: PurkinjeRequest,
    recordings: Sequence[Recording],
    samples: dict[str, npt.NDArray[np.floating]],
    morphology: Morphology,
    events: SynapticEvents,
    gid: int,
) -> dict[str, Traces]:
    """Return the traces of a run from the samples of an engine, by name.

    Parameters
    ----------
    request : PurkinjeRequest
        The run.
    recordings : sequence of Recording
        What was recorded.
    samples : dict of str to ndarray, shape (n_samples, n)
        Values by name of the recording.
    morphology : Morphology
        The cell.
    events : SynapticEvents
        Events of its synapses.
    gid : int
        Its gid.

    Returns
    -------
    dict of str to Traces
        What was requested, and the currents of voltage clamps.
    """
    step_ms = request.parameters.time_step_ms
    traces = {}
    for recording in recordings:
        name, values = recording.name, samples[recording.name]
        variable, unit = recording.quantity.variable, recording.quantity.unit
        if name == CLAMPED_V:
            values = clamping_of(request, morphology).currents_nA(values)
            name, variable, unit = "clamp", "i", "nA"
        elif name in RECORDED and name not in request.record:
            continue
        elif recording.quantity.synapse:
            values = _of_synapses(recording, values, events, request.parameters)
        traces[name] = Traces(
            times_of_steps(recording.every * np.arange(len(values)), step_ms),
            values,
            np.full(len(recording.compartments), gid),
            *sites_of(recording, morphology),
            variable,
            unit,
        )
    return traces


def _of_synapses(
    recording: Recording,
    v_mV: npt.NDArray[np.floating],
    events: SynapticEvents,
    parameters: PurkinjeParameters,
) -> npt.NDArray[np.float32]:
    """Return the conductance or current of synapses at the potentials of their compartments."""
    kind = recording.quantity.synapse
    given = recording.compartments, recording.every, len(v_mV), parameters
    values = conductance_nS(events, kind, *given)
    if recording.quantity.unit == "nA":
        values *= 1e-3 * (v_mV - getattr(parameters.connections, kind).reversal_mV)
    return values.astype(np.float32)


def sites_of(
    recording: Recording, morphology: Morphology
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.float64]]:
    """Return the section of each column of a recording, and the position on it."""
    compartments, own = compute_compartments(morphology), recording.compartments
    return (
        np.array(morphology.section_names)[compartments.section[own]],
        # The middle of the soma, which its even number of compartments has none at.
        np.array([0.5]) if recording.name == SOMA_V else compartments.x[own],
    )
