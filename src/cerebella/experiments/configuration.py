"""Parameters of an experiment: one set with a section for each level.

The sections are those of a configuration file and of ``--set``, for example
``mli.connections.pf_rate_Hz``.
"""

from __future__ import annotations

from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.quantity import Parameters


class CortexParameters(Parameters):
    """Molecular layer and Purkinje cell."""

    mli: MLIParameters = MLIParameters()
    purkinje: PurkinjeParameters = PurkinjeParameters()


class CellParameters(Parameters):
    """Purkinje cell alone."""

    purkinje: PurkinjeParameters = PurkinjeParameters()


class LoopParameters(Parameters):
    """Olivocerebellar loop, at the time step of the experiments."""

    olive: OliveParameters = OliveParameters(time_step_ms=1.0)


class JoinedParameters(CortexParameters):
    """Molecular layer, Purkinje cell and olivocerebellar loop."""

    olive: OliveParameters
