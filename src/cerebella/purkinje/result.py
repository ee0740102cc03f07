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
    soma_v : ndarray of float, shape (n_steps + 1,)
        Voltage at the center of the soma at every time step, in mV.
    calcium, v : ndarray of float32, shape (n_samples, n_compartments)
        Calcium in mM and voltage in mV; empty if not recorded.
    timings_s : dict of str to float
        Times in s of setup and solution.
    peak_memory_MB : float
        Peak memory of the process in MB.
    library : str
        Key of the compiled mechanisms.
    """

    soma_v: npt.NDArray[np.float64]
    calcium: npt.NDArray[np.float32]
    v: npt.NDArray[np.float32]
    timings_s: dict[str, float]
    peak_memory_MB: float
    library: str = ""
