"""The published NPZ of a run of the loop: spike counts in bins, and weights. Written and read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.atomic import atomic_file
from cerebella.results.olive_run import OliveRun
from cerebella.results.spikes import PUBLISHED_NAMES, own_name

BIN_MS = 100.0
"""Width of the bins of the published file."""

Arrays = dict[str, npt.NDArray]


@dataclass(frozen=True, eq=False)
class OliveCounts:
    """What the published NPZ holds.

    Attributes
    ----------
    path : the file.
    counts : {population: (n_bins, n_recorded)} spikes in each bin; the last bin may be cut short.
    weights : (n_samples, n_synapses), of the recorded synapses.
    bin_ms : width of the bins.
    weights_times_ms : (n_samples,) when weights were sampled; None where the file does not say.
    """

    kind: ClassVar[str] = "olive_counts"

    path: Path
    counts: Mapping[str, npt.NDArray]
    weights: npt.NDArray
    bin_ms: float
    weights_times_ms: npt.NDArray | None = None

    @property
    def name(self) -> str:
        """Name of the file without its ending."""
        return self.path.stem

    @property
    def duration_ms(self) -> float:
        """Length of all bins."""
        return len(next(iter(self.counts.values()))) * self.bin_ms

    @property
    def rates_Hz(self) -> dict[str, float]:
        """Mean rate of each recorded population."""
        return {
            name: float(counts.mean() * 1000 / self.bin_ms)
            for name, counts in self.counts.items()
            if counts.size
        }


def write_olive_npz(run: OliveRun, path: Path) -> None:
    """Write `<POP>_spikes`, counts in bins of 100 ms, and `weights`.

    The columns of `<POP>_spikes` are the recorded cells; the last bin may be cut short. Added to
    what is published are `bin_ms` and `weights_times_ms`.
    """
    arrays: Arrays = {}
    for name in run.populations:
        spikes = run.of(name)
        n_cells, n_bins = len(spikes.recorded), int(np.ceil(run.duration_ms / BIN_MS))
        column = np.zeros(run.populations[name].n_cells, dtype=np.int64)
        column[spikes.recorded] = np.arange(n_cells)
        place = (spikes.times_ms // BIN_MS).astype(np.int64) * n_cells + column[spikes.cells]
        counts = np.bincount(place, minlength=n_bins * n_cells).reshape(n_bins, n_cells)
        arrays[f"{PUBLISHED_NAMES.get(name, name)}_spikes"] = counts.astype(np.uint16)
    arrays["weights"] = run.weights.synapses
    arrays["bin_ms"] = np.array(BIN_MS)
    arrays["weights_times_ms"] = run.weights.times_ms
    with atomic_file(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def read_olive_npz(path: Path | str) -> OliveCounts:
    """Read the published NPZ; a file that does not give the width of its bins has 100 ms.

    Raises
    ------
    InputError : it is not there, no such file, or its arrays are not counts and weights.
    """
    path = Path(path)
    arrays = _arrays_in(path)
    counts = {
        own_name(name.removesuffix("_spikes")): values
        for name, values in arrays.items()
        if name.endswith("_spikes")
    }
    if not counts or "weights" not in arrays:
        raise _refused(path, f"holds {', '.join(arrays) or 'nothing'}")
    _check_counts(path, counts)
    _check_weights(path, arrays["weights"], arrays.get("weights_times_ms"))
    bin_ms = arrays.get("bin_ms", np.array(BIN_MS))
    if not (_are_numbers(bin_ms, 0) and 0 < bin_ms < np.inf):
        raise _refused(path, f"bin_ms = {bin_ms} is no width of a bin")
    times_ms = arrays.get("weights_times_ms")
    return OliveCounts(path, counts, arrays["weights"], float(bin_ms), times_ms)


def _arrays_in(path: Path) -> Arrays:
    try:
        with path.open("rb") as file:
            archive = np.load(file, allow_pickle=False)
            if isinstance(archive, np.ndarray):
                raise _refused(path, "is a single array, not an NPZ file")
            return {name: archive[name] for name in archive.files}
    except InputError:
        raise
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        problem = getattr(error, "strerror", None) or error
        raise _refused(path, f"cannot be read as an NPZ file ({problem})") from error


def _are_numbers(values: npt.NDArray, n_dimensions: int) -> bool:
    return values.dtype.kind in "iuf" and values.ndim == n_dimensions


def _check_counts(path: Path, counts: Mapping[str, npt.NDArray]) -> None:
    for name, values in counts.items():
        if not _are_numbers(values, 2) or (values < 0).any() or (values % 1 != 0).any():
            what = f"{name}_spikes ({values.dtype}, shape {values.shape})"
            raise _refused(path, f"{what} are not counts by bin and cell")
    if len({len(values) for values in counts.values()} | {0}) != 2:
        bins = ", ".join(f"{name} {len(values)}" for name, values in counts.items())
        raise _refused(path, f"populations do not have the same number of bins, 1 or more: {bins}")


def _check_weights(path: Path, weights: npt.NDArray, times_ms: npt.NDArray | None) -> None:
    if not _are_numbers(weights, 2) or not np.isfinite(weights).all():
        what = f"weights ({weights.dtype}, shape {weights.shape})"
        raise _refused(path, f"{what} are not by sample and synapse")
    if times_ms is not None and not (_are_numbers(times_ms, 1) and len(times_ms) == len(weights)):
        raise _refused(path, f"weights_times_ms does not give times of {len(weights)} samples")


def _refused(path: Path, problem: str) -> InputError:
    return InputError(
        problem,
        file=path,
        remedy="Give a file with <POP>_spikes (bins, cells) and weights (samples, synapses), as "
        "cerebella export --to npz writes, or traces of a Purkinje cell under their published "
        "name, as pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz",
    )
