"""Page of a network: its cells, the synapses on each interneuron, and gap junctions."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.network import SILENT_FROM_MS, Network
from cerebella.network.statistics import describe_network, synapses_per_cell
from cerebella.parameters.em_connectome import EM_CONNECTIONS
from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters
from cerebella.views.arrays import ArrayStore

_TYPES = {"MLI1": MLI1, "MLI2": MLI2}
_DRAWN = ("MLI1", "MLI2", "CF")
_X_STEPS = 255
_ITERATIONS = 150
_GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))
_MOST_CELLS, _MOST_SYNAPSES = 3000, 3_000_000


def page_of(network: Network, store: ArrayStore) -> dict[str, Any]:
    """Return the part of a page that shows a network.

    Parameters
    ----------
    network : Network
        The network.
    store : ArrayStore
        Takes the arrays.

    Raises
    ------
    InputError
        The network has no interneurons, or is too large for a page.
    """
    n_drawn = sum(network.population(name).n_cells for name in _DRAWN)
    if not any(network.population(name).n_cells for name in _TYPES):
        raise InputError(
            f"network {network.name} has no interneurons", remedy="Give a network with MLI1 or MLI2"
        )
    if n_drawn > _MOST_CELLS or len(network.synapses) > _MOST_SYNAPSES:
        raise InputError(
            f"network {network.name} has {n_drawn:,} interneurons and climbing fibers, and "
            f"{len(network.synapses):,} synapses, too many for a page",
            remedy=f"Give one of at most {_MOST_CELLS:,} cells and {_MOST_SYNAPSES:,} synapses, as "
            "of `scale` 10",
        )
    return {"scene": _scene(network, store), "panels": [], "initial_ms": None}


def _scene(network: Network, store: ArrayStore) -> dict[str, Any]:
    synapses, junctions = network.synapses, network.gap_junctions
    per_cell = np.bincount(synapses.target_gid, minlength=network.n_cells)
    n_mli = sum(network.population(name).n_cells for name in _TYPES)
    cell = MLICellParameters()
    return {
        "kind": "network",
        "populations": [
            {"name": p.name, "first": p.first_gid, "n": p.n_cells}
            for p in network.populations
            if p.n_cells
        ],
        "places": {
            name: store.add(places, "f4")
            for name, places in _places(network).items()
            if len(places)
        },
        "n_synapses": store.add(per_cell[:n_mli], "u4"),
        "source": store.add(synapses.source_gid, "u4"),
        "dendrite": store.add(synapses.dendrite, "u1"),
        "x": store.add(np.rint(_X_STEPS * synapses.x), "u1"),
        "gaps": {
            name: store.add(getattr(junctions, name), "u4")
            for name in ("gid_a", "gid_b", "dendrite_a", "dendrite_b")
        },
        "gap_x": {
            name: store.add(np.rint(_X_STEPS * getattr(junctions, name)), "u1")
            for name in ("x_a", "x_b")
        },
        "shape": {
            "soma_um": [cell.soma_length_um, cell.soma_diameter_um],
            "proximal_um": cell.proximal_length_um,
            "distal_um": {name: kind.distal_length_um for name, kind in _TYPES.items()},
        },
        "connections": _connections(network),
        "cf_levels": [
            {
                "level": level,
                "times": store.add(np.where(times < SILENT_FROM_MS, times, np.nan), "f4"),
            }
            for level, times in network.cf_times_ms.items()
        ],
    }


def _connections(network: Network) -> list[dict[str, Any]]:
    """Return mean and SD of the synapses per cell, beside those of EM."""
    rows = []
    for source, target in EM_CONNECTIONS:
        if not (network.population(source).n_cells and network.population(target).n_cells):
            continue
        counts, em = synapses_per_cell(network, source, target), EM_CONNECTIONS[source, target]
        rows.append(
            {
                "source": source,
                "target": target,
                "mean": float(counts.mean()),
                "sd": float(counts.std()),
                "em": None if np.isnan(em.synapses_per_cell) else em.synapses_per_cell,
            }
        )
    return rows


def facts_of(network: Network) -> dict[str, str]:
    """Return what the page says about a network, by name."""
    statistics = describe_network(network)
    cells = ", ".join(f"{p.n_cells:,} {p.name}" for p in network.populations)
    return {
        "network": network.name,
        "cells": cells,
        "synapses": f"{statistics.n_synapses:,}",
        "gap junctions": f"{statistics.n_gap_junctions:,}",
        "cells coupled to a cell": f"{statistics.gap_degree_mean:.2f} (mean)",
        "places": "chosen for legibility: coupled MLI1s lie close together; the model has none",
    }


def _places(network: Network) -> dict[str, npt.NDArray[np.float64]]:
    """Return places for a picture, from -1 to 1: MLI1 in a disk, around it MLI2, around them CF."""
    places, radius = {}, 1.0
    mli1 = network.population("MLI1")
    for name in _DRAWN:
        n = network.population(name).n_cells
        if name == "MLI1":
            junctions = network.gap_junctions
            pairs = np.stack([junctions.gid_a, junctions.gid_b], axis=1)
            own = ((pairs >= mli1.first_gid) & (pairs < mli1.gids.stop)).all(axis=1)
            places[name] = 0.72 * _spread(n, pairs[own] - mli1.first_gid)
        else:
            radius = 0.84 if name == "MLI2" else 0.96
            angles = 2 * np.pi * np.arange(n) / max(n, 1) - np.pi / 2
            places[name] = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return places


def _spread(n: int, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Place the nodes of a graph in a disk of radius 1 so that neighbors are close.

    Forces are those of Fruchterman and Reingold; nodes start on a spiral, hence always alike.
    """
    if not n:
        return np.empty((0, 2))
    spiral = np.sqrt((np.arange(n) + 0.5) / n)[:, None]
    angles = _GOLDEN_ANGLE * np.arange(n)
    places = spiral * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    ideal = np.sqrt(np.pi / n)
    for iteration in range(_ITERATIONS if n > 1 else 0):
        apart = places[:, None] - places[None]
        distance2 = np.maximum((apart**2).sum(axis=2), 1e-6)
        force = (apart * (ideal**2 / distance2)[:, :, None]).sum(axis=1)
        along = places[pairs[:, 0]] - places[pairs[:, 1]]
        pull = along * np.linalg.norm(along, axis=1, keepdims=True) / ideal
        np.add.at(force, pairs[:, 0], -pull)
        np.add.at(force, pairs[:, 1], pull)
        size = np.maximum(np.linalg.norm(force, axis=1, keepdims=True), 1e-9)
        places += force / size * np.minimum(size, 0.1 * (1 - iteration / _ITERATIONS))
        radius = np.linalg.norm(places, axis=1, keepdims=True)
        places = places / np.maximum(radius, 1)
    return places
