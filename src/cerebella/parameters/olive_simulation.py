"""The parameters of a simulation of the olivocerebellar loop."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from cerebella.parameters.olive_circuit import OliveCircuitParameters
from cerebella.parameters.olive_neurons import (
    BC,
    DCN,
    IO,
    NEURON_SOURCES,
    PC,
    LIFParameters,
    OliveDriveParameters,
)
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES, LoopSynapses
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import OURS, PartSources

RuleName = Literal["conjunctive", "pair", "off", "own"]
MossyRuleName = Literal["off", "purkinje-gated"]

_TOLERANCE = 1e-6
_STEP = "no measurement of its size known"


class PlasticityParameters(Parameters):
    """Plasticity of PF→PC; weights w range from 0 to 1."""

    rule: RuleName = quantity(
        "conjunctive",
        "conjunctive PF and CF activity depresses, PF activity alone potentiates (conjunctive); "
        "pairs of PF and PC spikes (pair); none (off); or a rule given in Python (own)",
        unit="1",
        source=("cbmsim", "itokano1982", "coesmans2004", "kakumanu_code"),
        remark="conjunctive: cbmsim, after itokano1982, ito1982, coesmans2004, levram2002; pair: "
        "kakumanu_code, of which no paper was found",
    )
    ltp: float = quantity(
        0.00030556, "potentiation (δ⁺)", unit="w", source="cbmsim", remark=_STEP, ge=0, le=1
    )
    ltd: float = quantity(
        0.00275, "depression (δ⁻)", unit="w", source="cbmsim", remark=_STEP, ge=0, le=1
    )
    window_ms: float = quantity(
        100.0,
        "maximum delay of a CF spike after a PF spike for depression (W)",
        unit="ms",
        source="cbmsim",
        remark="measured windows: wang2000, suvrathan2016",
        gt=0,
    )
    pair_window_ms: float = quantity(
        900.0,
        "rule pair: maximum delay of a PC spike after a PF spike for potentiation",
        unit="ms",
        source="kakumanu_code",
        remark="450 ms in its version 1462b6a; no measurement known",
        gt=0,
    )
    initial_weight: float = quantity(
        0.5, "initial value of all weights", unit="w", source=OURS, ge=0, le=1
    )


_GATE = "medinamauk1999 has the rule; its constants were not available"


class MossyPlasticityParameters(Parameters):
    """Plasticity of MF→DCN; weights are relative to `synapses.mf_dcn`, from 0 to 2, at first 1."""

    rule: MossyRuleName = quantity(
        "off",
        "MF spikes potentiate while the Purkinje cells of the DCN pause, and depress while they "
        "fire (purkinje-gated); or none (off)",
        unit="1",
        source="medinamauk1999",
    )
    ltp: float = quantity(
        0.0045, "potentiation by an MF spike", unit="w", source=OURS, remark=_GATE, ge=0, le=1
    )
    ltd: float = quantity(
        0.0005, "depression by an MF spike", unit="w", source=OURS, remark=_GATE, ge=0, le=1
    )
    pause_rate_Hz: float = quantity(
        49.6,
        "mean rate of the Purkinje cells of a DCN below which they pause",
        unit="Hz",
        source=OURS,
        remark="10 % of the time below it with the preset conditioning, as ltd / (ltp + ltd)",
        ge=0,
    )
    purkinje_tau_ms: float = quantity(
        20.0,
        "time constant with which this rate is averaged",
        unit="ms",
        source=OURS,
        remark=_GATE,
        gt=0,
    )


class OliveParameters(Parameters):
    """Parameters of the model of the loop, without duration, seed and recording.

    Examples
    --------
    >>> parameters = cb.OliveParameters(io={"noise_mV": 0})
    >>> parameters.io.noise_mV, parameters.io.threshold_tau_ms
    (0.0, 200.0)
    """

    part_sources: ClassVar[PartSources] = NEURON_SOURCES

    circuit: OliveCircuitParameters = OliveCircuitParameters()
    purkinje: LIFParameters = PC
    bc: LIFParameters = BC
    dcn: LIFParameters = DCN
    io: LIFParameters = IO
    synapses: LoopSynapses = LoopSynapses()
    drive: OliveDriveParameters = OliveDriveParameters()
    plasticity: PlasticityParameters = PlasticityParameters()
    mf_plasticity: MossyPlasticityParameters = MossyPlasticityParameters()
    time_step_ms: float = quantity(
        0.1,
        "fixed time step (dt)",
        unit="ms",
        source=OURS,
        remark="the scheme (Crank-Nicolson) is of this package too",
        gt=0,
    )

    def neuron(self, population: str) -> LIFParameters:
        """Return the parameters of the neurons of one population.

        Parameters
        ----------
        population : str
            ``"BC"``, ``"PC"``, ``"DCN"`` or ``"IO"``.

        Returns
        -------
        LIFParameters
            Their parameters.

        Examples
        --------
        >>> cb.OliveParameters().neuron("BC").refractory_ms
        1.5
        """
        return {"BC": self.bc, "PC": self.purkinje, "DCN": self.dcn, "IO": self.io}[population]

    def steps(self, time_ms: float) -> int:
        """Return a time as the nearest integer number of steps.

        Parameters
        ----------
        time_ms : float
            A time in ms.

        Returns
        -------
        int
            The number of time steps.

        Examples
        --------
        >>> cb.OliveParameters().steps(2.0)
        20
        """
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
                    f"the delay {source}→{target} of {delay:g} ms is not a multiple of the time "
                    f"step of {step:g} ms; take a time step such as 0.1, 0.2, 0.25, 0.5 or 1 ms"
                )
        if self.drive.gap_spike_area_mV_ms and self.steps(self.io.refractory_ms) < 1:
            raise ValueError(
                "drive.gap_spike_area_mV_ms requires an io.refractory_ms of one time step or more, "
                f"not {self.io.refractory_ms:g} ms"
            )
        for name in ("window_ms", "pair_window_ms"):
            if self.steps(getattr(self.plasticity, name)) < 1:
                raise ValueError(f"plasticity.{name} is shorter than the time step")
        return self
