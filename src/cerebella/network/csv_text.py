"""Read columns of a CSV file; errors name the row that cannot be read and the reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.text import quoted, whole_lines
from cerebella.network.checks import Rows

FIRST_ROW = 2
"""Row number of the first row of values; rows are counted from 1, as in an editor."""

_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
_LARGEST_WHOLE = 2**53


@dataclass(frozen=True)
class TextTable:
    """Columns of one file.

    Attributes
    ----------
    file : Path
        The file.
    columns : dict of str to ndarray, shape (n_rows,)
        Columns by name; float64 for numbers, str for texts.
    """

    file: Path
    columns: dict[str, npt.NDArray]

    def rows(self, **name_of: str) -> Rows:
        """Return the names of rows and columns in the file, for messages.

        Parameters
        ----------
        **name_of : str
            Name in the file of each column to validate.

        Returns
        -------
        Rows
        """
        return Rows(self.file, name_of, FIRST_ROW, "the cells table")

    def whole(self, column: str) -> npt.NDArray[np.int64]:
        """Return a column of integers.

        Parameters
        ----------
        column : str
            Name of the column.

        Returns
        -------
        ndarray of int64, shape (n_rows,)

        Raises
        ------
        InputError
            For the first value that is not an integer.
        """
        values = self.columns[column]
        rows = self.rows()
        rows.refuse(np.isnan(values), column, "the value is NaN", "Give an integer")
        rows.refuse(
            (values != np.floor(values)) | (np.abs(values) > _LARGEST_WHOLE),
            column,
            lambda i: f"{float(values[i])!r} is not an integer",
            "Give an integer",
        )
        return values.astype(np.int64)


def read_text_table(
    file: Path, numbers: Sequence[str], texts: Sequence[str] = (), *, longest_text: int = 16
) -> TextTable:
    """Read the named columns of a CSV file; other columns are ignored.

    Quoted and padded values, CRLF line endings and a byte-order mark are accepted.

    Parameters
    ----------
    file : Path
        The file.
    numbers, texts : sequence of str
        Names of numeric and of text columns.
    longest_text : int, default 16
        Number of characters after which texts are truncated.

    Returns
    -------
    TextTable

    Raises
    ------
    InputError
        If the file is missing, empty, truncated, not UTF-8 text or not separated by commas,
        lacks a column, or has a row with too few values or with text in a numeric column.
    """
    lines = whole_lines(file)
    header = _header(lines[0], file, [*numbers, *texts])
    _check_number_of_values(lines, len(header), file)
    wanted = sorted((header.index(name), name) for name in (*numbers, *texts))
    dtype = [(name, f"U{longest_text}" if name in texts else "f8") for _, name in wanted]
    if len(lines) == 1:
        table = np.empty(0, dtype)
    else:
        try:
            table = np.loadtxt(
                lines[1:],
                dtype=dtype,
                delimiter=",",
                comments=None,
                quotechar='"',
                usecols=[index for index, _ in wanted],
                ndmin=1,
            )
        except ValueError as error:
            _explain_unreadable(lines, header, numbers, file)
            raise InputError(f"cannot be read as a table ({error})", file=file) from error
    if len(table) != len(lines) - 1:
        raise InputError(
            "has quotation marks that enclose several rows", file=file, remedy="Remove them"
        )
    columns: dict[str, npt.NDArray] = {name: table[name] for name in (*numbers, *texts)}
    return TextTable(file, columns)


def _header(line: str, file: Path, wanted: Sequence[str]) -> list[str]:
    """Return the column names, which include all of `wanted`."""
    header = [name.strip() for name in _values_in(line)]
    missing = [name for name in wanted if name not in header]
    if not missing:
        for name in wanted:
            if header.count(name) > 1:
                raise InputError(
                    f"has {header.count(name)} columns with this name",
                    file=file,
                    row=1,
                    column=name,
                    remedy="Remove or rename all but one",
                )
        return header
    expected = ",".join(wanted)
    for delimiter, word in _OTHER_DELIMITERS.items():
        if set(wanted) <= {name.strip().strip('"') for name in line.split(delimiter)}:
            raise InputError(
                f"values are separated by {word}",
                file=file,
                row=1,
                remedy="Save the file with commas between the values",
            )
    if all(_number(name) is not None for name in header if name):
        raise InputError(
            f"has no header: the first row is {quoted(line)}",
            file=file,
            row=1,
            remedy=f"Insert the header {expected} above it",
        )
    raise InputError(
        f"missing column {', '.join(missing)}; found {quoted(', '.join(header))}",
        file=file,
        row=1,
        column=missing[0],
        remedy=f"The header must contain {expected}",
    )


def _check_number_of_values(lines: list[str], n_columns: int, file: Path) -> None:
    n_values = np.fromiter(
        (len(_values_in(line)) if '"' in line else line.count(",") + 1 for line in lines),
        np.int64,
        len(lines),
    )
    bad = n_values != n_columns
    if not bad.any():
        return
    row = int(np.argmax(bad))
    last = row == len(lines) - 1
    raise InputError(
        f"{quoted(lines[row])} has {n_values[row]} value{'s' if n_values[row] > 1 else ''} "
        f"but the header has {n_columns} columns"
        + (f" (and {bad.sum() - 1:,} further rows)" if bad.sum() > 1 else ""),
        file=file,
        row=row + 1,
        remedy="The file may be truncated here: copy it again"
        if last and n_values[row] < n_columns
        else "Correct the row; decimals are written with a point, such as 10.5",
    )


def _values_in(line: str) -> list[str]:
    """Return the values of a row, which may be quoted."""
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:  # a value of more than 131 072 characters
        return line.split(",")


def _explain_unreadable(
    lines: list[str], header: list[str], numbers: Sequence[str], file: Path
) -> None:
    """Raise InputError for the first value that is not a number."""
    places = [(header.index(name), name) for name in numbers]
    for row, line in enumerate(lines[1:], start=FIRST_ROW):
        values = _values_in(line)
        for index, name in places:
            value = values[index].strip() if index < len(values) else ""
            if _number(value) is None:
                has_comma = _number(value.replace(",", ".", 1)) is not None
                raise InputError(
                    (f"{quoted(value)} is not a number" if value else "the value is missing")
                    + (": it has a decimal comma" if has_comma else ""),
                    file=file,
                    row=row,
                    column=name,
                    remedy=f"Write {value.replace(',', '.', 1)}" if has_comma else "Give a number",
                )


def _number(text: str) -> float | None:
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None
