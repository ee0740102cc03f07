"""Conversion of spikes and traces to objects of other libraries.

pandas is installed with cerebella; xarray, neo and pynapple are optional. Each object contains the
same numbers in the unit conventional for its library, as stated below.
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
    """Convert spikes to a table.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes.

    Returns
    -------
    pandas.DataFrame
        One row per spike, with columns ``time_ms``, ``gid`` and ``population`` (categorical).
    """
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
    """Convert traces to a table.

    Parameters
    ----------
    traces : Traces
        Traces.

    Returns
    -------
    pandas.DataFrame
        One row per sample (index ``time_ms``) and one column per recording site (levels ``gid``,
        ``section`` and ``position``).
    """
    pandas = optional_library("pandas")
    columns = pandas.MultiIndex.from_arrays(
        [traces.gids, traces.sections, traces.positions], names=["gid", "section", "position"]
    )
    index = pandas.Index(traces.times_ms, name="time_ms")
    return pandas.DataFrame(traces.values, index=index, columns=columns)


def traces_to_xarray(traces: Traces) -> xarray.DataArray:
    """Convert traces to a labeled array.

    Parameters
    ----------
    traces : Traces
        Traces.

    Returns
    -------
    xarray.DataArray
        Dimensions ``time_ms`` and ``place`` (recording site); ``gid``, ``section`` and
        ``position`` are coordinates of ``place``.
    """
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
    """Convert spikes to Neo spike trains.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes.

    Returns
    -------
    list of neo.SpikeTrain
        One train per cell in ms, including silent cells, in gid order; annotations ``gid`` and
        ``population``.
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
    """Convert traces to a Neo signal.

    Parameters
    ----------
    traces : Traces
        Traces.

    Returns
    -------
    neo.AnalogSignal
        One channel per recording site; array annotations ``gid``, ``section`` and ``position``.
    """
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
    """Convert spikes to a Pynapple group.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes.

    Returns
    -------
    pynapple.TsGroup
        One train per cell in s, by gid; metadata ``population``.
    """
    nap = optional_library("pynapple")
    whole = nap.IntervalSet(0.0, spikes.duration_ms, time_units="ms")
    trains = list(each_train(spikes))
    return nap.TsGroup(
        {gid: nap.Ts(times_ms, time_units="ms", time_support=whole) for gid, _, times_ms in trains},
        time_support=whole,
        metadata={"population": [population for _, population, _ in trains]},
    )


def traces_to_pynapple(traces: Traces) -> pynapple.TsdFrame:
    """Convert traces to a Pynapple frame.

    Parameters
    ----------
    traces : Traces
        Traces.

    Returns
    -------
    pynapple.TsdFrame
        One column per recording site, with times in s; metadata ``gid``, ``section`` and
        ``position``.
    """
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
    """Iterate over the cells of all populations.

    Parameters
    ----------
    spikes : SpikeTrains
        Spikes.

    Yields
    ------
    gid : int
        Cell.
    population : str
        Name of its population.
    times_ms : ndarray of float, shape (n_spikes,)
        Its spike times in ms.
    """
    order = np.argsort(spikes.gids, kind="stable")
    gids, times = spikes.gids[order], spikes.times_ms[order]
    for population in spikes.populations:
        for gid in population.gids:
            first, last = np.searchsorted(gids, [gid, gid + 1])
            yield gid, population.name, times[first:last]


def optional_library(name: str, extra: str = "exports") -> Any:
    """Import an optional library; raise MachineError with its installation if missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise MachineError(
            f"{name} is not installed. Install it with: pip install 'cerebella[{extra}]'"
        ) from error
