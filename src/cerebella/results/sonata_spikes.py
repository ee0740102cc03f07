"""Spikes as a SONATA file: /spikes/<population>/{node_ids, timestamps}, ordered by time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from cerebella.errors import InputError
from cerebella.files.hdf5 import (
    dataset_in,
    number_attribute,
    numbers_in,
    text_attribute,
    whole_numbers_in,
)
from cerebella.results.atomic import atomic_file
from cerebella.results.hdf5 import new_hdf5
from cerebella.results.sonata import (
    DAMAGED,
    check_nodes,
    check_population_names,
    opened_sonata,
    populations_in,
    start_file,
    start_population,
)
from cerebella.results.spikes import Population, SpikeTrains, infer_duration_ms

_SORTING = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
_BY_TIME = 2

_LONGEST_MS = 1e11


def write_spikes(trains: SpikeTrains, path: Path | str) -> None:
    """Write spikes as a SONATA file; equal spikes yield identical bytes.

    Each population becomes a group with a lower-case name (mli1, mli2, pf, cf) and node_ids that
    start at 0. Cells without spikes are absent.

    Parameters
    ----------
    trains : SpikeTrains
        Spikes.
    path : Path or str
        File to write.

    Raises
    ------
    InputError
        If a spike is outside all populations, or the file cannot be written.
    """
    path = Path(path)
    populations = sorted(trains.populations, key=lambda p: p.first_gid)
    check_population_names(populations, path)
    _check_all_inside(trains, populations, path)
    with atomic_file(path) as temporary, new_hdf5(temporary) as file:
        start_file(file)
        spikes = file.create_group("spikes")
        if not np.isnan(trains.duration_ms):
            spikes.attrs["duration_ms"] = np.float64(trains.duration_ms)
        for population in populations:
            own = trains.of(population.name)
            group = start_population(spikes, population)
            mark_by_time(group)
            nodes = (own.gids - population.first_gid).astype(np.uint64)
            group.create_dataset("node_ids", data=nodes, track_times=False)
            times = group.create_dataset("timestamps", data=own.times_ms, track_times=False)
            times.attrs["units"] = "ms"


def mark_by_time(group: h5py.Group) -> None:
    """Mark the spikes of a population as sorted by time."""
    group.attrs.create("sorting", _BY_TIME, dtype=_SORTING)


def read_spikes(
    path: Path | str,
    populations: Sequence[Population] | None = None,
    duration_ms: float | None = None,
) -> SpikeTrains:
    """Read spikes from a SONATA file, of cerebella or of another program.

    Parameters
    ----------
    path : Path or str
        HDF5 file.
    populations : sequence of Population, optional
        Gids of each population; required for files of other programs, which do not contain them.
        Names are matched ignoring case.
    duration_ms : float, optional
        Simulated time in ms; by default as stored in the file or, if absent, the end of the last
        millisecond with a spike.

    Returns
    -------
    SpikeTrains

    Raises
    ------
    InputError
        If the file is missing, damaged or not SONATA, or its gids are unknown.
    """
    path = Path(path)
    with opened_sonata(path, "spikes") as spikes:
        if duration_ms is None:
            duration_ms = stored_duration_ms(spikes, path)
        found = populations_in(spikes, path, populations)
        times, gids = [np.empty(0)], [np.empty(0, dtype=np.int64)]
        for population, group in found:
            own_times, nodes = read_population(group, population, path, duration_ms)
            times.append(own_times)
            gids.append(nodes + population.first_gid)
    all_times = np.concatenate(times)
    if duration_ms is None:
        duration_ms = infer_duration_ms(all_times)
    known = tuple(populations or (p for p, _ in found))
    return SpikeTrains(all_times, np.concatenate(gids), known, duration_ms)


def stored_duration_ms(spikes: h5py.Group, path: Path) -> float | None:
    """Return the simulated time in ms, which files of other programs do not contain."""
    stored = number_attribute(spikes, "duration_ms", path)
    if stored is not None and not 0 < stored <= _LONGEST_MS:
        raise InputError(
            f"the duration, {stored:g} ms, is not a positive time", file=path, remedy=DAMAGED
        )
    return None if stored is None else float(stored)


def read_population(
    group: h5py.Group, population: Population, path: Path, end_ms: float | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and node ids of one population, as stored; none is after `end_ms`."""
    unit = text_attribute(dataset_in(group, "timestamps", path), "units", path) or "ms"
    if unit != "ms":
        raise InputError(
            f"times of {population.name} are in {unit!r} instead of ms",
            file=path,
            remedy="Convert the file to ms",
        )
    times = numbers_in(group, "timestamps", path).astype(np.float64)
    nodes = whole_numbers_in(group, "node_ids", path)
    if times.shape != nodes.shape:
        raise InputError(
            f"{population.name} has {times.size} timestamps, but {nodes.size} node_ids",
            file=path,
            remedy=DAMAGED,
        )
    if not (np.isfinite(times) & (times >= 0)).all():
        raise InputError(
            f"{population.name} has negative or non-finite spike times", file=path, remedy=DAMAGED
        )
    last_ms = np.max(times, initial=0.0)
    if last_ms > (_LONGEST_MS if end_ms is None else end_ms):
        raise InputError(
            f"{population.name} has a spike at {last_ms:g} ms, after the end of the simulation"
            + ("" if end_ms is None else f" at {end_ms:g} ms"),
            file=path,
            remedy=DAMAGED,
        )
    check_nodes(nodes, population, path)
    return times, nodes


def _check_all_inside(trains: SpikeTrains, populations: Sequence[Population], path: Path) -> None:
    inside = np.zeros(len(trains), dtype=int)
    for population in populations:
        first = population.first_gid
        inside += (trains.gids >= first) & (trains.gids < first + population.n_cells)
    if not (inside == 1).all():
        gid = trains.gids[inside != 1][0]
        raise InputError(
            f"a spike of gid {gid} does not belong to exactly one of the populations "
            f"{[p.name for p in populations]}",
            file=path,
            remedy="Give the populations of the simulated network",
        )
