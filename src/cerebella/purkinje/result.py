"""Result of an integration of the Purkinje cell, whatever the engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PurkinjeResult:
    """Result of an integration.

    Attributes
    ----------
    samples : dict of str to ndarray, shape (n_samples, n_columns)
        Values by name of the recording; the potential of the soma is always among them.
    timings_s : dict of str to float
        Times in s of setup and solution.
    peak_memory_MB : float
        Peak memory of the process in MB.
    library : str
        Key of the compiled mechanisms.
    """

    samples: dict[str, npt.NDArray[np.floating]]
    timings_s: dict[str, float]
    peak_memory_MB: float
    library: str = ""
