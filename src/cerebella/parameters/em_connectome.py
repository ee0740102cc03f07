"""Counts by electron microscopy (EM) on complete MLIs, from the repository of park2026.

Twenty MLI1, six MLI2 and ten climbing fibers were complete. Synapses between MLIs and from
climbing fibers are those among these cells, so a cell has more from the cells around them.
Parallel fiber synapses are those reconstructed, about 76 % of all.
"""

from __future__ import annotations

from typing import NamedTuple


class EMConnection(NamedTuple):
    """Means over target cells; NaN where nothing was published.

    Attributes
    ----------
    synapses_per_cell : float
        Synapses of a target cell.
    partners_per_cell : float
        Source cells of a target cell.
    synapses_per_pair : float
        Synapses of a connected pair.
    synapses_per_cell_sd : float
        Standard deviation of `synapses_per_cell` between target cells.
    """

    synapses_per_cell: float
    partners_per_cell: float
    synapses_per_pair: float
    synapses_per_cell_sd: float = float("nan")


_UNKNOWN = float("nan")

EM_CONNECTIONS: dict[tuple[str, str], EMConnection] = {
    ("PF", "MLI1"): EMConnection(776.2, _UNKNOWN, _UNKNOWN, 388.0),
    ("PF", "MLI2"): EMConnection(707.0, _UNKNOWN, _UNKNOWN, 352.0),
    ("MLI1", "MLI1"): EMConnection(6.3, 3.95, 1.59),
    ("MLI2", "MLI1"): EMConnection(12.8, 2.7, 4.74),
    ("MLI1", "MLI2"): EMConnection(4.83, 3.33, 1.45),
    ("MLI2", "MLI2"): EMConnection(1.83, 0.83, 2.20),
    ("CF", "MLI1"): EMConnection(0.25, 0.15, 1.67),
    ("CF", "MLI2"): EMConnection(8.0, 3.5, 2.29, 7.5),
}
"""By source and target population."""
