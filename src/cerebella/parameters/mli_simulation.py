"""The parameters of a simulation of the molecular layer network."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from cerebella.errors import InputError
from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters, MLITypeParameters
from cerebella.parameters.mli_synapses import MLIConnectionParameters
from cerebella.parameters.own_channels import NAMES_IN_PROBES, check_names
from cerebella.parameters.own_mechanisms import check_own_values, refuse_names
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

    def own_density(self, population: str, channel: str) -> float:
        """Return the density of a channel of the user in the soma of one type, in S/cm².

        A channel that replaces one of the package has the density of that by default.

        Parameters
        ----------
        population : str
            ``"MLI1"`` or ``"MLI2"``.
        channel : str
            Name of the channel.

        Returns
        -------
        float
        """
        field = self.cell.channels[channel].density(channel)
        common = getattr(self.cell, field, 0.0)
        return (self.of_type(population).model_extra or {}).get(field, common)

    @model_validator(mode="after")
    def _own_channels_can_be_used(self) -> Self:
        channels = self.cell.channels
        check_names(channels, NAMES_IN_PROBES)
        refuse_names(self.cell.mechanisms, NAMES_IN_PROBES)
        for name, one in channels.items():
            if one.ion in ("ca", "t") or one.uses("calcium_mM"):
                raise InputError(
                    f"cell.channels.{name}: interneurons have no calcium pool, hence no GHK "
                    "current and no calcium_mM",
                    remedy="Use ion na, k or h, and formulas of v",
                )
        own = [one.density(name) for name, one in channels.items()]
        known = list(MLITypeParameters.model_fields)
        for part in ("mli1", "mli2"):
            values = getattr(self, part).model_extra
            check_own_values(part, values, own, self.cell.mechanisms, known)
        return self
