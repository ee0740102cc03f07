"""Random streams of bias currents and inhibitory delays in the published runs.

Each MPI rank of a published run had one Mersenne Twister of Python, seeded with 42 + trial +
rank. Its numbers were used first for the MLIs of the rank (gid modulo the number of ranks), in
the order of the cells, and then for the inhibitory synapses on these MLIs, in the order of the
synaptic table. The published spikes confirm the seed, the assignment of cells to ranks, the
numbers of the cells and the 12 ranks: rates of the MLIs in trial 11 correlate with the bias
currents drawn here (0.93 and more) but not with those for other numbers of ranks, and the spike
file consists of 12 blocks. The delays could not be compared with published data.
"""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.network import Network

PUBLISHED_RANKS = 12
"""MPI ranks of the published runs."""

_PUBLISHED_SEED = 42


def check_replay(replay_published: bool, published_ranks: int | None, seed: int) -> int | None:
    """Return the number of ranks of the published run to replay, or None without a replay.

    Raises
    ------
    InputError
        A given seed or number of published ranks would have no effect.
    """
    if not replay_published:
        if published_ranks is not None:
            raise InputError(
                f"`published_ranks` is {published_ranks}, but no published run is replayed",
                remedy="Add `replay_published`, or omit `published_ranks`",
            )
        return None
    if seed:
        raise InputError(
            f"`seed` is {seed}, but the published random streams have no seed",
            remedy="Omit the seed; the trial selects the published run",
        )
    return PUBLISHED_RANKS if published_ranks is None else published_ranks


def published_bias_and_delay_draws(
    network: Network, trial: int, n_ranks: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Draw the numbers in [0, 1) of all MLIs and of all inhibitory synapses.

    Parameters
    ----------
    network : Network
        The network, with synapses in the order of the published table.
    trial : int
        Trial of the published run; trial t on rank r repeats trial t - 1 on rank r + 1.
    n_ranks : int
        Number of MPI ranks of the published run.

    Returns
    -------
    of_cells : numpy.ndarray
        One number for each MLI, by gid: (n_mli,).
    of_synapses : numpy.ndarray
        One number for each row of ``network.synapses``: (n_synapses,), 0 for PFs and CFs.
    """
    n_mli = sum(network.population(name).n_cells for name in ("MLI1", "MLI2"))
    synapses = network.synapses
    in_table = synapses.table_order
    inhibitory = in_table[synapses.source_gid[in_table] < n_mli]
    owner = synapses.target_gid[inhibitory] % n_ranks
    of_cells, of_synapses = np.zeros(n_mli), np.zeros(len(synapses))
    for rank in range(n_ranks):
        draw = random.Random(_PUBLISHED_SEED + trial + rank).random
        cells, rows = np.arange(rank, n_mli, n_ranks), inhibitory[owner == rank]
        of_cells[cells] = [draw() for _ in cells]
        of_synapses[rows] = [draw() for _ in rows]
    return of_cells, of_synapses
