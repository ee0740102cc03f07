"""PF→PC weights of the loop over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.hdf5 import names_in, numbers_in, opened_hdf5

Floats = npt.NDArray[np.floating]

_OLDER_NAMES = {"synapse_purkinje": "synapse_pkj", "pf_of_purkinje": "pf_of_pkj"}
"""Datasets that versions before 0.1 called otherwise."""

_TABLES = ("by_zone", "histogram", "synapses", "final", "pf_of_purkinje")

_OPTIONAL = ("by_group", "mf_dcn")


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
    by_group : ndarray of float, shape (n_samples, n_zones, n_groups)
        Mean over the synapses of each zone and group of neighboring PFs; n_groups is 0 if groups
        were not recorded.
    mf_dcn : ndarray of float, shape (n_samples, n_dcn)
        Weight of MF→DCN of each DCN, relative to its initial value; n_dcn is 0 if it is constant.
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
    by_group: Floats
    mf_dcn: Floats


def read_weights(path: Path) -> WeightSamples:
    """Read a file of weights, an HDF5 file with one dataset for each field of `WeightSamples`.

    Raises
    ------
    InputError
        The file is missing, or is not a file of weights.
    """
    path = Path(path)
    read: dict[str, npt.NDArray[Any]] = {}
    with opened_hdf5(path) as file:
        stored = names_in(file, path)
        for name in (one for one in WeightSamples._fields if one not in _OPTIONAL):
            own = name if name in stored else _OLDER_NAMES.get(name, name)
            read[name] = numbers_in(file, own, path, n_dimensions=1 + (name in _TABLES))
        n_samples, n_zones = read["by_zone"].shape
        for name, shape in zip(_OPTIONAL, ((n_samples, n_zones, 0), (n_samples, 0)), strict=True):
            read[name] = (
                numbers_in(file, name, path, n_dimensions=len(shape))
                if name in stored
                else np.zeros(shape)
            )
    samples = WeightSamples(**read)
    _check(samples, path)
    return samples


def _check(samples: WeightSamples, path: Path) -> None:
    """Raise InputError if the datasets do not fit together."""
    n_samples, n_synapses = len(samples.times_ms), len(samples.synapse_pf)
    expected = {
        "mean": (n_samples,),
        "sd": (n_samples,),
        "by_zone": (n_samples, samples.by_zone.shape[1]),
        "histogram": (n_samples, len(samples.histogram_edges) - 1),
        "synapses": (n_samples, n_synapses),
        "synapse_purkinje": (n_synapses,),
        "final": samples.pf_of_purkinje.shape,
        "by_group": (*samples.by_zone.shape, samples.by_group.shape[2]),
        "mf_dcn": (n_samples, samples.mf_dcn.shape[1]),
    }
    for name, shape in expected.items():
        if getattr(samples, name).shape != shape:
            raise InputError(
                f"{name} has shape {getattr(samples, name).shape}, but the other datasets imply "
                f"{shape}",
                file=path,
                remedy="Copy or repeat the run",
            )
    times = samples.times_ms
    if not len(times) or not np.isfinite(times).all() or (np.diff(times) < 0).any():
        raise InputError(
            "the times of samples are absent, not finite or not sorted",
            file=path,
            remedy="Copy or repeat the run",
        )
