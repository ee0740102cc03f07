"""The olivocerebellar loop, whole (olivocerebellar-loop specification)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from cerebella.parameters.olive_circuit import OliveCircuitParameters
from cerebella.parameters.olive_neurons import (
    BC,
    DCN,
    IO,
    PC,
    LIFParameters,
    OliveDriveParameters,
)
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES, LoopSynapses
from cerebella.parameters.quantity import Parameters, olive_quantity

PlasticityRule = Literal["conjunctive", "pair", "off"]

_TOLERANCE = 1e-6


class PlasticityParameters(Parameters):
    """Plasticity of PF→PC; weights w lie in 0 to 1."""

    rule: PlasticityRule = olive_quantity(
        "conjunctive",
        "conjunctive PF and CF activity depresses, PF activity alone potentiates (conjunctive); "
        "pairs of PF and PC spikes (pair); or none (off)",
        "1",
        "§5",
    )
    ltp: float = olive_quantity(0.00030556, "potentiation (δ⁺)", "w", "§5", ge=0, le=1)
    ltd: float = olive_quantity(0.00275, "depression (δ⁻)", "w", "§5", ge=0, le=1)
    window_ms: float = olive_quantity(
        100.0, "a CF spike this long after a PF spike depresses (W)", "ms", "§5", gt=0
    )
    pair_window_ms: float = olive_quantity(
        900.0, "rule pair: a PC spike this long after a PF spike potentiates", "ms", "§5", gt=0
    )
    initial_weight: float = olive_quantity(0.5, "all weights at the start", "w", "§7", ge=0, le=1)


class OliveParameters(Parameters):
    """Everything about the model that is a number; what was asked of one run is not here."""

    circuit: OliveCircuitParameters = OliveCircuitParameters()
    purkinje: LIFParameters = PC
    bc: LIFParameters = BC
    dcn: LIFParameters = DCN
    io: LIFParameters = IO
    synapses: LoopSynapses = LoopSynapses()
    drive: OliveDriveParameters = OliveDriveParameters()
    plasticity: PlasticityParameters = PlasticityParameters()
    time_step_ms: float = olive_quantity(0.1, "fixed time step (dt)", "ms", "§2", gt=0)

    def neuron(self, population: str) -> LIFParameters:
        """Parameters of the neurons of ``"BC"``, ``"PC"``, ``"DCN"`` or ``"IO"``."""
        return {"BC": self.bc, "PC": self.purkinje, "DCN": self.dcn, "IO": self.io}[population]

    def steps(self, time_ms: float) -> int:
        """Return the whole number of steps nearest to a time."""
        return round(time_ms / self.time_step_ms)

    @model_validator(mode="after")
    def _fits_the_time_step(self) -> Self:
        step = self.time_step_ms
        if self.drive.pf_rate_Hz * step >= 1000:
            raise ValueError(
                f"a PF cannot fire at {self.drive.pf_rate_Hz:g} Hz with a time step of {step:g} ms"
            )
        for name, (source, target) in SYNAPSE_CLASSES.items():
            delay = getattr(self.synapses, name).delay_ms
            if abs(delay / step - round(delay / step)) > _TOLERANCE or round(delay / step) < 1:
                raise ValueError(
                    f"the delay {source}→{target} of {delay:g} ms is no multiple of the time step "
                    f"of {step:g} ms; take a time step such as 0.1, 0.2, 0.25, 0.5 or 1 ms"
                )
        for name in ("window_ms", "pair_window_ms"):
            if self.steps(getattr(self.plasticity, name)) < 1:
                raise ValueError(f"plasticity.{name} is shorter than the time step")
        return self
