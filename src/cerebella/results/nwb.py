"""Export of a run to Neurodata Without Borders (NWB)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from cerebella.results.atomic import atomic_file
from cerebella.results.convert import each_train, optional_library
from cerebella.results.spikes import SpikeTrains
from cerebella.results.traces import Traces

_SI_UNIT = {"mV": ("volts", 1e-3), "mM": ("mol/m^3", 1.0)}
"""Unit in NWB and conversion factor, by unit of the traces."""


def write_nwb(
    path: Path | str,
    manifest: Mapping[str, Any],
    spikes: SpikeTrains,
    traces: Mapping[str, Traces] | None = None,
    *,
    name: str = "run",
    made: datetime | None = None,
) -> None:
    """Write spikes and traces as NWB.

    Parameters
    ----------
    path : Path or str
        File to write.
    manifest : mapping
        Manifest of the run, stored as text in the notes of the file.
    spikes : SpikeTrains
        Each cell becomes a unit with its gid as id and the column `population`.
    traces : mapping of str to Traces, optional
        Each becomes a time series; the table `<name>_places` (gid, section, position) describes
        its columns.
    name : str, default "run"
        Name of the run.
    made : datetime, optional
        Time of the run, with a time zone; by default the current time.

    Raises
    ------
    MachineError
        If pynwb is not installed.
    InputError
        If the file cannot be written.
    """
    pynwb = optional_library("pynwb")
    file = pynwb.NWBFile(
        session_description=f"cerebella simulation ({manifest.get('kind')})",
        identifier=name,
        session_start_time=made or datetime.now(UTC),
        source_script=f"cerebella {version('cerebella')}",
        source_script_file_name="cerebella",
        notes=json.dumps(dict(manifest), indent=2, default=str),
    )
    file.add_unit_column("population", "population of the cell")
    whole = np.array([[0.0, spikes.duration_ms / 1000]])
    for gid, population, times_ms in each_train(spikes):
        file.add_unit(
            id=gid, spike_times=times_ms / 1000, obs_intervals=whole, population=population
        )
    for key, trace in (traces or {}).items():
        _add_traces(pynwb, file, key, trace)
    with (
        atomic_file(path) as temporary,
        h5py.File(temporary, "w", locking=False) as target,
        pynwb.NWBHDF5IO(str(temporary), "w", file=target) as stream,
    ):
        stream.write(file)


def _add_traces(pynwb: Any, file: Any, name: str, traces: Traces) -> None:
    unit, conversion = _SI_UNIT.get(traces.unit, (traces.unit, 1.0))
    file.add_acquisition(
        pynwb.TimeSeries(
            name=name,
            data=traces.values,
            unit=unit,
            conversion=conversion,
            starting_time=float(traces.times_ms[0]) / 1000,
            rate=1000 / traces.sampling_step_ms,
            description=f"{traces.variable} at the sites in {name}_places, one per column",
        )
    )
    columns = (
        ("gid", traces.gids, "global id of the cell"),
        ("section", traces.sections, "section of the cell"),
        ("position", traces.positions, "relative position on the section, 0 to 1"),
    )
    table = pynwb.core.DynamicTable(
        name=f"{name}_places",
        description=f"recording sites of the columns of {name}",
        columns=[
            pynwb.core.VectorData(name=column, description=description, data=values.tolist())
            for column, values, description in columns
        ],
    )
    file.add_acquisition(table)
