"""Input impedance of the passive cell, from one sparse linear system."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csc_array, diags_array
from scipy.sparse.linalg import spsolve

from cerebella.morphology.compartments import Compartments, compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters

FloatArray = npt.NDArray[np.float64]

_CM_PER_UM = 1e-4


def compute_input_impedance(
    morphology: Morphology,
    frequency_Hz: float,
    *,
    compartment: int | None = None,
    membrane: PurkinjeMembraneParameters | None = None,
) -> complex:
    """Compute the input impedance at one compartment of the passive cell.

    The leak is the only membrane conductance.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    frequency_Hz : float
        Frequency of the injected current; 0 yields the input resistance.
    compartment : int, optional
        Index in `compute_compartments`; by default the middle of the soma (the second of the two
        central compartments), where the somatic voltage is recorded.
    membrane : PurkinjeMembraneParameters, optional
        Capacitance, leak and axial resistivity.

    Returns
    -------
    complex
        Impedance in MΩ.
    """
    membrane = membrane or PurkinjeMembraneParameters()
    compartments = compute_compartments(morphology)
    if compartment is None:
        compartment = int(morphology.n_compartments[0]) // 2
    axial = _axial_conductances(morphology, compartments, membrane)
    n_nodes = len(compartments) + 1 + morphology.n_sections
    admittance = np.zeros(n_nodes, dtype=np.complex128)
    capacitance, leak = membrane_totals(compartments, membrane)
    admittance[: len(compartments)] = leak + 2j * np.pi * frequency_Hz * capacitance
    current = np.zeros(n_nodes)
    current[compartment] = 1
    voltage = np.asarray(spsolve(csc_array(axial + diags_array(admittance)), current))
    return complex(voltage[compartment]) * 1e-6


def membrane_totals(
    compartments: Compartments, membrane: PurkinjeMembraneParameters
) -> tuple[FloatArray, FloatArray]:
    """Compute the capacitance and the leak conductance of each compartment.

    Parameters
    ----------
    compartments : Compartments
        Areas and regions.
    membrane : PurkinjeMembraneParameters
        Specific capacitance and leak, and the factors for spines.

    Returns
    -------
    capacitance : ndarray of float, shape (n_compartments,)
        Capacitance in F.
    leak : ndarray of float, shape (n_compartments,)
        Leak conductance in S.
    """
    factor = np.array([membrane.spine_factor(region) for region in REGIONS])
    area_cm2 = factor[compartments.region] * compartments.area_um2 * _CM_PER_UM**2
    return area_cm2 * membrane.capacitance_uF_per_cm2 * 1e-6, area_cm2 * membrane.leak_S_per_cm2


def _axial_conductances(
    morphology: Morphology, compartments: Compartments, membrane: PurkinjeMembraneParameters
) -> coo_array:
    """Return the conductance matrix (S) of Kirchhoff's current law.

    Nodes are the centers of compartments, the 0-end of the soma, and the 1-end of each section.
    """
    n, n_sections = len(compartments), morphology.n_sections
    counts = morphology.n_compartments
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    one_end = n + 1 + np.arange(n_sections)
    start = np.where(morphology.parent_ends == 1, one_end[morphology.parents], 0)
    for section in np.flatnonzero(morphology.parent_ends == 0):
        # The 0-end of a parent is the node at which the parent itself starts.
        parent = morphology.parents[section]
        start[section] = n if parent <= 0 else start[parent]
    inner = np.flatnonzero(np.diff(compartments.section) == 0)
    ohm = membrane.axial_resistivity_ohm_cm / _CM_PER_UM * compartments.axial_per_um
    a = np.concatenate([inner, start, last])
    b = np.concatenate([inner + 1, first, one_end])
    conductance = 1 / np.concatenate(
        [ohm[inner, 1] + ohm[inner + 1, 0], ohm[first, 0], ohm[last, 1]]
    )
    values = np.concatenate([conductance, conductance, -conductance, -conductance])
    rows, columns = np.concatenate([a, b, a, b]), np.concatenate([a, b, b, a])
    size = n + 1 + n_sections
    return coo_array((values, (rows, columns)), shape=(size, size))
