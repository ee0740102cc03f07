"""Everything that cerebella raises on purpose.

CerebellaError
├── InputError                 what the caller gave cannot be used (exit code 2)
│   └── OutputExistsError      the output is there already and would be lost
├── MachineError               something that this machine lacks (exit code 1)
│   └── MechanismBuildError    the mechanisms could not be compiled
└── SimulationError            a simulation process failed; the message names its log (exit 1)
"""

from __future__ import annotations

from pathlib import Path


class CerebellaError(Exception):
    """Base of all errors that cerebella raises on purpose."""

    exit_code = 1


class InputError(CerebellaError, ValueError):
    """A file, value or option that cannot be used.

    The message names, as far as they are known, the file, the row (counted from 1, the
    header being row 1, as an editor counts), the column, the value and the remedy.
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
        message = f"{place}: {problem}" if place else problem
        super().__init__(f"{message}. {remedy}" if remedy else message)


class OutputExistsError(InputError):
    """The place to write to is taken."""


class MachineError(CerebellaError):
    """Something is missing on this machine; the message says how to get it."""


class MechanismBuildError(MachineError):
    """The compiler was found but the mechanisms did not compile; the message names the log."""


class SimulationError(CerebellaError):
    """A simulation process ended without a result; the message names its log."""
