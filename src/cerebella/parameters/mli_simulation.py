"""One simulation of the molecular layer network, whole (mli-network specification)."""

from __future__ import annotations

from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters, MLITypeParameters
from cerebella.parameters.mli_synapses import MLIConnectionParameters
from cerebella.parameters.quantity import Parameters, mli_quantity


class MLIParameters(Parameters):
    """Everything about the model that is a number; what was asked of one run is not here."""

    cell: MLICellParameters = MLICellParameters()
    mli1: MLITypeParameters = MLI1
    mli2: MLITypeParameters = MLI2
    connections: MLIConnectionParameters = MLIConnectionParameters()
    time_step_ms: float = mli_quantity(0.025, "fixed time step", "ms", "§0", gt=0)

    def of_type(self, population: str) -> MLITypeParameters:
        """Parameters of ``"MLI1"`` or ``"MLI2"``."""
        return {"MLI1": self.mli1, "MLI2": self.mli2}[population]
