"""PF→PC weights of the loop over time."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.hdf5 import opened_hdf5

Floats = npt.NDArray[np.floating]

_OLDER_NAMES = {"synapse_purkinje": "synapse_pkj", "pf_of_purkinje": "pf_of_pkj"}
"""Datasets that versions before 0.1 called otherwise."""


class WeightSamples(NamedTuple):
    """PF→PC weights over time, each from 0 to 1.

    Attributes
    ----------
    times_ms : ndarray of float, shape (n_samples,)
        Times of the samples in ms.
    mean, sd : ndarray of float, shape (n_samples,)
        Mean and standard deviation over all synapses.
    by_zone : ndarray of float, shape (n_samples, n_zones)
        Mean over the synapses of each zone.
    histogram : ndarray of int, shape (n_samples, n_bins)
        Number of synapses with a weight in each bin.
    histogram_edges : ndarray of float, shape (n_bins + 1,)
        Edges of the bins.
    synapses : ndarray of float, shape (n_samples, n_synapses)
        Weights of the recorded synapses.
    synapse_pf, synapse_purkinje : ndarray of int, shape (n_synapses,)
        Parallel fiber and Purkinje cell of each recorded synapse.
    final : ndarray of float, shape (n_purkinje, fan_in)
        All weights at the end of the run.
    pf_of_purkinje : ndarray of int, shape (n_purkinje, fan_in)
        Parallel fiber of each of these.
    """

    times_ms: Floats
    mean: Floats
    sd: Floats
    by_zone: Floats
    histogram: npt.NDArray[np.integer]
    histogram_edges: Floats
    synapses: Floats
    synapse_pf: npt.NDArray[np.integer]
    synapse_purkinje: npt.NDArray[np.integer]
    final: Floats
    pf_of_purkinje: npt.NDArray[np.integer]


def read_weights(path: Path) -> WeightSamples:
    """Read a file of weights, an HDF5 file with one dataset for each field of `WeightSamples`.

    Raises
    ------
    InputError
        The file is missing, or is not a file of weights.
    """
    try:
        with opened_hdf5(path) as file:
            older = {new: old for new, old in _OLDER_NAMES.items() if new not in file}
            return WeightSamples(
                **{name: np.asarray(file[older.get(name, name)]) for name in WeightSamples._fields}
            )
    except (OSError, KeyError) as error:
        raise InputError(
            f"cannot be read as weights of a run ({error})",
            file=path,
            remedy="Copy or repeat the run",
        ) from error
