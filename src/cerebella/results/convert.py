"""Spikes and traces as objects of other libraries.

pandas comes with cerebella; xarray, neo and pynapple are optional. Each object holds the same
numbers in the unit that its library expects, which is stated below.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from cerebella.errors import MachineError
from cerebella.results.spikes import SpikeTrains
from cerebella.results.traces import Traces

if TYPE_CHECKING:
    import neo  # type: ignore[import-not-found]
    import pandas
    import pynapple  # type: ignore[import-not-found]
    import xarray  # type: ignore[import-not-found]


def spikes_to_pandas(spikes: SpikeTrains) -> pandas.DataFrame:
    """Return a table with one row a spike: time_ms, gid, population (categories)."""
    pandas = optional_library("pandas")
    names = [population.name for population in spikes.populations]
    codes = np.full(len(spikes), -1)
    for code, population in enumerate(spikes.populations):
        codes[np.isin(spikes.gids, population.gids)] = code
    return pandas.DataFrame(
        {
            "time_ms": spikes.times_ms,
            "gid": spikes.gids,
            "population": pandas.Categorical.from_codes(codes, categories=names),
        }
    )


def traces_to_pandas(traces: Traces) -> pandas.DataFrame:
    """Return a table with one row a sample (index time_ms) and one column a place.

    Columns have three levels: gid, section, position.
    """
    pandas = optional_library("pandas")
    columns = pandas.MultiIndex.from_arrays(
        [traces.gids, traces.sections, traces.positions], names=["gid", "section", "position"]
    )
    index = pandas.Index(traces.times_ms, name="time_ms")
    return pandas.DataFrame(traces.values, index=index, columns=columns)


def traces_to_xarray(traces: Traces) -> xarray.DataArray:
    """Return an array with dimensions time_ms and place; gid, section, position go with place."""
    xarray = optional_library("xarray")
    return xarray.DataArray(
        traces.values,
        dims=("time_ms", "place"),
        coords={
            "time_ms": traces.times_ms,
            "gid": ("place", traces.gids),
            "section": ("place", traces.sections),
            "position": ("place", traces.positions),
        },
        name=traces.variable,
        attrs={"units": traces.unit},
    )


def spikes_to_neo(spikes: SpikeTrains) -> list[neo.SpikeTrain]:
    """Return a train (ms) for each cell, silent ones included, in gid order.

    Annotations: gid, population.
    """
    neo = optional_library("neo")
    return [
        neo.SpikeTrain(
            times_ms,
            units="ms",
            t_stop=spikes.duration_ms,
            name=f"{population} {gid}",
            gid=gid,
            population=population,
        )
        for gid, population, times_ms in each_train(spikes)
    ]


def traces_to_neo(traces: Traces) -> neo.AnalogSignal:
    """Return a signal with one channel a place; array annotations: gid, section, position."""
    neo = optional_library("neo")
    return neo.AnalogSignal(
        traces.values,
        units=traces.unit,
        sampling_period=traces.sampling_step_ms * optional_library("quantities").ms,
        t_start=traces.times_ms[0] * optional_library("quantities").ms,
        name=traces.variable,
        array_annotations={
            "gid": traces.gids,
            "section": traces.sections,
            "position": traces.positions,
        },
    )


def spikes_to_pynapple(spikes: SpikeTrains) -> pynapple.TsGroup:
    """Return a train (s) for each cell, by gid, with the metadata `population`."""
    nap = optional_library("pynapple")
    whole = nap.IntervalSet(0.0, spikes.duration_ms, time_units="ms")
    trains = list(each_train(spikes))
    return nap.TsGroup(
        {gid: nap.Ts(times_ms, time_units="ms", time_support=whole) for gid, _, times_ms in trains},
        time_support=whole,
        metadata={"population": [population for _, population, _ in trains]},
    )


def traces_to_pynapple(traces: Traces) -> pynapple.TsdFrame:
    """Return a frame (s) with one column a place; metadata: gid, section, position."""
    nap = optional_library("pynapple")
    return nap.TsdFrame(
        traces.times_ms,
        traces.values,
        time_units="ms",
        metadata={
            "gid": traces.gids,
            "section": traces.sections,
            "position": traces.positions,
        },
    )


def each_train(spikes: SpikeTrains) -> Iterator[tuple[int, str, np.ndarray]]:
    """Yield gid, population and spike times (ms) of each cell of the populations."""
    order = np.argsort(spikes.gids, kind="stable")
    gids, times = spikes.gids[order], spikes.times_ms[order]
    for population in spikes.populations:
        for gid in population.gids:
            first, last = np.searchsorted(gids, [gid, gid + 1])
            yield gid, population.name, times[first:last]


def optional_library(name: str) -> Any:
    """Import an optional library, or say how to get it."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MachineError(
            f"{name} is not installed. Install it with: pip install 'cerebella[exports]'"
        ) from error
