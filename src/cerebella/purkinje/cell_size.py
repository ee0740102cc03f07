"""How the synapses of a cell follow its size.

PF contacts and MLI sites are placed per length. The conductance of the CF and the contacts of each
MLI have fixed values for one size of the cell, and are scaled for others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cerebella.morphology.compartments import Compartments
from cerebella.morphology.morphology import REGIONS
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters

SIZE_STEP = 0.05
"""Factors are multiples of this one, so that cells of nearly equal size have equal synapses."""


class SizeFactors(NamedTuple):
    """Size of a cell relative to the one for which the parameters hold.

    Attributes
    ----------
    cf : float
        Factor of the conductance of the CF.
    mli : float
        Factor of the contacts of each MLI.
    """

    cf: float
    mli: float


def compute_size_factors(
    compartments: Compartments, connections: PurkinjeConnectionParameters
) -> SizeFactors:
    """Compute the factors of a cell, from its membrane area and the length of its dendrite.

    Parameters
    ----------
    compartments : Compartments
        The cell.
    connections : PurkinjeConnectionParameters
        Sizes for which conductance and contacts hold.

    Returns
    -------
    SizeFactors
    """
    is_dendrite = compartments.region >= REGIONS.index("smooth")
    length_um = float(compartments.length_um[is_dendrite].sum())
    return SizeFactors(
        _in_steps(membrane_area_um2(compartments), connections.cf_membrane_um2),
        _in_steps(length_um, connections.mli_dendrite_um),
    )


def membrane_area_um2(compartments: Compartments) -> float:
    """Return the membrane area, with spines as in the default parameters."""
    spines = PurkinjeMembraneParameters()
    factors = np.array([spines.spine_factor(region) for region in REGIONS])
    return float(np.sum(factors[compartments.region] * compartments.area_um2))


def scale_connections(
    connections: PurkinjeConnectionParameters, factors: SizeFactors
) -> PurkinjeConnectionParameters:
    """Return the parameters of a cell of another size."""
    return connections.model_copy(
        update={
            "cf_scale": factors.cf * connections.cf_scale,
            "mli1_contacts": factors.mli * connections.mli1_contacts,
            "mli2_contacts": factors.mli * connections.mli2_contacts,
        }
    )


def _in_steps(size: float, reference: float | None) -> float:
    """Return the relative size as a multiple of `SIZE_STEP`, exactly 1 within half a step of 1."""
    if reference is None:
        return 1.0
    return max(1, round(size / reference / SIZE_STEP)) / round(1 / SIZE_STEP)
