"""Cell types of the molecular layer and their labels in the published tables (park2026).

Parallel fibers (PFs) are classified by their targets among the Purkinje cell (PC), MLI1 and
MLI2.
"""

from __future__ import annotations

from typing import NamedTuple


class CellType(NamedTuple):
    """A cell type: name, published label, population and, for PFs, the cells it contacts."""

    name: str
    published_label: str
    population: str
    contacts: frozenset[str]


CELL_TYPES: tuple[CellType, ...] = (
    CellType("MLI1", "IN1", "MLI1", frozenset()),
    CellType("MLI2", "IN2", "MLI2", frozenset()),
    CellType("PF_PC_MLI1", "PF2", "PF", frozenset({"PC", "MLI1"})),
    CellType("PF_PC_MLI2", "PF3", "PF", frozenset({"PC", "MLI2"})),
    CellType("PF_PC_MLI1_MLI2", "PF4", "PF", frozenset({"PC", "MLI1", "MLI2"})),
    CellType("PF_MLI1_MLI2", "PF5", "PF", frozenset({"MLI1", "MLI2"})),
    CellType("PF_MLI1", "PF6", "PF", frozenset({"MLI1"})),
    CellType("PF_MLI2", "PF7", "PF", frozenset({"MLI2"})),
    CellType("CF", "CF", "CF", frozenset()),
)
"""All types, in gid order."""

POPULATIONS: tuple[str, ...] = ("MLI1", "MLI2", "PF", "CF")
"""Populations in gid order; all PF classes form one population."""

N_DENDRITES = 12
"""Number of dendritic sections of an MLI; indices 0 to 11."""

N_PROXIMAL_DENDRITES = 4
"""Number of dendrites attached to the soma (0 to 3); the others branch off these."""
