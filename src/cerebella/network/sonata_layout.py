"""How a network is laid out as a SONATA circuit: names of files, populations and types.

Cells are numbered from 0 within each population; node i of a population is the cell
``first gid + i``. Dendrite d is section d + 1, since the soma is section 0.
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

CHEMICAL = "chemical"
ELECTRICAL = "electrical"

NODE_POPULATIONS = tuple(name.lower() for name in POPULATIONS)
_MLI = ("mli1", "mli2")
EDGE_POPULATIONS = (
    *(f"{source}__{target}__{CHEMICAL}" for target in _MLI for source in NODE_POPULATIONS),
    *(f"{source}__{target}__{ELECTRICAL}" for target in _MLI for source in _MLI),
)
"""All edge populations that a network can have: source, target and kind of connection."""

TABLE_ROW = "table_row"
"""Attribute of chemical edges: row of the CSV table, where its order is not that of the edges."""


def cf_spikes_name(level: int) -> str:
    """File name of the CF spikes of one synchrony level."""
    return f"cf_spikes_sync_{level}.h5"


def edge_parts(population: str) -> tuple[str, str, str]:
    """Source population, target population and kind of an edge population."""
    source, target, kind = population.split("__")
    return source, target, kind


def node_types_csv() -> str:
    """Write the table of node types: one for each cell type."""
    rows = ["node_type_id pop_name cell_type published_label model_type"]
    rows += [
        f"{i} {t.population.lower()} {t.name} {t.published_label} {_model_type(t.population)}"
        for i, t in enumerate(CELL_TYPES)
    ]
    return "\n".join(rows) + "\n"


def edge_types_csv() -> str:
    """Write the table of edge types: one for each edge population."""
    rows = ["edge_type_id population source_population target_population kind"]
    rows += [" ".join([str(i), name, *edge_parts(name)]) for i, name in enumerate(EDGE_POPULATIONS)]
    return "\n".join(rows) + "\n"


def circuit_config(
    name: str, node_populations: list[str], edge_populations: list[str], levels: list[int]
) -> str:
    """Write the circuit configuration, as JSON."""
    config: dict[str, Any] = {
        "manifest": {"$BASE_DIR": "."},
        # Shapes, channels and synaptic strengths are the model's, not the circuit's.
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
    """Whether a file of this name belongs to a SONATA network of cerebella."""
    fixed = file.name in (CONFIG, NODES, EDGES, NODE_TYPES, EDGE_TYPES)
    return fixed or (file.name.startswith("cf_spikes_sync_") and file.suffix == ".h5")


def _model_type(population: str) -> str:
    return "biophysical" if population.lower() in _MLI else "virtual"
