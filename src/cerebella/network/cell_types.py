"""The cell types of the molecular layer and the labels that the published tables give them.

A parallel fiber (PF) belongs to a class by whom it contacts among the Purkinje cell (PC),
MLI1 and MLI2. Source: mli-network specification, section 7.
"""

from __future__ import annotations

from typing import NamedTuple


class CellType(NamedTuple):
    """One cell type: its name here, its published label, its population and PF contacts."""

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
"""All types, in the order in which a network numbers its cells (gids)."""

POPULATIONS: tuple[str, ...] = ("MLI1", "MLI2", "PF", "CF")
"""The populations, in gid order; the PF classes share one."""

N_DENDRITES = 12
"""Dendritic sections of an MLI, indices 0 to 11 (mli-network specification, section 1)."""

N_PROXIMAL_DENDRITES = 4
"""Of these, dendrites 0 to 3 leave the soma; the others branch off them (same section)."""
