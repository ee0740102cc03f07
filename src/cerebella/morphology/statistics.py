"""Statistics of a morphology, compared with the traced cell."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.morphology.compartments import Compartments, compute_compartments
from cerebella.morphology.impedance import compute_input_impedance, membrane_totals
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from cerebella.parameters.traced_morphology import PATH_ORIGIN_X, TRACED

FloatArray = npt.NDArray[np.float64]

PATH_EDGES_UM = (50, 100, 150, 200, 250, 300)
THIN_UM, THIN_OF_UM = 0.75, 1.5
# Traced diameters are multiples of 0.3 µm; a diameter of 1.5 µm does not count as below 1.5.
_ROUNDING_UM = 1e-6


@dataclass(frozen=True)
class MorphologyStatistics:
    """Statistics of a morphology, as returned by `describe_morphology`.

    Attributes
    ----------
    name : str
        Name of the morphology.
    values : dict of str to float
        Statistics by name, with the unit as suffix; NaN where undefined for the cell.

    Examples
    --------
    >>> statistics = cb.describe_morphology(cb.load_default_morphology())
    >>> round(statistics.values["spiny_length_um"])
    9512
    >>> statistics.deviates("spiny_length_um")  # from the traced cell
    False
    """

    name: str
    values: dict[str, float]

    @property
    def warnings(self) -> tuple[str, ...]:
        """One line per statistic that deviates from the traced cell."""
        return tuple(self.warning(key) for key in self.values if self.deviates(key))

    def warning(self, key: str) -> str:
        """Return the line of a statistic that deviates from the traced cell.

        Parameters
        ----------
        key : str
            Name of the statistic.

        Returns
        -------
        str
        """
        traced = TRACED[key]
        return (
            f"{traced.label} {number_text(self.values[key])}"
            f"{f' {traced.unit}' if traced.unit else ''} is outside the range "
            f"{number_text(traced.low)} to {number_text(traced.high)} "
            f"(traced cell: {number_text(traced.value)})"
        )

    @property
    def relevant(self) -> tuple[str, ...]:
        """Names of the statistics that are known to change the physiology of the cell."""
        return tuple(key for key in self.values if TRACED[key].effect)

    def deviates(self, key: str) -> bool:
        """Return whether a statistic is outside the range around the traced value.

        Parameters
        ----------
        key : str
            Name of the statistic.

        Returns
        -------
        bool
        """
        traced, value = TRACED[key], self.values[key]
        has_range = np.isfinite(traced.low) or np.isfinite(traced.high)
        return bool(has_range and not traced.low <= value <= traced.high)

    def as_json(self) -> dict[str, Any]:
        """Return all values as JSON-compatible types; NaN becomes None."""
        return {
            "name": self.name,
            "statistics": {k: v if np.isfinite(v) else None for k, v in self.values.items()},
            "traced": {key: traced.value for key, traced in TRACED.items()},
            "deviating": [key for key in self.values if self.deviates(key)],
            "effects": {key: TRACED[key].effect for key in self.relevant},
        }


def number_text(value: float) -> str:
    """Format a value: as an integer if large, otherwise with four significant digits."""
    if not np.isfinite(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == round(value) else f"{value:.4g}"


def describe_morphology(
    morphology: Morphology, membrane: PurkinjeMembraneParameters | None = None
) -> MorphologyStatistics:
    """Measure a morphology: counts, lengths, areas, diameters, path distances, impedance.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    membrane : PurkinjeMembraneParameters, optional
        Passive parameters for capacitance, leak and impedance.

    Returns
    -------
    MorphologyStatistics

    Notes
    -----
    The reference values are those of the traced cell used by zang2018 (rothhausser2001).

    Examples
    --------
    >>> statistics = cb.describe_morphology(cb.load_default_morphology())
    >>> print(f"{statistics.values['impedance_0Hz_MOhm']:.1f} MΩ")
    75.0 MΩ
    >>> len(statistics.warnings)  # one line per deviation from the traced cell
    0
    """
    membrane = membrane or PurkinjeMembraneParameters()
    compartments = compute_compartments(morphology, origin_x=PATH_ORIGIN_X)
    capacitance, leak = membrane_totals(compartments, membrane)
    values = {
        **_sizes(morphology, compartments),
        **_diameters(compartments),
        **_paths(compartments),
        **_branching(morphology),
        **_extent(morphology),
        "compartments": len(compartments),
        "capacitance_pF": capacitance.sum() * 1e12,
        "leak_nS": leak.sum() * 1e9,
    }
    for frequency_Hz in (500, 0):
        impedance = compute_input_impedance(morphology, frequency_Hz, membrane=membrane)
        values[f"impedance_{frequency_Hz}Hz_MOhm"] = abs(impedance)
    return MorphologyStatistics(morphology.name, {key: float(values[key]) for key in TRACED})


def _sizes(morphology: Morphology, compartments: Compartments) -> dict[str, float]:
    values: dict[str, float] = {}
    for region in REGIONS:
        own = compartments.of(region)
        values[f"{region}_sections"] = len(morphology.sections_of(region))
        values[f"{region}_compartments"] = len(own)
        values[f"{region}_length_um"] = compartments.length_um[own].sum()
        values[f"{region}_area_um2"] = compartments.area_um2[own].sum()
    lengths_um = np.bincount(compartments.section, compartments.length_um)
    spiny = lengths_um[morphology.sections_of("spiny")]
    values["spiny_section_length_median_um"] = np.median(spiny) if len(spiny) else np.nan
    return values


def _diameters(compartments: Compartments) -> dict[str, float]:
    values: dict[str, float] = {}
    for region in ("smooth", "spiny"):
        own = compartments.of(region)
        diameters, lengths = compartments.diameter_um[own], compartments.length_um[own]
        values[f"{region}_diameter_um"] = _mean(diameters, lengths)
        for percent in (5, 25, 50, 75, 95):
            key = f"{region}_diameter_{percent}_um"
            values[key] = length_quantile(diameters, lengths, percent / 100)
    spiny = compartments.diameter_um[compartments.of("spiny")]
    n_thin = np.sum(spiny < THIN_UM - _ROUNDING_UM)
    n_of = np.sum(spiny < THIN_OF_UM - _ROUNDING_UM)
    values["spiny_thin_share_percent"] = 100 * n_thin / n_of if n_of else np.nan
    return values


def _paths(compartments: Compartments) -> dict[str, float]:
    spiny, smooth = compartments.of("spiny"), compartments.of("smooth")
    path, length = compartments.path_distance_um, compartments.length_um
    values = {
        "smooth_path_median_um": np.median(path[smooth]) if len(smooth) else np.nan,
        "smooth_path_max_um": path[smooth].max(initial=0),
        "spiny_path_mean_um": path[spiny].mean() if len(spiny) else np.nan,
        "spiny_path_max_um": path[spiny].max(initial=0),
    }
    for low, high in pairwise(PATH_EDGES_UM):
        own = spiny[(path[spiny] >= low) & (path[spiny] < high)]
        values[f"spiny_length_{low}_{high}_um"] = length[own].sum()
        mean = _mean(compartments.diameter_um[own], length[own])
        values[f"spiny_diameter_{low}_{high}_um"] = mean
    return values


def _branching(morphology: Morphology) -> dict[str, float]:
    dendrite = morphology.regions >= REGIONS.index("smooth")
    n_children = np.bincount(morphology.parents[1:], minlength=morphology.n_sections)[dendrite]
    order = np.zeros(morphology.n_sections)
    for section in range(1, morphology.n_sections):
        order[section] = order[morphology.parents[section]] + 1
    spiny = order[morphology.sections_of("spiny")]
    return {
        "branch_points": int(np.sum(n_children > 1)),
        "branch_points_not_binary": int(np.sum(n_children > 2)),
        "tips": int(np.sum(n_children == 0)),
        "branch_order_mean": spiny.mean() if len(spiny) else np.nan,
        "branch_order_max": spiny.max(initial=0),
    }


def _extent(morphology: Morphology) -> dict[str, float]:
    dendrite = np.flatnonzero(morphology.regions >= REGIONS.index("smooth")).tolist()
    points = np.concatenate([morphology.points_of(section) for section in dendrite])
    width, height, depth = np.ptp(points[:, :3], axis=0)
    return {"width_um": width, "height_um": height, "depth_um": depth}


def _mean(values: FloatArray, weights: FloatArray) -> float:
    return float(np.average(values, weights=weights)) if len(values) else float("nan")


def length_quantile(values: FloatArray, lengths: FloatArray, share: float) -> float:
    """Return the length-weighted quantile of values.

    Parameters
    ----------
    values, lengths : ndarray of float, shape (n,)
        Values and their weights.
    share : float
        Quantile, 0 to 1.

    Returns
    -------
    float
        NaN if `values` is empty.
    """
    if not len(values):
        return float("nan")
    order = np.argsort(values, kind="stable")
    total = np.cumsum(lengths[order])
    return float(values[order][min(np.searchsorted(total, share * total[-1]), len(values) - 1)])
