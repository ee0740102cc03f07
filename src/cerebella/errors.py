"""Exceptions of cerebella.

CerebellaError
├── InputError                 invalid file, value or option (exit code 2)
│   └── OutputExistsError      the output exists and would be overwritten
├── MachineError               a tool or resource is missing on this machine (exit code 1)
│   └── MechanismBuildError    compilation of the mechanisms failed
├── SimulationError            a simulation process failed; the message names its log (exit 1)
└── SweepDetached              no error: runs of a sweep are left in the queue of Slurm (exit 0)
"""

from __future__ import annotations

from pathlib import Path

_LONGEST_PROBLEM, _LONGEST_REMEDY = 240, 320
"""Characters of a message, which may contain text of a damaged file."""


class CerebellaError(Exception):
    """Base class of all exceptions of cerebella.

    Examples
    --------
    >>> try:
    ...     cb.load_network("absent")
    ... except cb.CerebellaError as error:
    ...     print(error)
    absent: no such folder. Give the folder that contains the network
    """

    exit_code = 1


class InputError(CerebellaError, ValueError):
    """Invalid file, value or option.

    The message consists of the place (file, row and column), the problem with the value, and a
    remedy, as far as they are known.

    Attributes
    ----------
    problem : str
        Description of the problem.
    file : Path or None
        The file.
    row : int or None
        Row in the file, counted from 1 including the header, as in an editor.
    column : str or None
        Name of the column.
    remedy : str or None
        How to correct it.

    Examples
    --------
    >>> try:
    ...     cb.generate_network(scale=-1)
    ... except cb.InputError as error:
    ...     print(error.problem, "/", error.remedy)
    scale -1 is not a positive number / Try a scale of 0.1
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        file: Path | str | None = None,
        row: int | None = None,
        column: str | None = None,
        remedy: str | None = None,
    ) -> None:
        problem = printable(problem, _LONGEST_PROBLEM)
        remedy = remedy and printable(remedy, _LONGEST_REMEDY)
        self.problem = problem
        self.file = None if file is None else Path(file)
        self.row = row
        self.column = column
        self.remedy = remedy
        place = ", ".join(
            part
            for part in (
                None if file is None else str(file),
                None if row is None else f"row {row}",
                None if column is None else f"column {column}",
            )
            if part
        )
        message = f"{printable(place)}: {problem}" if place else problem
        super().__init__(f"{message}. {remedy}" if remedy else message)


def printable(text: str, most: int | None = None) -> str:
    r"""Return text without control characters, and without its middle if it is too long.

    Parameters
    ----------
    text : str
        Text that may come from a file.
    most : int, optional
        Largest number of characters.

    Returns
    -------
    str
        Text that any terminal shows as it is.

    Examples
    --------
    >>> from cerebella.errors import printable
    >>> printable("a\x1b[2J" + "b" * 1000, most=20)
    'a\\x1b[2Jbbbbbbb … bbbbb'
    """
    if most is not None and len(text) > most:
        text = f"{text[: most * 3 // 5]} … {text[-(most // 4) :]}"
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)


class OutputExistsError(InputError):
    """The output exists and may not be replaced.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> path = cb.save_network(network, "net")
    >>> try:
    ...     cb.save_network(network, path)
    ... except cb.OutputExistsError as error:
    ...     print(error.file.name, error.problem)
    net already exists
    """


class MachineError(CerebellaError):
    """A tool or resource is missing on this machine; the message explains how to obtain it.

    Examples
    --------
    >>> try:
    ...     raise cb.MachineError("mpiexec not found. Install it: `pip install mpich`")
    ... except cb.CerebellaError as error:
    ...     print(error.exit_code, error)
    1 mpiexec not found. Install it: `pip install mpich`
    """


class MechanismBuildError(MachineError):
    """Compilation of the mechanisms failed; the message names the log.

    Examples
    --------
    >>> issubclass(cb.MechanismBuildError, cb.MachineError)
    True
    """


class SimulationError(CerebellaError):
    """A simulation process ended without a result; the message names its log.

    Examples
    --------
    >>> issubclass(cb.SimulationError, cb.CerebellaError)
    True
    >>> cb.SimulationError.exit_code, cb.InputError.exit_code
    (1, 2)
    """


class SweepDetached(CerebellaError):  # noqa: N818, it is no error
    """The runs of a sweep are in the queue of Slurm; the same call collects them later.

    Examples
    --------
    >>> cb.SweepDetached.exit_code
    0
    """

    exit_code = 0
