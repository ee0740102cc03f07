"""Tables and figure of the experiment eyelid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from cerebella.experiments.eyelid.cases import EyelidRun
from cerebella.experiments.eyelid.curves import olive_table, trace_table, weight_table
from cerebella.experiments.eyelid.measures import (
    EyelidMeasures,
    block_table,
    session_table,
    trial_table,
)
from cerebella.experiments.tables import save_table
from cerebella.plots.eyelid import plot_eyelid

if TYPE_CHECKING:
    import pandas as pd


def measure_runs(runs: Sequence[EyelidRun]) -> list[EyelidMeasures]:
    """Return the measures of each run."""
    return [EyelidMeasures(one) for one in runs]


def write_tables(folder: Path, measured: list[EyelidMeasures]) -> dict[Path, pd.DataFrame]:
    """Write all tables as CSV and JSON, replacing existing files; return them by CSV file."""
    tables = {
        folder / "eyelid_sessions.csv": session_table(measured),
        folder / "eyelid_blocks.csv": block_table(measured),
        folder / "eyelid_trials.csv": trial_table(measured),
        folder / "eyelid_traces.csv": trace_table(measured),
        folder / "eyelid_weights.csv": weight_table(measured),
        folder / "eyelid_olive.csv": olive_table(measured),
    }
    for file, table in tables.items():
        save_table(table, file, as_json=True)
    return tables


def draw_eyelid(tables: dict[Path, pd.DataFrame]) -> Figure:
    """Draw the figure from the tables."""
    by_name = {file.stem: table for file, table in tables.items()}
    names = ("trials", "traces", "weights", "olive")
    return plot_eyelid(*(by_name[f"eyelid_{name}"] for name in names))
