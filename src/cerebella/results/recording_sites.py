"""Recording sites of the traces of a cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.results.traces import Traces

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecordingSites:
    """Recorded compartments; rows correspond to the columns of `Traces`.

    Attributes
    ----------
    sections : ndarray of str, shape (n_sites,)
        Names of sections.
    positions : ndarray of float64, shape (n_sites,)
        Relative position on the section, 0 to 1.
    regions : ndarray of str, shape (n_sites,)
        "soma", "ais", "smooth" or "spiny".
    diameters_um : ndarray of float64, shape (n_sites,)
        Diameter in µm.
    path_distances_um : ndarray of float64, shape (n_sites,)
        Path distance from the soma in µm.
    """

    sections: npt.NDArray[np.str_]
    positions: FloatArray
    regions: npt.NDArray[np.str_]
    diameters_um: FloatArray
    path_distances_um: FloatArray

    def take(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> RecordingSites:
        """Return a selection of rows.

        Parameters
        ----------
        rows : ndarray of int or bool
            Indices, in the order to return, or mask.

        Returns
        -------
        RecordingSites
        """
        return RecordingSites(
            self.sections[rows],
            self.positions[rows],
            self.regions[rows],
            self.diameters_um[rows],
            self.path_distances_um[rows],
        )

    def fit(self, traces: Traces) -> bool:
        """Return whether these are the recording sites of the columns of `traces`, in order."""
        return np.array_equal(self.sections, traces.sections) and np.allclose(
            self.positions, traces.positions, rtol=0, atol=1e-6
        )

    def __len__(self) -> int:
        return len(self.sections)

    def __repr__(self) -> str:
        names, counts = np.unique(self.regions, return_counts=True)
        parts = ", ".join(f"{n} {name}" for name, n in zip(names, counts.tolist(), strict=True))
        return f"<RecordingSites: {len(self)} compartments ({parts})>"
