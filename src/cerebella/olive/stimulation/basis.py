"""Temporal bases: rates of parallel fibers over the time since the onset of a stimulus.

Fiber k of K has a Gaussian bump g_k(s) = exp(−(s − μ_k)² / 2 σ_k²) at the time s since onset. Its
center μ_k rises with k from the first to the last center, in equal ratios, and its width is
σ_k = σ₀ + c μ_k. With the rate R₀ of a fiber at rest, the amplitude A, and ḡ the mean of all bumps,

* population-preserving: R_k = R₀ [1 + min(A, 1/ḡ(s)) (g_k(s) − ḡ(s))], at most a maximum rate and
  scaled so that the mean over fibers is R₀ at each time: the stimulus changes which fibers fire,
  but not how many;
* additive: R_k = R₀ [1 + A g_k(s)];
* time-preserving: R_k = R₀ [1 + A (g_k(s) − ⟨g_k⟩)], at least 0, with the mean over the stimulus,
  so that each fiber keeps its number of spikes;
* sparse: R_k = R₀ (1 + A) g_k(s): fibers are silent except for their bump.
"""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from cerebella.parameters.quantity import Parameters

_SCALINGS, _TOLERANCE = 100, 1e-6

Floats = npt.NDArray[np.float64]

BasisName = Literal["population-preserving", "additive", "time-preserving", "sparse"]


class TemporalBasis(Parameters):
    """Rates of parallel fibers (PFs) over the time since the onset of a stimulus.

    It replaces a granular layer: that PFs represent time is an assumption.

    Parameters
    ----------
    kind : str
        ``"population-preserving"``, ``"additive"``, ``"time-preserving"`` or ``"sparse"``; see
        `cerebella.olive.stimulation.basis`.
    amplitude : float
        Peak of a bump relative to the rate at rest (A).
    first_ms, last_ms : float
        Centers of the first and the last bump in ms; those in between have equal ratios.
    width_ms, width_per_ms : float
        Width of a bump (σ) at a center of 0 in ms, and its increase per ms.
    most_Hz : float
        Maximum rate of a PF in Hz.

    Examples
    --------
    >>> basis = cb.TemporalBasis()
    >>> basis.centers_ms(3).round(1)
    array([ 41.1, 173.2, 730.4])
    >>> rates_Hz = basis.rates_Hz(4096, np.array([100.0, 500.0]), 26.0)
    >>> rates_Hz.shape, bool(np.allclose(rates_Hz.mean(axis=0), 26.0))
    ((4096, 2), True)
    """

    kind: BasisName = Field(default="population-preserving", description="form of the basis")
    amplitude: float = Field(
        default=8.0, gt=0, description="peak of a bump relative to the rate at rest"
    )
    first_ms: float = Field(default=20.0, gt=0, description="center of the first bump [ms]")
    last_ms: float = Field(default=1500.0, gt=0, description="center of the last bump [ms]")
    width_ms: float = Field(default=20.0, gt=0, description="width of a bump at a center of 0 [ms]")
    width_per_ms: float = Field(default=0.1, ge=0, description="increase of the width per ms")
    most_Hz: float = Field(default=150.0, gt=0, description="maximum rate of a PF [Hz]")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.last_ms <= self.first_ms:
            raise ValueError(f"last_ms = {self.last_ms:g} must be above first_ms")
        return self

    def centers_ms(self, n_fibers: int) -> Floats:
        """Return the centers of the bumps of fibers in ms, in ascending order.

        Parameters
        ----------
        n_fibers : int
            Number of fibers.

        Returns
        -------
        ndarray of float, shape (n_fibers,)
        """
        fraction = (np.arange(n_fibers) + 0.5) / n_fibers
        return self.first_ms * (self.last_ms / self.first_ms) ** fraction

    def rates_Hz(self, n_fibers: int, times_ms: Floats, rest_Hz: float) -> Floats:
        """Return the rates of fibers.

        Parameters
        ----------
        n_fibers : int
            Number of fibers that respond.
        times_ms : ndarray of float, shape (n_times,)
            Times since onset in ms, equally spaced over the whole stimulus.
        rest_Hz : float
            Rate at rest in Hz.

        Returns
        -------
        ndarray of float, shape (n_fibers, n_times)
            In Hz.
        """
        center = self.centers_ms(n_fibers)[:, None]
        width = self.width_ms + self.width_per_ms * center
        bumps = np.exp(-((times_ms - center) ** 2) / (2 * width**2))
        return rest_Hz * _relative_rates(self, bumps, self.most_Hz / rest_Hz)


def _relative_rates(basis: TemporalBasis, bumps: Floats, most: float) -> Floats:
    """Return rates relative to that at rest, from bumps (n_fibers, n_times)."""
    height = basis.amplitude
    if basis.kind == "additive":
        return np.minimum(1 + height * bumps, most)
    if basis.kind == "sparse":
        return np.minimum((1 + height) * bumps, most)
    if basis.kind == "time-preserving":
        mean = bumps.mean(axis=1, keepdims=True)
        return np.clip(1 + height * (bumps - mean), 0, most)
    mean = bumps.mean(axis=0)
    rates = 1 + np.minimum(height, 1 / mean) * (bumps - mean)
    for _ in range(_SCALINGS):  # each scaling raises some rates above the maximum again
        rates = np.minimum(rates, most)
        mean = rates.mean(axis=0)
        if np.abs(mean - 1).max() < _TOLERANCE:
            break
        rates /= mean
    return np.minimum(rates, most)
