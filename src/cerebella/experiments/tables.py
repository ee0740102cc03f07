"""Tables of an experiment as files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cerebella.results.atomic import atomic_file

if TYPE_CHECKING:
    import pandas as pd


def save_table(table: pd.DataFrame, file: Path, *, as_json: bool = False) -> None:
    """Write a table as CSV and, optionally, also as JSON records.

    Parameters
    ----------
    table : pandas.DataFrame
        Its index is not written.
    file : Path
        The CSV file; an existing file is replaced.
    as_json : bool
        Write the same records to a file of the same name that ends in .json.
    """
    with atomic_file(file) as temporary:
        table.to_csv(temporary, index=False)
    if as_json:
        with atomic_file(file.with_suffix(".json")) as temporary:
            table.to_json(temporary, orient="records", double_precision=15, indent=1)
