"""Recorded variables over time at many places: voltage, calcium, …."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Traces:
    """One variable at many places over time; columns are in gid order.

    Columns of one cell keep the order in which they are given.

    Attributes
    ----------
    times_ms : (n_samples,) float64, evenly spaced.
    values : (n_samples, n_columns) float32 or float64.
    gids : (n_columns,) int64, the cell of each column.
    sections : (n_columns,) str, section of the cell, as "soma" or "dendrite[4]".
    positions : (n_columns,) float64, relative position 0..1 on that section.
    variable : what was recorded: "v", "cai", …
    unit : its unit: "mV", "mM", …
    """

    times_ms: FloatArray
    values: npt.NDArray[np.floating]
    gids: IntArray
    sections: npt.NDArray[np.str_]
    positions: FloatArray
    variable: str = "v"
    unit: str = "mV"

    def __post_init__(self) -> None:
        columns = {
            "gids": np.asarray(self.gids, dtype=np.int64),
            "sections": np.asarray(self.sections, dtype=np.str_),
            "positions": np.asarray(self.positions, dtype=np.float64),
        }
        times = np.array(self.times_ms, dtype=np.float64)
        values = np.asarray(self.values)
        if values.dtype != np.float32:
            values = values.astype(np.float64, copy=False)
        expected = (times.size, columns["gids"].size)
        if values.shape != expected or any(c.shape != expected[1:] for c in columns.values()):
            raise ValueError(
                f"values {values.shape} need as many times_ms {times.shape} as rows, and as many "
                + ", ".join(f"{name} {column.shape}" for name, column in columns.items())
                + " as columns"
            )
        order = np.argsort(columns["gids"], kind="stable")
        if not np.array_equal(order, np.arange(order.size)):  # spare a copy of large values
            values = values[:, order]
            columns = {name: column[order] for name, column in columns.items()}
        for name, array in {"times_ms": times, "values": values, **columns}.items():
            object.__setattr__(self, name, array)

    @property
    def sampling_step_ms(self) -> float:
        """Time between samples; NaN with fewer than two."""
        n_steps = len(self.times_ms) - 1
        return float(self.times_ms[-1] - self.times_ms[0]) / n_steps if n_steps > 0 else np.nan

    def of(self, gid: int) -> Traces:
        """Return the columns of one cell."""
        first, last = np.searchsorted(self.gids, [gid, gid + 1])
        own = slice(first, last)
        return Traces(
            self.times_ms,
            self.values[:, own],
            self.gids[own],
            self.sections[own],
            self.positions[own],
            self.variable,
            self.unit,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Traces):
            return NotImplemented
        names = ("times_ms", "values", "gids", "sections", "positions")
        return (self.variable, self.unit) == (other.variable, other.unit) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in names
        )

    __hash__ = None  # type: ignore[assignment]  # arrays inside

    def __repr__(self) -> str:
        span = f"{self.times_ms[0]:g}–{self.times_ms[-1]:g} ms" if self.times_ms.size else "empty"
        n_cells = len(np.unique(self.gids))
        return (
            f"<Traces of {self.variable} in {self.unit}: {self.values.shape[1]} places in "
            f"{n_cells} cells, {len(self.times_ms)} samples, {span}>"
        )
