"""Traces as a SONATA compartment report: /report/<population>/{data, mapping}."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import h5py
import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.hdf5 import (
    dataset_in,
    group_in,
    names_in,
    numbers_in,
    text_attribute,
    texts_in,
    whole_numbers_in,
)
from cerebella.files.text import quoted
from cerebella.results.append_only_column import Column, dataset_of
from cerebella.results.atomic import atomic_file
from cerebella.results.filled_hdf5 import Filling, dataset_to_fill, write_filled
from cerebella.results.sonata import (
    DAMAGED,
    check_nodes,
    check_population_names,
    opened_sonata,
    populations_in,
    start_file,
    start_population,
)
from cerebella.results.spikes import Population
from cerebella.results.traces import FloatArray, Traces

SAMPLING_TOLERANCE = 1e-3
"""Largest deviation from even sampling, in units of the sampling step."""


def write_traces(traces: Traces, path: Path | str, populations: Sequence[Population]) -> None:
    """Write traces as a SONATA compartment report; equal traces yield identical bytes.

    Section names, which are not part of SONATA reports, are stored in mapping/section_names;
    element_ids are indices into them.

    Parameters
    ----------
    traces : Traces
        Traces with even sampling.
    path : Path or str
        File to write.
    populations : sequence of Population
        Populations of the recorded network.

    Raises
    ------
    InputError
        If a cell is outside all populations, sampling is uneven, or the file cannot be written.
    """
    path = Path(path)
    populations = sorted(populations, key=lambda p: p.first_gid)
    check_population_names(populations, path)
    time = _time_of(traces, path)
    bounds = [
        np.searchsorted(traces.gids, [one.first_gid, one.first_gid + one.n_cells])
        for one in populations
    ]
    n_written = sum(last - first for first, last in bounds)
    if n_written != len(traces.gids):
        raise InputError(
            f"{len(traces.gids)} traces, but only {n_written} belong to cells of "
            f"{[p.name for p in populations]}",
            file=path,
            remedy="Give the populations of the recorded network",
        )

    def lay_out(file: h5py.File) -> list[Filling]:
        start_file(file)
        report = file.create_group("report")
        return [
            _lay_out_population(report, traces, slice(first, last), population, time)
            for population, (first, last) in zip(populations, bounds, strict=True)
            if last > first
        ]

    with atomic_file(path) as temporary:
        write_filled(temporary, lay_out)


def _time_of(traces: Traces, path: Path) -> FloatArray:
    """Return start, stop and step (ms) as in SONATA; samples have start <= t < stop."""
    times, step = traces.times_ms, traces.sampling_step_ms
    if times.size < 2:
        raise InputError(
            f"{times.size} samples are too few for a report",
            file=path,
            remedy="Record at least two samples",
        )
    even = times[0] + step * np.arange(times.size)
    if not step > 0 or np.abs(times - even).max() > SAMPLING_TOLERANCE * step:
        raise InputError(
            "a SONATA report needs evenly spaced samples",
            file=path,
            remedy="Record with a fixed sampling step",
        )
    # Accumulated rounding yields steps such as 0.02499999999; files should contain 0.025.
    step = float(f"{step:.9g}")
    return np.array([times[0], times[0] + step * times.size, step])


def _lay_out_population(
    report: h5py.Group, traces: Traces, own: slice, population: Population, time: FloatArray
) -> Filling:
    group = start_population(report, population)
    nodes, starts = np.unique(traces.gids[own] - population.first_gid, return_index=True)
    names, first_seen, index = np.unique(
        traces.sections[own], return_index=True, return_inverse=True
    )
    # Sections are numbered in order of appearance, not alphabetically.
    by_appearance = np.argsort(first_seen)
    rank = np.argsort(by_appearance)

    filling = dataset_to_fill(group, "data", traces.values[:, own])
    columns = {
        "node_ids": nodes.astype(np.uint64),
        "index_pointers": np.append(starts, own.stop - own.start).astype(np.uint64),
        "element_ids": rank[index].astype(np.uint32),
        "element_pos": traces.positions[own],
        "time": time,
    }
    names = [str(name) for name in names[by_appearance]]
    _describe(group, columns, names, traces.variable, traces.unit)
    return filling


def _describe(
    group: h5py.Group,
    columns: Mapping[str, np.ndarray],
    section_names: list[str],
    variable: str,
    unit: str,
) -> None:
    """Write the metadata of the dataset `data` of a population."""
    group["data"].attrs["units"] = unit
    group["data"].attrs["variable"] = variable
    mapping = group.create_group("mapping")
    for name, column in columns.items():
        mapping.create_dataset(name, data=column, track_times=False)
    mapping["node_ids"].attrs["sorted"] = np.uint8(1)
    mapping["time"].attrs["units"] = "ms"
    mapping.create_dataset(
        "section_names", data=section_names, dtype=h5py.string_dtype(), track_times=False
    )


def write_soma_columns(
    path: Path, columns: Mapping[Population, tuple[Column, npt.NDArray]], step_ms: float
) -> None:
    """Write columns of somatic potentials (mV) as a SONATA report, in bounded memory.

    Parameters
    ----------
    path : Path
        File to write.
    columns : mapping of Population to (Column, ndarray of int)
        Potentials (mV), one row per sample, and their cells, by population.
    step_ms : float
        Sampling step in ms; the first sample is at 0.
    """

    def lay_out(file: h5py.File) -> list[Filling]:
        start_file(file)
        report = file.create_group("report")
        fillings = []
        for population, (column, cells) in columns.items():
            group = start_population(report, population)
            fillings.append(dataset_of(group, "data", column))
            described = {
                "node_ids": cells.astype(np.uint64),
                "index_pointers": np.arange(len(cells) + 1, dtype=np.uint64),
                "element_ids": np.zeros(len(cells), dtype=np.uint32),
                "element_pos": np.full(len(cells), 0.5),
                "time": np.array([0.0, step_ms * column.length, step_ms]),
            }
            _describe(group, described, ["soma"], "v", "mV")
        return fillings

    with atomic_file(path) as temporary:
        write_filled(temporary, lay_out)


def read_traces(path: Path | str, populations: Sequence[Population] | None = None) -> Traces:
    """Read a SONATA compartment report, of cerebella or of another program.

    Parameters
    ----------
    path : Path or str
        HDF5 file.
    populations : sequence of Population, optional
        Gids of each population; required for files of other programs, whose sections are named
        "section[<element id>]".

    Returns
    -------
    Traces

    Raises
    ------
    InputError
        If the file is missing, damaged or not a report, or its gids are unknown.
    """
    path = Path(path)
    with opened_sonata(path, "report") as report:
        found = populations_in(report, path, populations)
        parts = [_read_population(group, population, path) for population, group in found]
    if not parts:
        raise InputError("contains no traces", file=path, remedy="Record at least one variable")
    first = parts[0]
    for other in parts[1:]:
        if not np.array_equal(first.times_ms, other.times_ms) or (
            (first.variable, first.unit) != (other.variable, other.unit)
        ):
            raise InputError(
                "populations were recorded at different times or in different units",
                file=path,
                remedy="Give a separate report for each population",
            )
    return Traces(
        first.times_ms,
        np.concatenate([part.values for part in parts], axis=1),
        np.concatenate([part.gids for part in parts]),
        np.concatenate([part.sections for part in parts]),
        np.concatenate([part.positions for part in parts]),
        first.variable,
        first.unit,
    )


def _read_population(group: h5py.Group, population: Population, path: Path) -> Traces:
    data = dataset_in(group, "data", path)
    mapping = group_in(group, "mapping", path)
    nodes = whole_numbers_in(mapping, "node_ids", path)
    check_nodes(nodes, population, path)
    values = numbers_in(group, "data", path, n_dimensions=2)
    n_samples, n_columns = values.shape
    per_node = np.diff(whole_numbers_in(mapping, "index_pointers", path))
    elements = whole_numbers_in(mapping, "element_ids", path)
    positions = np.full(n_columns, 0.5)
    if "element_pos" in names_in(mapping, path):
        positions = numbers_in(mapping, "element_pos", path)
    if (
        {len(elements), len(positions)} != {n_columns}
        or len(per_node) != len(nodes)
        or (per_node < 0).any()
        or per_node.sum() != n_columns
    ):
        raise InputError(
            f"the columns of {population.name} do not match their mapping",
            file=path,
            remedy=DAMAGED,
        )
    return Traces(
        _times_in(mapping, n_samples, path),
        values,
        np.repeat(nodes, per_node) + population.first_gid,
        _sections_in(mapping, elements, path),
        positions,
        text_attribute(data, "variable", path) or "v",
        text_attribute(data, "units", path) or "mV",
    )


def _times_in(mapping: h5py.Group, n_samples: int, path: Path) -> FloatArray:
    """Return the times of the samples from start, stop and step."""
    time = numbers_in(mapping, "time", path).astype(np.float64)
    if time.shape == (3,):
        times = time[0] + time[2] * np.arange(n_samples)
        if time[2] > 0 and np.isfinite([*time, *times[-1:]]).all():
            return times
    raise InputError(
        f"mapping/time is {quoted(str(time.tolist()))}, not start, stop and a positive step",
        file=path,
        remedy=DAMAGED,
    )


def _sections_in(
    mapping: h5py.Group, elements: npt.NDArray[np.int64], path: Path
) -> npt.NDArray[np.str_]:
    """Return the section of each column."""
    if "section_names" not in names_in(mapping, path):
        return np.array([f"section[{element}]" for element in elements.tolist()], dtype=np.str_)
    names = texts_in(mapping, "section_names", path)
    outside = (elements < 0) | (elements >= len(names))
    if outside.any():
        raise InputError(
            f"element_ids contains {elements[outside][0]}, but there are {len(names)} sections",
            file=path,
            remedy=DAMAGED,
        )
    return np.array(names, dtype=np.str_)[elements]
