"""Published NPZ format of runs of the loop: binned spike counts and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.files.npz import read_npz
from cerebella.results.atomic import atomic_file
from cerebella.results.spikes import PUBLISHED_NAMES, own_name

BIN_MS = 100.0
"""Width of the bins of the published file."""

Arrays = dict[str, npt.NDArray]


@dataclass(frozen=True, eq=False)
class BinnedSpikes:
    """Contents of a published NPZ file.

    Attributes
    ----------
    counts : mapping of str to ndarray of int, shape (n_bins, n_recorded)
        Spike counts by population; the last bin may be incomplete.
    weights : ndarray of float, shape (n_samples, n_synapses)
        Weights of the recorded synapses.
    bin_ms : float
        Bin width in ms.
    weights_times_ms : ndarray of float, shape (n_samples,), or None
        Times of the samples of weights in ms; None if the file does not contain them.
    """

    counts: Mapping[str, npt.NDArray]
    weights: npt.NDArray
    bin_ms: float
    weights_times_ms: npt.NDArray | None = None

    @property
    def duration_ms(self) -> float:
        """Total duration of the bins in ms."""
        return len(next(iter(self.counts.values()))) * self.bin_ms

    @property
    def rates_Hz(self) -> dict[str, float]:
        """Mean rate of each recorded population in Hz."""
        return {
            name: float(counts.mean() * 1000 / self.bin_ms)
            for name, counts in self.counts.items()
            if counts.size
        }


def write_olive_npz(run: Any, path: Path) -> None:
    """Write a run in the published format.

    ``<POP>_spikes`` contains counts in bins of 100 ms, with one column per recorded cell; the
    last bin may be incomplete. ``bin_ms`` and ``weights_times_ms`` are additions to the published
    arrays.

    Parameters
    ----------
    run : Run
        Run of the loop.
    path : Path
        File to write.
    """
    run.require("spikes")
    weights = run.require("weights")
    arrays: Arrays = {}
    for name in run.populations:
        spikes = run.of(name)
        n_cells, n_bins = len(spikes.recorded), int(np.ceil(run.duration_ms / BIN_MS))
        column = np.zeros(run.populations[name].n_cells, dtype=np.int64)
        column[spikes.recorded] = np.arange(n_cells)
        place = (spikes.times_ms // BIN_MS).astype(np.int64) * n_cells + column[spikes.cells]
        counts = np.bincount(place, minlength=n_bins * n_cells).reshape(n_bins, n_cells)
        arrays[f"{PUBLISHED_NAMES.get(name, name)}_spikes"] = counts.astype(np.uint16)
    arrays["weights"] = weights.synapses
    arrays["bin_ms"] = np.array(BIN_MS)
    arrays["weights_times_ms"] = weights.times_ms
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def read_olive_npz(path: Path | str) -> BinnedSpikes:
    """Read spike counts and weights from a published NPZ file.

    Parameters
    ----------
    path : Path or str
        NPZ file with arrays ``<POP>_spikes`` (bins, cells) and ``weights`` (samples, synapses).
        The bin width is ``bin_ms`` if present, otherwise 100 ms.

    Returns
    -------
    BinnedSpikes

    Raises
    ------
    InputError
        If the file is missing, damaged, or does not contain counts and weights.

    Examples
    --------
    >>> np.savez("loop.npz", IO_spikes=np.array([[1, 0], [0, 1]]), weights=np.full((2, 3), 0.2))
    >>> counts = cb.load_run("loop.npz").binned
    >>> counts.duration_ms, counts.rates_Hz
    (200.0, {'IO': 5.0})
    """
    path = Path(path)
    arrays = read_npz(path, remedy=_REMEDY)
    counts = {
        own_name(name.removesuffix("_spikes")): values
        for name, values in arrays.items()
        if name.endswith("_spikes")
    }
    if not counts or "weights" not in arrays:
        raise _refused(path, f"contains {', '.join(arrays) or 'no arrays'}")
    _check_counts(path, counts)
    _check_weights(path, arrays["weights"], arrays.get("weights_times_ms"))
    bin_ms = arrays.get("bin_ms", np.array(BIN_MS))
    if not (_are_numbers(bin_ms, 0) and 0 < bin_ms < np.inf):
        raise _refused(path, f"bin_ms = {bin_ms} is not a valid bin width")
    times_ms = arrays.get("weights_times_ms")
    return BinnedSpikes(counts, arrays["weights"], float(bin_ms), times_ms)


def _are_numbers(values: npt.NDArray, n_dimensions: int) -> bool:
    return values.dtype.kind in "iuf" and values.ndim == n_dimensions


def _check_counts(path: Path, counts: Mapping[str, npt.NDArray]) -> None:
    for name, values in counts.items():
        if not _are_numbers(values, 2) or (values < 0).any() or (values % 1 != 0).any():
            array = f"{name}_spikes ({values.dtype}, shape {values.shape})"
            raise _refused(path, f"{array} does not contain counts by bin and cell")
    if len({len(values) for values in counts.values()} | {0}) != 2:
        bins = ", ".join(f"{name} {len(values)}" for name, values in counts.items())
        raise _refused(path, f"populations must have the same number of bins, at least 1: {bins}")


def _check_weights(path: Path, weights: npt.NDArray, times_ms: npt.NDArray | None) -> None:
    if not _are_numbers(weights, 2) or not np.isfinite(weights).all():
        array = f"weights ({weights.dtype}, shape {weights.shape})"
        raise _refused(path, f"{array} does not contain values by sample and synapse")
    if times_ms is not None and not (
        _are_numbers(times_ms, 1) and len(times_ms) == len(weights) and np.isfinite(times_ms).all()
    ):
        raise _refused(path, f"weights_times_ms does not contain {len(weights)} times")


_REMEDY = (
    "Give a file with <POP>_spikes (bins, cells) and weights (samples, synapses), as exported by "
    "cerebella to npz, or traces of a Purkinje cell with a published file name such as "
    "pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz"
)


def _refused(path: Path, problem: str) -> InputError:
    return InputError(problem, file=path, remedy=_REMEDY)
