"""How the synapses of a cell follow its size.

PF contacts and MLI sites are placed per length. The conductance of the CF and the contacts of each
MLI have fixed values for one size of the cell, and are scaled for others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cerebella.morphology.compartments import Compartments, compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.placement import place_synapses

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


def count_synapses(
    morphology: Morphology, connections: PurkinjeConnectionParameters
) -> dict[str, float]:
    """Count the synapses that a cell receives.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    connections : PurkinjeConnectionParameters
        Parameters of a cell of the size of the traced one.

    Returns
    -------
    dict of str to float
        pf_contacts and mli_sites with seed 0, mli1_contacts and mli2_contacts (mean for each
        cell), and cf_conductance_nS of all CF synapses.
    """
    placement = place_synapses(morphology, connections, n_network_pf=0)
    own = scale_connections(
        connections, compute_size_factors(compute_compartments(morphology), connections)
    )
    return {
        "pf_contacts": len(placement.pf_compartment),
        "mli_sites": len(placement.mli_compartment),
        "mli1_contacts": own.mli1_contacts,
        "mli2_contacts": own.mli2_contacts,
        "cf_conductance_nS": 1e-3 * own.n_cf_synapses * own.cf_weight_pS * own.cf_scale,
    }


def _in_steps(size: float, reference: float | None) -> float:
    """Return the relative size as a multiple of `SIZE_STEP`, exactly 1 within half a step of 1."""
    if reference is None:
        return 1.0
    return max(1, round(size / reference / SIZE_STEP)) / round(1 / SIZE_STEP)
