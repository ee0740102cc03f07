"""One simulation of the Purkinje cell, whole (purkinje-cell specification)."""

from __future__ import annotations

from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.parameters.quantity import Parameters, purkinje_quantity


class PurkinjeParameters(Parameters):
    """Everything about the model that is a number; what was asked of one run is not here."""

    cell: PurkinjeCellParameters = PurkinjeCellParameters()
    connections: PurkinjeConnectionParameters = PurkinjeConnectionParameters()
    time_step_ms: float = purkinje_quantity(
        0.02, "fixed time step, part of the model: sodium channels depend on it", "ms", "§0", gt=0
    )
