"""Input impedance of the passive cell: one sparse linear system, no simulation."""

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
    """Voltage by current at one compartment, all channels but the leak left out.

    Parameters
    ----------
    morphology : the cell.
    frequency_Hz : of the current; 0 gives the input resistance.
    compartment : index in `compute_compartments`; by default that of the soma's middle (the
        later one of two), where the soma's voltage is recorded.
    membrane : capacitance, leak and axial resistivity.

    Returns
    -------
    complex, in MΩ
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
    """Capacitance (F) and leak conductance (S) of each compartment: (n,) each."""
    factor = np.array([membrane.spine_factor(region) for region in REGIONS])
    area_cm2 = factor[compartments.region] * compartments.area_um2 * _CM_PER_UM**2
    return area_cm2 * membrane.capacitance_uF_per_cm2 * 1e-6, area_cm2 * membrane.leak_S_per_cm2


def _axial_conductances(
    morphology: Morphology, compartments: Compartments, membrane: PurkinjeMembraneParameters
) -> coo_array:
    """Conductances (S) between nodes as a matrix of Kirchhoff's law.

    Nodes are the compartments' centers, the soma's 0-end, and the 1-end of each section.
    """
    n, n_sections = len(compartments), morphology.n_sections
    counts = morphology.n_compartments
    last = np.cumsum(counts) - 1
    first = last - counts + 1
    one_end = n + 1 + np.arange(n_sections)
    start = np.where(morphology.parent_ends == 1, one_end[morphology.parents], 0)
    for section in np.flatnonzero(morphology.parent_ends == 0):
        # The 0-end of a parent is where that parent starts itself.
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
