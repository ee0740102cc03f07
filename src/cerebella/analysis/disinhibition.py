"""Disinhibition coverage: how much of a Purkinje cell's inhibition its climbing fiber can lift."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.network.network import Network

BoolArray = npt.NDArray[np.bool_]


class DisinhibitionCoverage(NamedTuple):
    """The part of a Purkinje cell's MLI1s that MLI2s of its climbing fiber (CF) inhibit.

    Attributes
    ----------
    n_mli2 : int
        MLI2s that the CF contacts.
    cells : float
        Share of the MLI1s presynaptic to the Purkinje cell that at least one of them inhibits; NaN
        without presynaptic MLI1s.
    synapses : float
        Share of their synapses on the Purkinje cell.

    Examples
    --------
    >>> coverage = cb.compute_disinhibition_coverage(cb.generate_network(seed=0), 3)
    >>> print(f"{coverage.n_mli2} MLI2, {coverage.cells:.2f} of the MLI1")
    9 MLI2, 0.34 of the MLI1
    """

    n_mli2: int
    cells: float
    synapses: float


def compute_disinhibition_coverage(
    network: Network, climbing_fiber: int, contacts: npt.ArrayLike | None = None
) -> DisinhibitionCoverage:
    """Compute the disinhibition coverage of a Purkinje cell with a given CF.

    Parameters
    ----------
    network : Network
        The network.
    climbing_fiber : int
        The CF of the Purkinje cell, counted from 0.
    contacts : array_like of int, shape (n_mli1,), optional
        Synapses of each MLI1 on the Purkinje cell; by default one each.

    Returns
    -------
    DisinhibitionCoverage

    Raises
    ------
    InputError
        The network has no such CF, or `contacts` is not of this network.

    Examples
    --------
    >>> network = cb.generate_network(seed=0)
    >>> coverage = cb.compute_disinhibition_coverage(network, 3)
    >>> print(f"{coverage.cells:.2f}")
    0.34
    """
    fibers, mli1 = network.population("CF"), network.population("MLI1")
    if not 0 <= climbing_fiber < fibers.n_cells:
        raise InputError(
            f"network {network.name} has no climbing fiber {climbing_fiber}",
            remedy=f"Give 0 to {fibers.n_cells - 1}" if fibers.n_cells else None,
        )
    on_cell = np.ones(mli1.n_cells) if contacts is None else np.asarray(contacts, dtype=np.float64)
    if on_cell.shape != (mli1.n_cells,) or (on_cell < 0).any():
        raise InputError(
            f"`contacts` has shape {on_cell.shape}, or negative numbers",
            remedy=f"Give the synapses of each of {mli1.n_cells} MLI1s",
        )
    reached = _targets(network, np.array([fibers.first_gid + climbing_fiber]), "MLI2")
    first = network.population("MLI2").first_gid
    inhibited = _targets(network, first + np.flatnonzero(reached), "MLI1")
    presynaptic = on_cell > 0
    n_cells, n_synapses = presynaptic.sum(), on_cell.sum()
    return DisinhibitionCoverage(
        int(reached.sum()),
        float((presynaptic & inhibited).sum() / n_cells) if n_cells else float("nan"),
        float(on_cell[inhibited].sum() / n_synapses) if n_cells else float("nan"),
    )


def summarize_coverage(network: Network) -> dict[str, float] | None:
    """Return mean, SD and range over CFs of the share of MLI1s that MLI2s of a CF inhibit.

    All MLI1s count as presynaptic to the Purkinje cell, with one synapse each.

    Parameters
    ----------
    network : Network
        The network.

    Returns
    -------
    dict of str to float, or None
        ``mean``, ``sd``, ``min``, ``max`` and the number of CFs, ``n_cf``; None without CFs or
        MLI1s.

    Examples
    --------
    >>> from cerebella.analysis.disinhibition import summarize_coverage
    >>> found = summarize_coverage(cb.generate_network(seed=0))
    >>> print(f"{found['mean']:.2f} ± {found['sd']:.2f}")
    0.40 ± 0.12
    """
    n_cf = network.population("CF").n_cells
    shares = np.array([compute_disinhibition_coverage(network, cf).cells for cf in range(n_cf)])
    if not n_cf or np.isnan(shares).any():
        return None
    return {
        "mean": float(shares.mean()),
        "sd": float(shares.std(ddof=1)) if n_cf > 1 else 0.0,
        "min": float(shares.min()),
        "max": float(shares.max()),
        "n_cf": n_cf,
    }


def _targets(network: Network, sources: npt.NDArray[np.int64], population: str) -> BoolArray:
    """Return which cells of a population have a synapse from at least one of the sources."""
    cells = network.population(population)
    targets = network.synapses.target_gid[np.isin(network.synapses.source_gid, sources)]
    return np.isin(np.arange(cells.first_gid, cells.first_gid + cells.n_cells), targets)
