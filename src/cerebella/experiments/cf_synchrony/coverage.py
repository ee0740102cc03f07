"""Disinhibition coverage of the circuit of the synchrony experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cerebella.analysis.disinhibition import compute_disinhibition_coverage
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.morphology.compartments import compute_compartments
from cerebella.purkinje.cell_size import compute_size_factors, scale_connections
from cerebella.purkinje.placement import connect_mlis, place_synapses
from cerebella.purkinje.synaptic_events import network_cells

if TYPE_CHECKING:
    import pandas as pd


def tabulate_coverage(model: SyncModel) -> pd.DataFrame:
    """Return the disinhibition coverage for each climbing fiber as that of the Purkinje cell.

    Parameters
    ----------
    model : SyncModel
        Network and cell.

    Returns
    -------
    pandas.DataFrame
        One row for each CF of the network: ``cf``, counted from 0, and the fields of
        `DisinhibitionCoverage`.
    """
    import pandas as pd

    network, connections = model.network, model.purkinje.connections
    size = compute_size_factors(compute_compartments(model.morphology), connections)
    connections = scale_connections(connections, size)
    mli1, mli2, shared_pf = network_cells(network.cell_counts)
    placement = place_synapses(
        model.morphology, connections, n_network_pf=len(shared_pf), seed=model.seed
    )
    mli, _ = connect_mlis(
        len(mli1), len(mli2), len(placement.mli_compartment), connections, seed=model.seed
    )
    contacts = np.bincount(mli, minlength=len(mli1) + len(mli2))[: len(mli1)]
    rows = [
        {"cf": cf} | compute_disinhibition_coverage(network, cf, contacts)._asdict()
        for cf in range(network.population("CF").n_cells)
    ]
    return pd.DataFrame(rows, columns=["cf", "n_mli2", "cells", "synapses"])
