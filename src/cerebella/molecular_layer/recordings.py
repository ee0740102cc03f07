"""Probes of interneurons: potential, gates, conductances and currents of the soma, and synapses.

Engines record potentials and gates at every time step. Conductances and currents are computed from
these in doubles, at the potential and gates of the time of the sample: those that enter the next
time step. Conductances of synapses follow from the spikes of a run
(`cerebella.molecular_layer.synaptic_conductance`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.molecular_layer.channels import CHANNELS, Channel
from cerebella.molecular_layer.own_channels import own_channels_of
from cerebella.molecular_layer.places import gids_at
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.wiring import KINDS
from cerebella.network.network import Network
from cerebella.parameters.mli_cell import MLICellParameters
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.time_grid import steps_of, times_of_steps
from cerebella.results.traces import Traces
from cerebella.runs.probes import parse_probe, trace_name

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def states_of(cell: MLICellParameters) -> list[tuple[str, str]]:
    """Return state and mechanism of what engines record, in the order in which they number it.

    These are gates of the package's channels, gates of channels of the user, and quantities of
    mechanisms of the user.
    """
    channels = (*CHANNELS, *own_channels_of(cell))
    gates = [(gate.name, channel.mechanism) for channel in channels for gate in channel.gates]
    return gates + [
        (state, name) for name, one in cell.mechanisms.items() for state in one.quantities
    ]


class Quantity(NamedTuple):
    """A quantity of the soma.

    Attributes
    ----------
    name : str
        Name, as in NEURON: quantity before mechanism.
    unit : str
        Unit.
    gates : tuple of int
        Gates on which it depends, indices into `states_of`.
    compute : function
        The quantity from the potential and these gates.
    synapse : str
        Kind of the synapses of which it is the conductance, for which engines record nothing.
    """

    name: str
    unit: str
    gates: tuple[int, ...]
    compute: Callable[..., Any]
    synapse: str = ""


class ProbeRecording(NamedTuple):
    """One quantity of some cells, hence one trace.

    Attributes
    ----------
    name : str
        Name of the trace.
    quantities : dict of str to Quantity
        The quantity, by type of cell.
    gids : ndarray of int64, shape (n,)
        Cells, ascending.
    types : ndarray of str, shape (n,)
        Their types.
    every : int
        Time steps between samples.
    """

    name: str
    quantities: dict[str, Quantity]
    gids: Ints
    types: npt.NDArray[np.str_]
    every: int

    @property
    def quantity(self) -> Quantity:
        """The quantity in either type; name, unit and gates are the same."""
        return next(iter(self.quantities.values()))


def quantities_of(parameters: MLIParameters, population: str) -> dict[str, Quantity]:
    """Return the quantities of the soma of an interneuron, by name.

    Parameters
    ----------
    parameters : MLIParameters
        The parameters.
    population : str
        ``"MLI1"`` or ``"MLI2"``.

    Examples
    --------
    >>> quantities = quantities_of(cb.MLIParameters(), "MLI1")
    >>> list(quantities)[:5]
    ['v', 'm_na', 'h_na', 'g_na', 'ina_na']
    """
    return {quantity.name: quantity for quantity in _each(parameters, population)}


def _each(parameters: MLIParameters, population: str) -> Iterator[Quantity]:
    cell, of_type = parameters.cell, parameters.of_type(population)
    places = {one: place for place, one in enumerate(states_of(cell))}
    yield Quantity("v", "mV", (), lambda v: v)
    for channel in CHANNELS:
        if channel.name not in cell.channels:
            density = getattr(cell, f"{channel.name}_S_per_cm2")
            yield from _of_channel(channel, density, places, cell)
    for channel in own_channels_of(cell):
        density = parameters.own_density(population, channel.name)
        yield from _of_channel(channel, density, places, cell)
    for name, one in cell.mechanisms.items():
        if of_type.values_of(name, one.parameters):
            for state, unit in one.quantities.items():
                yield Quantity(f"{state}_{name}", unit, (places[state, name],), _itself)
    leak = cell.leak_S_per_cm2
    yield Quantity("i_leak", "mA/cm2", (), lambda v: leak * (v - cell.leak_reversal_mV))
    for kind in KINDS:
        yield Quantity(f"g_{kind}", "nS", (), lambda v: v, kind)


def _itself(v: Floats, value: Floats) -> Floats:
    return value


def _of_channel(
    channel: Channel,
    density: float,
    places: Mapping[tuple[str, str], int],
    cell: MLICellParameters,
) -> Iterator[Quantity]:
    name = channel.name
    own = [places[gate.name, channel.mechanism] for gate in channel.gates]
    for gate, index in zip(channel.gates, own, strict=True):
        yield Quantity(f"{gate.name}_{name}", "1", (index,), _itself)
    ion = "" if channel.carrier == "h" else channel.carrier
    of_reversal = "hcn" if channel.carrier == "h" else channel.carrier or name
    reversal_mV = getattr(cell, f"{of_reversal}_reversal_mV")

    def conductance(v: Floats, *values: Floats) -> Any:
        parts = zip(values, channel.gates, strict=True)
        return density * math.prod(value**gate.power for value, gate in parts)

    yield Quantity(f"g_{name}", "S/cm2", tuple(own), conductance)
    yield Quantity(
        f"i{ion}_{name}",
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
    quantities = {name: quantities_of(request.parameters, name) for name in populations}
    step_ms = request.parameters.time_step_ms
    found: dict[tuple[str, int], Ints] = {}
    for text in request.probes:
        probe = parse_probe(text)
        try:
            gids = gids_at(probe.place, populations)
        except InputError as error:
            raise InputError(f"`record`: {text}: {error.problem}", remedy=error.remedy) from None
        known = quantities[probe.place[: len("MLI1")]]
        if probe.quantity not in known:
            raise InputError(
                f"`record`: {probe.place} has no quantity {probe.quantity!r}",
                remedy=f"There are {', '.join(known)}",
            )
        interval_ms = probe.interval_ms or step_ms
        every = steps_of(interval_ms, step_ms, f"the sampling interval of {probe.quantity}")
        key = probe.quantity, every
        found[key] = np.union1d(found.get(key, gids), gids)
    planned = []
    for (name, every), gids in found.items():
        types = np.array([one for gid in gids for one, of in populations.items() if gid in of.gids])
        own = {one: quantities[one][name] for one in np.unique(types).tolist()}
        interval_ms = None if every == 1 else every * step_ms
        planned.append(ProbeRecording(trace_name(name, interval_ms), own, gids, types, every))
    return planned


def with_probes(request: MLIRequest, planned: list[ProbeRecording]) -> MLIRequest:
    """Return a request in which engines record what probes need, beside the potentials."""
    gids = {gid for one in planned if not one.quantity.synapse for gid in one.gids.tolist()}
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
    conductances: Mapping[str, Floats],
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
    conductances : mapping of str to ndarray
        Conductances of synapses by name of the probe.
    """
    column = {key: k for k, key in enumerate(request.record_gates)}
    traces = {}
    for one in planned:
        computed = (
            conductances[one.name]
            if one.quantity.synapse
            else _of_soma(one, potentials(one.gids)[:: one.every], gates[:: one.every], column)
        )
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


def _of_soma(
    probe: ProbeRecording, v: Floats, gates: Floats, column: Mapping[tuple[int, int], int]
) -> Floats:
    """Return a quantity from potentials and gates, whose columns are named by gid and gate."""
    values = [
        gates[:, [column[gid, gate] for gid in probe.gids.tolist()]]
        for gate in probe.quantity.gates
    ]
    computed = np.empty_like(v)
    for population, quantity in probe.quantities.items():
        own = probe.types == population
        computed[:, own] = quantity.compute(v[:, own], *(value[:, own] for value in values))
    return computed
