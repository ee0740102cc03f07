"""Probes of interneurons: potential, gates, conductances and currents of the soma.

Engines record potentials and gates at every time step. Conductances and currents are computed from
these in doubles, at the potential and gates of the time of the sample: those that enter the next
time step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.molecular_layer.channels import CHANNELS, Channel
from cerebella.molecular_layer.places import gids_at
from cerebella.molecular_layer.request import MLIRequest
from cerebella.network.network import Network
from cerebella.parameters.mli_cell import MLICellParameters
from cerebella.results.time_grid import steps_of, times_of_steps
from cerebella.results.traces import Traces
from cerebella.runs.probes import parse_probe, trace_name

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_PREFIX = "mli_"
GATES = tuple((gate.name, channel.mechanism) for channel in CHANNELS for gate in channel.gates)
"""State and mechanism of each gate, in the order in which engines number them."""


class Quantity(NamedTuple):
    """A quantity of the soma.

    Attributes
    ----------
    name : str
        Name, as in NEURON: quantity before mechanism.
    unit : str
        Unit.
    gates : tuple of int
        Gates on which it depends, indices into `GATES`.
    compute : function
        The quantity from the potential and these gates.
    """

    name: str
    unit: str
    gates: tuple[int, ...]
    compute: Callable[..., Any]


class ProbeRecording(NamedTuple):
    """One quantity of some cells, hence one trace.

    Attributes
    ----------
    name : str
        Name of the trace.
    quantity : Quantity
        The quantity.
    gids : ndarray of int64, shape (n,)
        Cells, ascending.
    every : int
        Time steps between samples.
    """

    name: str
    quantity: Quantity
    gids: Ints
    every: int


def quantities_of(cell: MLICellParameters) -> dict[str, Quantity]:
    """Return the quantities of the soma of an interneuron, by name.

    Parameters
    ----------
    cell : MLICellParameters
        The membrane.

    Examples
    --------
    >>> quantities = quantities_of(cb.MLIParameters().cell)
    >>> list(quantities)[:5]
    ['v', 'm_na', 'h_na', 'g_na', 'ina_na']
    """
    return {quantity.name: quantity for quantity in _each(cell)}


def _each(cell: MLICellParameters) -> Iterator[Quantity]:
    yield Quantity("v", "mV", (), lambda v: v)
    for channel in CHANNELS:
        yield from _of_channel(channel, cell)
    leak = cell.leak_S_per_cm2
    yield Quantity("i_leak", "mA/cm2", (), lambda v: leak * (v - cell.leak_reversal_mV))


def _of_channel(channel: Channel, cell: MLICellParameters) -> Iterator[Quantity]:
    name = channel.mechanism.removeprefix(_PREFIX)
    own = [GATES.index((gate.name, channel.mechanism)) for gate in channel.gates]
    for gate, index in zip(channel.gates, own, strict=True):
        yield Quantity(f"{gate.name}_{name}", "1", (index,), lambda v, value: value)
    density = getattr(cell, f"{name}_S_per_cm2")
    reversal_mV = getattr(cell, f"{channel.carrier or name}_reversal_mV")

    def conductance(v: Floats, *values: Floats) -> Floats:
        parts = zip(values, channel.gates, strict=True)
        return density * math.prod(value**gate.power for value, gate in parts)

    yield Quantity(f"g_{name}", "S/cm2", tuple(own), conductance)
    yield Quantity(
        f"i{channel.carrier}_{name}",
        "mA/cm2",
        tuple(own),
        lambda v, *values: conductance(v, *values) * (v - reversal_mV),
    )


def plan_probes(request: MLIRequest, network: Network) -> list[ProbeRecording]:
    """Return the recordings of the probes of a run.

    Parameters
    ----------
    request : MLIRequest
        The run.
    network : Network
        The network.

    Raises
    ------
    InputError
        A cell, a quantity or an interval does not exist; the message names those that do.
    """
    populations = {name: network.population(name) for name in ("MLI1", "MLI2")}
    quantities = quantities_of(request.parameters.cell)
    step_ms = request.parameters.time_step_ms
    found: dict[tuple[str, int], Ints] = {}
    for text in request.probes:
        probe = parse_probe(text)
        try:
            gids = gids_at(probe.place, populations)
        except InputError as error:
            raise InputError(f"`record`: {text}: {error.problem}", remedy=error.remedy) from None
        if probe.quantity not in quantities:
            raise InputError(
                f"`record`: {probe.place} has no quantity {probe.quantity!r}",
                remedy=f"There are {', '.join(quantities)}",
            )
        interval_ms = probe.interval_ms or step_ms
        every = steps_of(interval_ms, step_ms, f"the sampling interval of {probe.quantity}")
        key = probe.quantity, every
        found[key] = np.union1d(found.get(key, gids), gids)
    return [
        ProbeRecording(
            trace_name(name, None if every == 1 else every * step_ms), quantities[name], gids, every
        )
        for (name, every), gids in found.items()
    ]


def with_probes(request: MLIRequest, planned: list[ProbeRecording]) -> MLIRequest:
    """Return a request in which engines record what probes need, beside the potentials."""
    gids = {gid for one in planned for gid in one.gids.tolist()}
    gates = {
        (gid, gate) for one in planned for gate in one.quantity.gates for gid in one.gids.tolist()
    }
    update = {"record_v": (*request.record_v, *gids), "record_gates": tuple(sorted(gates))}
    return request.model_copy(update=update)


def probe_traces(
    planned: list[ProbeRecording],
    request: MLIRequest,
    potentials: Callable[[Ints], Floats],
    gates: Floats,
) -> dict[str, Traces]:
    """Return the traces of probes, by name.

    Parameters
    ----------
    planned : list of ProbeRecording
        The probes.
    request : MLIRequest
        The request that was integrated, of `with_probes`.
    potentials : function
        Potentials of cells at every time step, shape (n_samples, n_cells), by gids.
    gates : ndarray of float64, shape (n_samples, n_columns)
        Gates in the order of the request.
    """
    column = {key: k for k, key in enumerate(request.record_gates)}
    traces = {}
    for one in planned:
        values = [
            gates[:: one.every, [column[gid, gate] for gid in one.gids.tolist()]]
            for gate in one.quantity.gates
        ]
        computed = one.quantity.compute(potentials(one.gids)[:: one.every], *values)
        traces[one.name] = Traces(
            times_of_steps(one.every * np.arange(len(computed)), request.parameters.time_step_ms),
            computed,
            one.gids,
            np.full(len(one.gids), "soma"),
            np.full(len(one.gids), 0.5),
            one.quantity.name,
            one.quantity.unit,
        )
    return traces
