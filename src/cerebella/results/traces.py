"""Recorded variables, such as voltage and calcium, over time at many sites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Traces:
    """Time series of one variable at many recording sites.

    Columns are sorted by gid; the columns of one cell keep their order.

    Parameters
    ----------
    times_ms : array_like of float, shape (n_samples,)
        Times in ms, evenly spaced.
    values : array_like of float, shape (n_samples, n_columns)
        Values; float32 is kept, other types become float64.
    gids : array_like of int, shape (n_columns,)
        Cell of each column.
    sections : array_like of str, shape (n_columns,)
        Section of the cell, such as "soma" or "dendrite[4]".
    positions : array_like of float, shape (n_columns,)
        Relative position on that section, 0 to 1.
    variable : str, default "v"
        Recorded variable, such as "v" or "cai".
    unit : str, default "mV"
        Unit of the values.

    Raises
    ------
    ValueError
        If the shapes are inconsistent.

    Examples
    --------
    >>> times_ms = np.arange(0, 1, 0.25)
    >>> values = np.full((4, 2), -65.0)
    >>> traces = cb.Traces(times_ms, values, [3, 7], ["soma", "soma"], positions=[0.5, 0.5])
    >>> traces
    <Traces of v in mV: 2 sites in 2 cells, 4 samples, 0–0.75 ms>
    >>> traces.sampling_step_ms
    0.25
    >>> traces.of(7).values.shape
    (4, 1)
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
                f"values {values.shape} must have one row per entry of times_ms {times.shape} and "
                "one column per entry of "
                + ", ".join(f"{name} {column.shape}" for name, column in columns.items())
            )
        order = np.argsort(columns["gids"], kind="stable")
        if not np.array_equal(order, np.arange(order.size)):  # avoid a copy of large values
            values = values[:, order]
            columns = {name: column[order] for name, column in columns.items()}
        for name, array in {"times_ms": times, "values": values, **columns}.items():
            object.__setattr__(self, name, array)

    @property
    def sampling_step_ms(self) -> float:
        """Time between samples in ms; NaN for fewer than two samples."""
        n_steps = len(self.times_ms) - 1
        return float(self.times_ms[-1] - self.times_ms[0]) / n_steps if n_steps > 0 else np.nan

    def of(self, gid: int) -> Traces:
        """Return the columns of one cell.

        Parameters
        ----------
        gid : int
            Cell.

        Returns
        -------
        Traces
        """
        return self.take(slice(*np.searchsorted(self.gids, [gid, gid + 1])))

    def take(self, columns: slice | npt.NDArray[np.integer]) -> Traces:
        """Return some columns.

        Parameters
        ----------
        columns : slice or ndarray of int
            The columns.

        Returns
        -------
        Traces
        """
        return Traces(
            self.times_ms,
            self.values[:, columns],
            self.gids[columns],
            self.sections[columns],
            self.positions[columns],
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
            f"<Traces of {self.variable} in {self.unit}: {self.values.shape[1]} sites in "
            f"{n_cells} cells, {len(self.times_ms)} samples, {span}>"
        )
