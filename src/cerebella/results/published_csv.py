"""Spikes in the form in which they were published: one `time,gid` line each, no header.

Source: mli-network specification, section 9. Times are in ms and hold 6 significant digits.
The published lines are grouped by the rank that simulated them; those written here are
ordered by time, so that they do not depend on the number of ranks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cerebella.errors import InputError
from cerebella.results.atomic import atomic_file
from cerebella.results.condition import Condition
from cerebella.results.spikes import Population, SpikeTrains, infer_duration_ms

PUBLISHED_POPULATIONS: tuple[Population, ...] = (
    Population("MLI1", 0, 208),
    Population("MLI2", 208, 59),
    Population("PF", 267, 21_339),
    Population("CF", 21_606, 22),
)
"""The gids of the published network (mli-network specification, section 7)."""

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
    """Read the condition from a published file name; all None if it has another form."""
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
    """Write all spikes as `time,gid` lines, times with 6 significant digits (%g)."""
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
    path : the CSV file.
    populations : whose gids these are; by default `PUBLISHED_POPULATIONS`, refused if a gid
        lies beyond them.
    duration_ms : the simulated time, which the file does not hold; by default the end of the
        last millisecond with a spike.

    Raises
    ------
    InputError : names the file, the row and the value that cannot be used.
    """
    path = Path(path)
    times, gids = _parse(_complete_lines(path), path)
    known = tuple(PUBLISHED_POPULATIONS if populations is None else populations)
    _check_gids(gids, known, path, assumed=populations is None)
    if duration_ms is None:
        duration_ms = infer_duration_ms(times)
    return SpikeTrains(times, gids, known, duration_ms)


def _complete_lines(path: Path) -> list[str]:
    """Return the lines of the file; an empty file or a cut-off last line is an error."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors on Windows mark UTF-8 so
    except UnicodeDecodeError as error:
        raise InputError(
            "is not a text file of spikes", file=path, remedy="Give lines as 12.5,208"
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", file=path, remedy="Check the path"
        ) from error
    lines = text.splitlines()
    if not text.strip():
        raise InputError(
            "is empty", file=path, remedy="Copy the file again, or repeat the run that wrote it"
        )
    if not text.endswith("\n"):
        raise InputError(
            f"the last line, {_shown(lines[-1])}, has no line end, so the file may be cut off",
            file=path,
            row=len(lines),
            remedy="Copy the file again; if the line is whole, end it with a line break",
        )
    return lines


def _parse(lines: list[str], path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return times (ms) and gids; where the fast way fails, find the row that is wrong."""
    try:
        table = np.loadtxt(lines, delimiter=",", comments=None, ndmin=2)
    except ValueError:
        table = np.empty((0, 0))
    times, gids = table.T if table.shape == (len(lines), 2) else (np.empty(0), np.empty(0))
    usable = np.isfinite(times) & (times >= 0) & (gids >= 0) & (gids == np.floor(gids))
    if len(usable) < len(lines) or not usable.all():
        for row, line in enumerate(lines, start=1):
            _check_line(line, row, path)
        raise InputError("cannot be read as lines of time,gid", file=path)
    return times, gids.astype(np.int64)


def _check_line(line: str, row: int, path: Path) -> None:
    """Raise InputError if this is the line that is wrong."""
    fields = line.split(",")
    if len(fields) != 2:
        raise InputError(
            f"{_shown(line)} is not two values separated by a comma",
            file=path,
            row=row,
            remedy="Give each spike as time,gid, for example 12.5,208",
        )
    time, gid = (_number(field) for field in fields)
    if row == 1 and time is None and gid is None:
        raise InputError(
            f"{_shown(line)} looks like a header",
            file=path,
            row=row,
            remedy="Remove it if lines of time,gid follow; published spike files have no header",
        )
    if time is None or not 0 <= time < float("inf"):
        raise InputError(
            f"time {fields[0].strip()!r} is not a time in ms from 0 on",
            file=path,
            row=row,
            column="1 (time)",
            remedy="Correct or remove the line",
        )
    if gid is None or not (0 <= gid < float("inf") and gid == int(gid)):
        raise InputError(
            f"gid {fields[1].strip()!r} is not a whole number from 0 on",
            file=path,
            row=row,
            column="2 (gid)",
            remedy="Correct or remove the line; columns are time,gid in this order",
        )


def _shown(line: str) -> str:
    """Return a line as messages show it: quoted, and not longer than they are."""
    return repr(line if len(line) <= 40 else line[:40] + "…")


def _number(field: str) -> float | None:
    try:
        return float(field)
    except ValueError:
        return None


def _check_gids(
    gids: np.ndarray, populations: Sequence[Population], path: Path, *, assumed: bool
) -> None:
    """Raise InputError for the first gid that belongs to no population."""
    inside = np.zeros(len(gids), dtype=bool)
    for population in populations:
        first = population.first_gid
        inside |= (gids >= first) & (gids < first + population.n_cells)
    if inside.all():
        return
    row = int(np.argmin(inside)) + 1
    whose = "the published network" if assumed else "the populations given"
    raise InputError(
        f"gid {gids[row - 1]} is not in {whose} "
        f"({', '.join(f'{p.name} {p.first_gid}–{p.gids[-1]}' for p in populations if p.n_cells)})",
        file=path,
        row=row,
        column="2 (gid)",
        remedy="Pass the populations of the network that these spikes come from",
    )
