"""Options of Slurm jobs: partition, account, time, memory, and others of sbatch."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

from cerebella.errors import InputError

ARRAY_SIZE = 1000
"""Tasks of a job array; Slurm accepts 1001 unless its administrator changed that."""

START_UP_MIN, SAFETY, UNKNOWN_MIN = 10, 5, 120
"""Time limit of a task in min: start with compilation, multiple of the estimate, no estimate."""

_OF_THE_SWEEP = {
    "array": "`slurm` array_size and `workers` determine the arrays",
    "cpus-per-task": "the number of `ranks` determines it",
    "dependency": "the order of the runs determines it",
    "error": "logs are in the folder slurm of the sweep",
    "job-name": "all jobs are named cerebella",
    "nodes": "each run takes one node",
    "ntasks": "each run is one task; its `ranks` are its cores",
    "ntasks-per-node": "each run is one task; its `ranks` are its cores",
    "output": "logs are in the folder slurm of the sweep",
    "wrap": "the sweep determines the command",
}
"""Options of sbatch that the sweep sets, with the reason."""

_TIMES = re.compile(r"\d+(:\d\d(:\d\d)?)?|\d+-\d\d?(:\d\d(:\d\d)?)?|infinite", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class SlurmOptions(NamedTuple):
    """Options of all jobs of a sweep.

    Attributes
    ----------
    sbatch : dict of str to str
        Options of sbatch by their long names; an empty text for options without value.
    array_size : int
        Maximum number of tasks in a job array.
    """

    sbatch: dict[str, str]
    array_size: int = ARRAY_SIZE


def read_slurm_options(given: Mapping[str, object]) -> SlurmOptions:
    """Check options given by name.

    Parameters
    ----------
    given : mapping
        ``mem_GB`` (memory of a run), ``array_size``, and options of sbatch by their long names,
        such as ``partition``, ``account``, ``time`` and ``gres``.

    Returns
    -------
    SlurmOptions

    Raises
    ------
    InputError
        An option is not one of sbatch by its form, is determined by the sweep, or has a value
        that cannot be used.
    """
    sbatch: dict[str, str] = {}
    array_size = ARRAY_SIZE
    for name, value in given.items():
        text = str(value).strip()
        if not _NAME.fullmatch(name) or _CONTROL.search(text):
            raise InputError(
                f"`slurm`: {name[:40]!r} with value {text[:40]!r} is no option of sbatch",
                remedy="Use the form partition=short,time=2:00:00,mem_GB=4",
            )
        if name == "array_size":
            array_size = int(_number(name, text, whole=True))
        elif name == "mem_GB":
            sbatch["mem"] = f"{math.ceil(1024 * _number(name, text))}M"
        else:
            sbatch[_long_name(name, text)] = text
    return SlurmOptions(sbatch, array_size)


def parse_slurm_options(texts: list[str]) -> dict[str, str]:
    """Return options given as text such as ``partition=short,time=2:00:00``.

    A part without ``=`` continues the value before it, as in ``nodelist=a1,a2``.

    Parameters
    ----------
    texts : list of str
        One or more such texts.

    Returns
    -------
    dict of str to str
        Values by name, as given.

    Raises
    ------
    InputError
        A text does not begin with a name, or a name is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name = ""
        for part in text.split(","):
            first, equals, value = part.partition("=")
            if equals and first.strip() in found:
                raise InputError(
                    f"`slurm`: {first.strip()[:40]} is given twice", remedy="Give each option once"
                )
            if equals:
                name = first.strip()
                found[name] = value.strip()
            elif name:
                found[name] += f",{part}"
            else:
                raise InputError(
                    f"`slurm`: {part[:40]!r} has no value",
                    remedy="Use the form partition=short,time=2:00:00; options without value end "
                    "with =, as in exclusive=",
                )
    return found


def time_limit_min(estimates_s: list[float]) -> int:
    """Return the time limit in min of a job array whose runs take about as long as estimated.

    Parameters
    ----------
    estimates_s : list of float
        Estimated duration of each run in s; 0 if unknown.

    Returns
    -------
    int
        A multiple of ten, generous, since a run that exceeds its limit is lost.
    """
    if not all(estimates_s):
        return UNKNOWN_MIN
    return 10 * math.ceil((START_UP_MIN + SAFETY * max(estimates_s) / 60) / 10)


def _long_name(name: str, text: str) -> str:
    long = name.replace("_", "-")
    if long in _OF_THE_SWEEP:
        raise InputError(
            f"`slurm`: {name} cannot be given", remedy=f"Omit it: {_OF_THE_SWEEP[long]}"
        )
    if long == "time" and not _TIMES.fullmatch(text):
        raise InputError(
            f"`slurm`: time {text[:40]!r} is not a time of Slurm",
            remedy="Use min, h:mm:ss or days-hh, such as 90, 2:00:00 or 1-12",
        )
    return long


def _number(name: str, text: str, *, whole: bool = False) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < 1e6 or (whole and number != int(number)):
        raise InputError(
            f"`slurm`: {name} {text[:40]!r} is not a positive {'integer' if whole else 'number'}",
            remedy=f"Use the form {name}={100 if whole else 4}",
        )
    return number
