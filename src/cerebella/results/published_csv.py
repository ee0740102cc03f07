"""Published spike format (park2026): one `time,gid` line per spike, without a header.

Times are in ms with 6 significant digits. Published lines are grouped by the MPI rank that
simulated them; files written here are ordered by time, independently of the number of ranks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.files.text import quoted, whole_lines
from cerebella.results.atomic import atomic_file
from cerebella.results.condition import Condition
from cerebella.results.spikes import Population, SpikeTrains, infer_duration_ms

PUBLISHED_POPULATIONS: tuple[Population, ...] = (
    Population("MLI1", 0, 208),
    Population("MLI2", 208, 59),
    Population("PF", 267, 21_339),
    Population("CF", 21_606, 22),
)
"""Gids of the published network."""

_LARGEST_GID = 2**53

_NAME = re.compile(
    r"spk_(?P<netid>.+)_cfsync_sync_(?P<cf_sync>\d+|none)"
    r"_w2_(?P<w2>\d+(?:\.\d+)?)_trial_(?P<trial>-?\d+)\.csv"
)


def published_spike_name(netid: str, cf_sync: int | None, w2_pS: float, trial: int) -> str:
    """Return the published name of a spike file.

    >>> published_spike_name("43_20241112_153832", 8, 70, 1)
    'spk_43_20241112_153832_cfsync_sync_8_w2_70_trial_1.csv'
    """
    level = "none" if cf_sync is None else cf_sync
    return f"spk_{netid}_cfsync_sync_{level}_w2_{w2_pS:g}_trial_{trial}.csv"


def condition_from_name(path: Path | str) -> Condition:
    """Parse the condition from a published file name.

    Parameters
    ----------
    path : Path or str
        The file.

    Returns
    -------
    Condition
        All fields are None if the name does not have the published form.
    """
    match = _NAME.fullmatch(Path(path).name)
    if match is None:
        return Condition()
    level = match["cf_sync"]
    return Condition(
        cf_sync=None if level == "none" else int(level),
        w2_pS=float(match["w2"]),
        trial=int(match["trial"]),
        network=match["netid"],
    )


def write_published_spikes(trains: SpikeTrains, path: Path | str) -> None:
    """Write all spikes in the published format.

    Parameters
    ----------
    trains : SpikeTrains
        Spikes.
    path : Path or str
        File to write.
    """
    lines = "".join(f"{time_ms:g},{gid}\n" for time_ms, gid in trains)
    with atomic_file(path) as temporary:
        temporary.write_text(lines, encoding="ascii", newline="\n")


def read_published_spikes(
    path: Path | str,
    populations: Sequence[Population] | None = None,
    duration_ms: float | None = None,
) -> SpikeTrains:
    """Read a published spike file.

    Parameters
    ----------
    path : Path or str
        CSV file.
    populations : sequence of Population, optional
        Populations of the gids; by default those of the published network.
    duration_ms : float, optional
        Simulated time in ms, which the file does not contain; by default the end of the last
        millisecond with a spike.

    Returns
    -------
    SpikeTrains

    Raises
    ------
    InputError
        If a line is invalid or a gid is outside the populations; the message names the file, row
        and value.
    """
    path = Path(path)
    times, gids = _parse(whole_lines(path), path)
    known = tuple(PUBLISHED_POPULATIONS if populations is None else populations)
    _check_gids(gids, known, path, assumed=populations is None)
    if duration_ms is None:
        duration_ms = infer_duration_ms(times)
    return SpikeTrains(times, gids, known, duration_ms)


def _parse(lines: list[str], path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and gids; if fast parsing fails, find the invalid row."""
    try:
        table = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        table = np.empty((0, 0))
    times, gids = table.T if table.shape == (len(lines), 2) else (np.empty(0), np.empty(0))
    whole = (gids >= 0) & (gids <= _LARGEST_GID) & (gids == np.floor(gids))
    usable = np.isfinite(times) & (times >= 0) & whole
    if len(usable) < len(lines) or not usable.all():
        for row, line in enumerate(lines, start=1):
            _check_line(line, row, path)
        raise InputError("cannot be read as lines of time,gid", file=path)
    return times, gids.astype(np.int64)


def _check_line(line: str, row: int, path: Path) -> None:
    """Raise InputError if the line is invalid."""
    fields = line.split(",")
    if len(fields) != 2:
        raise InputError(
            f"{quoted(line)} is not two values separated by a comma",
            file=path,
            row=row,
            remedy="Give each spike as time,gid, for example 12.5,208",
        )
    time, gid = (_number(field) for field in fields)
    if row == 1 and time is None and gid is None:
        raise InputError(
            f"{quoted(line)} looks like a header",
            file=path,
            row=row,
            remedy="Published spike files have no header; remove it if time,gid lines follow",
        )
    if time is None or not 0 <= time < float("inf"):
        raise InputError(
            f"invalid spike time {fields[0].strip()!r}",
            file=path,
            row=row,
            column="1 (time)",
            remedy="Give a finite time in ms, at least 0, or remove the line",
        )
    if gid is None or not (0 <= gid <= _LARGEST_GID and gid == int(gid)):
        raise InputError(
            f"gid {fields[1].strip()!r} is not a non-negative integer",
            file=path,
            row=row,
            column="2 (gid)",
            remedy="Correct or remove the line; the order of columns is time,gid",
        )


def _number(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def _check_gids(
    gids: np.ndarray, populations: Sequence[Population], path: Path, *, assumed: bool
) -> None:
    """Raise InputError for the first gid outside all populations."""
    inside = np.zeros(len(gids), dtype=bool)
    for population in populations:
        first = population.first_gid
        inside |= (gids >= first) & (gids < first + population.n_cells)
    if inside.all():
        return
    row = int(np.argmin(inside)) + 1
    expected = "the published network" if assumed else "the given populations"
    raise InputError(
        f"gid {gids[row - 1]} is not in {expected} "
        f"({', '.join(f'{p.name} {p.first_gid}–{p.gids[-1]}' for p in populations if p.n_cells)})",
        file=path,
        row=row,
        column="2 (gid)",
        remedy="Give the populations of the simulated network",
    )
