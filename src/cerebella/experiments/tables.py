"""Tables of an experiment as files."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from cerebella.errors import MachineError
from cerebella.results.atomic import atomic_file

if TYPE_CHECKING:
    import pandas as pd


def check_parquet() -> None:
    """Raise MachineError if the library that writes Parquet is missing."""
    if find_spec("pyarrow") is None:
        raise MachineError(
            "pyarrow is not installed, which writes Parquet. Install it with: "
            "pip install 'cerebella[parquet]'"
        )


def save_table(
    table: pd.DataFrame, file: Path, *, as_json: bool = False, as_parquet: bool = False
) -> None:
    """Write a table as CSV and, optionally, in other formats.

    Parameters
    ----------
    table : pandas.DataFrame
        Its index is not written.
    file : Path
        The CSV file; an existing file is replaced.
    as_json : bool
        Write the same records to a file of the same name that ends in .json.
    as_parquet : bool
        Write the same table to a file of the same name that ends in .parquet.
    """
    with atomic_file(file) as temporary:
        table.to_csv(temporary, index=False)
    if as_json:
        with atomic_file(file.with_suffix(".json")) as temporary:
            table.to_json(temporary, orient="records", double_precision=15, indent=1)
    if as_parquet:
        with atomic_file(file.with_suffix(".parquet")) as temporary:
            table.to_parquet(temporary, index=False)
