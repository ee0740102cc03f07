"""Generate Purkinje cell morphologies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.morphology.branches import DECIMALS, Branches, cut_smooth_tree, cut_spiny_tree
from cerebella.morphology.growth.arbor import grow_arbor, streams
from cerebella.morphology.growth.diameters import smooth_diameters, spiny_diameters
from cerebella.morphology.growth.soma import ais_points, soma_points
from cerebella.morphology.impedance import compute_input_impedance
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_N_BISECTIONS = 8


def generate_morphology(
    parameters: PurkinjeMorphologyParameters | None = None, *, seed: int = 0
) -> Morphology:
    """Generate a cell with the counts, lengths, areas and impedance of the traced cell.

    Parameters
    ----------
    parameters : PurkinjeMorphologyParameters, optional
        Shape of the outline, trees and diameters; by default those of the traced cell.
    seed : int, default 0
        Seed, at least 0. The same seed yields the same cell.

    Returns
    -------
    Morphology
        The center of the soma is the origin, y points to the pia, and z is the thickness. The
        diameter is constant in each section except the soma and the axon initial segment.

    Raises
    ------
    InputError
        If the seed is negative or the outline is too small for the number of tips.

    See Also
    --------
    describe_morphology : Compare a morphology with the traced cell.
    load_default_morphology : Load the default cell, which was generated in advance.

    Examples
    --------
    A small cell, with a tenth of the dendrite (the default takes a few seconds):

    >>> small = cb.PurkinjeMorphologyParameters(
    ...     outline_half_width_um=60,
    ...     outline_half_height_um=60,
    ...     outline_center_y_um=60,
    ...     soma_clearance_um=20,
    ...     n_smooth_targets=2,
    ...     n_smooth_sections=5,
    ...     smooth_length_um=90,
    ...     smooth_area_um2=900,
    ...     n_tips=60,
    ...     spiny_length_um=880,
    ...     spiny_area_um2=3300,
    ...     first_spacing_um=4,
    ...     length_by_path_um=(510, 365, 5),
    ...     first_worth_by_path=(1, 1, 1),
    ... )
    >>> cell = cb.generate_morphology(small, seed=1)
    >>> len(cell.sections_of("smooth")), len(cell.sections_of("spiny"))
    (5, 114)
    """
    if seed < 0:
        raise InputError(f"seed {seed} is negative", remedy="Give an integer of at least 0")
    p = parameters or PurkinjeMorphologyParameters()
    arbor = grow_arbor(seed, p)
    smooth = cut_smooth_tree(arbor.smooth)
    spiny = cut_spiny_tree(arbor.spiny)
    spiny_um = spiny_diameters(spiny, streams(seed)["spiny diameters"], p)

    def cell(proximal: float) -> Morphology:
        smooth_um = smooth_diameters(smooth, proximal, streams(seed)["smooth diameters"], p)
        diameters_um = np.concatenate([smooth_um, spiny_um])
        return _assembled(f"seed_{seed}", smooth, spiny, arbor.smooth.attachments, diameters_um, p)

    # The impedance decreases with the diameter of the branches near the soma.
    low, high = p.proximal_range
    for _ in range(_N_BISECTIONS):
        middle = float(np.sqrt(low * high))
        impedance = abs(compute_input_impedance(cell(middle), 500))
        low, high = (middle, high) if impedance > p.impedance_500Hz_MOhm else (low, middle)
    return cell(float(np.sqrt(low * high)))


def _assembled(
    name: str,
    smooth: Branches,
    spiny: Branches,
    attachments: IntArray,
    diameters_um: FloatArray,
    p: PurkinjeMorphologyParameters,
) -> Morphology:
    """Assemble soma, axon initial segment, smooth and spiny dendrite, in this order."""
    counts = (1, 1, len(smooth), len(spiny))
    smooth_ending_at = {end: i for i, end in enumerate(smooth.ends.tolist())}
    carrier = [smooth_ending_at[attachments[tree]] for tree in spiny.trees.tolist()]
    first_smooth, first_spiny = 2, 2 + len(smooth)
    parents = [
        np.array([-1, 0]),
        np.where(smooth.parents < 0, 0, smooth.parents + first_smooth),
        np.where(spiny.parents < 0, np.add(carrier, first_smooth), spiny.parents + first_spiny),
    ]
    dendrite = [
        np.column_stack([places, np.full(len(places), diameter)])
        for places, diameter in zip(
            [*smooth.places_um, *spiny.places_um], diameters_um.tolist(), strict=True
        )
    ]
    sections = [soma_points(p), ais_points(p), *dendrite]
    lengths_um = np.concatenate([smooth.lengths_um, spiny.lengths_um])
    by_length = np.maximum(1, np.round(lengths_um / p.compartment_length_um)).astype(np.int64)
    return Morphology(
        name=name,
        section_names=tuple(
            region if region == "soma" else f"{region}[{i}]"
            for region, count in zip(REGIONS, counts, strict=True)
            for i in range(count)
        ),
        regions=np.repeat(np.arange(len(REGIONS)), counts),
        parents=np.concatenate(parents),
        parent_ends=np.concatenate([[0, 0], np.ones(len(dendrite), np.int64)]),
        n_compartments=np.concatenate([[p.soma_compartments, p.ais_compartments], by_length]),
        first_points=np.cumsum([0, *map(len, sections)]),
        points_um=np.concatenate(sections).round(DECIMALS),
    )
