"""The parameters of a simulation of the molecular layer network."""

from __future__ import annotations

from typing import ClassVar

from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters, MLITypeParameters
from cerebella.parameters.mli_synapses import MLIConnectionParameters
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK, PartSources, Source


class MLIParameters(Parameters):
    """Parameters of the molecular layer model, without duration, seed and recording.

    Examples
    --------
    >>> parameters = cb.MLIParameters(connections={"pf_rate_Hz": 6})
    >>> parameters.connections.pf_rate_Hz
    6.0
    """

    part_sources: ClassVar[PartSources] = {
        "mli2.distal_length_um": Source(
            (CHOSEN_BY_PARK,), "distal dendrites of 100/180 of the length of those of an MLI1"
        ),
        "mli2.bias_nA": Source((CHOSEN_BY_PARK,), "gives about 21 Hz"),
    }

    cell: MLICellParameters = MLICellParameters()
    mli1: MLITypeParameters = MLI1
    mli2: MLITypeParameters = MLI2
    connections: MLIConnectionParameters = MLIConnectionParameters()
    time_step_ms: float = quantity(0.025, "fixed time step", unit="ms", source="park2026", gt=0)

    def of_type(self, population: str) -> MLITypeParameters:
        """Return the parameters of one type of MLI.

        Parameters
        ----------
        population : str
            ``"MLI1"`` or ``"MLI2"``.

        Returns
        -------
        MLITypeParameters
            Its parameters.

        Examples
        --------
        >>> cb.MLIParameters().of_type("MLI2").bias_nA
        0.0145
        """
        return {"MLI1": self.mli1, "MLI2": self.mli2}[population]
