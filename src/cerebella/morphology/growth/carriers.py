"""Carrier points, which fill the outline of the arbor evenly and become points of dendrite.

The center of the soma is the origin; y points to the pia, x along the width and z along the
thickness of the arbor.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def generate_carriers(
    spacing_um: float,
    outline_rng: np.random.Generator,
    lattice_rng: np.random.Generator,
    depth_rng: np.random.Generator,
    parameters: PurkinjeMorphologyParameters,
) -> FloatArray:
    """Draw carrier points.

    Parameters
    ----------
    spacing_um : float
        Lattice spacing in µm.
    outline_rng, lattice_rng, depth_rng : Generator
        Random generators of the outline, of the jitter, and of z.
    parameters : PurkinjeMorphologyParameters
        Shape of the outline.

    Returns
    -------
    ndarray of float, shape (n_carriers, 3)
        x, y, z in µm.
    """
    p = parameters
    reach = 2 * max(p.outline_half_width_um, p.outline_half_height_um)
    plane = _hexagonal_lattice(spacing_um, reach)
    plane[:, 1] += p.outline_center_y_um
    plane += lattice_rng.normal(0, p.lattice_jitter * spacing_um, plane.shape)
    inside = _outline(outline_rng, p)(plane) & (np.hypot(*plane.T) > p.soma_clearance_um)
    plane = plane[inside]
    return np.column_stack([plane, _depths(plane, depth_rng, p)])


def _hexagonal_lattice(spacing_um: float, reach_um: float) -> FloatArray:
    """Return lattice points, (n, 2), in a square of half-width `reach_um` around the origin."""
    row_height = spacing_um * np.sqrt(3) / 2
    n_rows, n_columns = int(reach_um / row_height), int(reach_um / spacing_um)
    rows, columns = np.meshgrid(
        np.arange(-n_rows, n_rows + 1), np.arange(-n_columns, n_columns + 1), indexing="ij"
    )
    x = spacing_um * (columns + 0.5 * (rows % 2))
    return np.stack([x.ravel(), (row_height * rows).ravel()], axis=1)


def _outline(
    rng: np.random.Generator, p: PurkinjeMorphologyParameters
) -> Callable[[FloatArray], BoolArray]:
    """Draw an outline; return a function that marks which points, (n, 2), are inside.

    The outline is an ellipse with lobes, a ragged edge, and gaps.
    """
    orders = np.arange(2, 2 + p.n_lobe_orders)
    amplitudes = rng.uniform(0.4, 1.0, len(orders))
    phases = rng.uniform(0, 2 * np.pi, len(orders))
    turn = np.radians(rng.uniform(*p.turn_range_deg)) * rng.choice([-1, 1])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    edge = _random_waves(rng, p.n_waves, p.edge_wavelength_range_um)
    gaps = _random_waves(rng, p.n_waves, p.gap_wavelength_range_um)

    def inside(plane: FloatArray) -> BoolArray:
        x, y = (plane @ rotation).T  # around the soma, which tilts the arbor
        y = y - p.outline_center_y_um
        radius = np.hypot(x / p.outline_half_width_um, y / p.outline_half_height_um)
        angle = np.arctan2(y, x)
        lobes = np.cos(np.outer(angle, orders) + phases) @ amplitudes / amplitudes.sum()
        limit = 1 - p.lobe_depth * (1 - lobes) + p.edge_sd * edge(plane)
        return (radius < limit) & (gaps(plane) < p.gap_threshold_sd)

    return inside


def _random_waves(rng: np.random.Generator, n_waves: int, wavelength_range_um: tuple[float, float]):
    """Draw a sum of plane waves (mean 0, SD 1); return its values as a function of points."""
    k = 2 * np.pi / rng.uniform(*wavelength_range_um, n_waves)
    direction, phase = rng.uniform(0, 2 * np.pi, (2, n_waves))
    waves = k * np.stack([np.cos(direction), np.sin(direction)])
    return lambda plane: np.cos(plane @ waves + phase).sum(axis=1) * np.sqrt(2 / n_waves)


def _depths(
    plane: FloatArray, rng: np.random.Generator, p: PurkinjeMorphologyParameters
) -> FloatArray:
    """Return z of points, (n,): a tilted, slightly undulating sheet with some roughness."""
    waves = _random_waves(rng, p.n_waves, p.depth_wavelength_range_um)
    tilt = rng.normal(0, p.depth_tilt_sd)
    roughness = rng.normal(0, p.depth_noise_sd_um, len(plane))
    return p.depth_wave_sd_um * waves(plane) + tilt * plane[:, 0] + roughness
