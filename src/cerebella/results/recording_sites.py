"""Where on a cell its traces were recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cerebella.results.traces import Traces

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecordingSites:
    """What is known of each recorded compartment; the rows are the columns of `Traces`.

    Attributes
    ----------
    sections : (n,) str, names of the sections.
    positions : (n,) float64, relative position 0..1 on the section.
    regions : (n,) str, "soma", "ais", "smooth" or "spiny".
    diameters_um : (n,) float64.
    path_distances_um : (n,) float64, along the cell from the soma.
    """

    sections: npt.NDArray[np.str_]
    positions: FloatArray
    regions: npt.NDArray[np.str_]
    diameters_um: FloatArray
    path_distances_um: FloatArray

    def take(self, rows: npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> RecordingSites:
        """Return some of the rows, in the order asked for."""
        return RecordingSites(
            self.sections[rows],
            self.positions[rows],
            self.regions[rows],
            self.diameters_um[rows],
            self.path_distances_um[rows],
        )

    def fit(self, traces: Traces) -> bool:
        """Return whether these are the places of the columns of `traces`, in their order."""
        return np.array_equal(self.sections, traces.sections) and np.allclose(
            self.positions, traces.positions, rtol=0, atol=1e-6
        )

    def __len__(self) -> int:
        return len(self.sections)

    def __repr__(self) -> str:
        names, counts = np.unique(self.regions, return_counts=True)
        parts = ", ".join(f"{n} {name}" for name, n in zip(names, counts.tolist(), strict=True))
        return f"<RecordingSites: {len(self)} compartments ({parts})>"
