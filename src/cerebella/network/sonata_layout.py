"""Layout of a network as a SONATA circuit: names of files, populations and types.

Node ids start at 0 in each population; node i of a population is the cell ``first gid + i``.
Dendrite d is section d + 1, since the soma is section 0.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cerebella.network.cell_types import CELL_TYPES, POPULATIONS

CONFIG = "circuit_config.json"
NODES = "nodes.h5"
EDGES = "edges.h5"
NODE_TYPES = "node_types.csv"
EDGE_TYPES = "edge_types.csv"
FILES = (CONFIG, NODES, EDGES, NODE_TYPES, EDGE_TYPES)
"""Files of every network; CF spikes come in addition."""

CHEMICAL = "chemical"
ELECTRICAL = "electrical"

NODE_POPULATIONS = tuple(name.lower() for name in POPULATIONS)
_MLI = ("mli1", "mli2")
EDGE_POPULATIONS = (
    *(f"{source}__{target}__{CHEMICAL}" for target in _MLI for source in NODE_POPULATIONS),
    *(f"{source}__{target}__{ELECTRICAL}" for target in _MLI for source in _MLI),
)
"""All possible edge populations: source, target and kind of connection."""

TABLE_ROW = "table_row"
"""Attribute of chemical edges: row in the CSV table, if its order differs from the edges'."""


def cf_spikes_name(level: int) -> str:
    """Return the file name of the CF spikes of one synchrony level."""
    return f"cf_spikes_sync_{level}.h5"


def edge_parts(population: str) -> tuple[str, str, str]:
    """Return the source population, target population and kind of an edge population."""
    source, target, kind = population.split("__")
    return source, target, kind


def node_types_csv() -> str:
    """Return the table of node types as text, one row per cell type."""
    rows = ["node_type_id pop_name cell_type published_label model_type"]
    rows += [
        f"{i} {t.population.lower()} {t.name} {t.published_label} {_model_type(t.population)}"
        for i, t in enumerate(CELL_TYPES)
    ]
    return "\n".join(rows) + "\n"


def edge_types_csv() -> str:
    """Return the table of edge types as text, one row per edge population."""
    rows = ["edge_type_id population source_population target_population kind"]
    rows += [" ".join([str(i), name, *edge_parts(name)]) for i, name in enumerate(EDGE_POPULATIONS)]
    return "\n".join(rows) + "\n"


def circuit_config(
    name: str, node_populations: list[str], edge_populations: list[str], levels: list[int]
) -> str:
    """Return the circuit configuration as JSON.

    Parameters
    ----------
    name : str
        Name of the network.
    node_populations, edge_populations : list of str
        Populations that exist.
    levels : list of int
        CF synchrony levels.

    Returns
    -------
    str
    """
    config: dict[str, Any] = {
        "manifest": {"$BASE_DIR": "."},
        # Morphologies, channels and synaptic strengths belong to the model, not to the circuit.
        "metadata": {"status": "partial"},
        "networks": {
            "nodes": [
                {
                    "nodes_file": f"$BASE_DIR/{NODES}",
                    "node_types_file": f"$BASE_DIR/{NODE_TYPES}",
                    "populations": {p: {"type": _model_type(p)} for p in node_populations},
                }
            ],
            "edges": [
                {
                    "edges_file": f"$BASE_DIR/{EDGES}",
                    "edge_types_file": f"$BASE_DIR/{EDGE_TYPES}",
                    "populations": {p: {"type": edge_parts(p)[2]} for p in edge_populations},
                }
            ],
        },
        "cerebella": {
            "name": name,
            "cf_synchrony_levels": {str(level): cf_spikes_name(level) for level in levels},
        },
    }
    return json.dumps(config, indent=2) + "\n"


def is_network_file(file: Path) -> bool:
    """Return whether a file name belongs to a SONATA network written by cerebella."""
    return file.name in FILES or (file.name.startswith("cf_spikes_sync_") and file.suffix == ".h5")


def _model_type(population: str) -> str:
    return "biophysical" if population.lower() in _MLI else "virtual"
