"""The parameters of a simulation of the Purkinje cell."""

from __future__ import annotations

from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.parameters.quantity import Parameters, quantity


class PurkinjeParameters(Parameters):
    """Parameters of the model of the Purkinje cell, without duration, seed and recording.

    Examples
    --------
    >>> parameters = cb.PurkinjeParameters(connections={"cf_time_ms": None})
    >>> parameters.connections.cf_time_ms is None
    True
    """

    cell: PurkinjeCellParameters = PurkinjeCellParameters()
    connections: PurkinjeConnectionParameters = PurkinjeConnectionParameters()
    time_step_ms: float = quantity(
        0.02,
        "fixed time step",
        unit="ms",
        source="park2026",
        remark="part of the model: the sodium channels depend on it",
        gt=0,
    )
