"""Synapses of the olivocerebellar loop (olivocerebellar-loop specification §3)."""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, olive_quantity


class LoopSynapseParameters(Parameters):
    """One class of synapses with exponential conductance. The defaults are those of PF→PC."""

    weight_per_ms: float = olive_quantity(
        2.8e-4, "jump of the conductance at a spike; for PF→PC at w = 1", "1/ms", "§3", ge=0
    )
    tau_ms: float = olive_quantity(4.15, "decay time constant", "ms", "§3", gt=0)
    delay_ms: float = olive_quantity(1.0, "delay, a multiple of the time step", "ms", "§3", gt=0)
    reversal_mV: float = olive_quantity(0.0, "reversal potential", "mV", "§3")


class LoopSynapses(Parameters):
    """All classes of synapses, and how much their weights differ."""

    pf_purkinje: LoopSynapseParameters = LoopSynapseParameters()
    pf_bc: LoopSynapseParameters = LoopSynapseParameters(weight_per_ms=5.8e-4, tau_ms=2.0)
    bc_purkinje: LoopSynapseParameters = LoopSynapseParameters(
        weight_per_ms=3.2e-4, tau_ms=7.0, reversal_mV=-80.0
    )
    cf_purkinje: LoopSynapseParameters = LoopSynapseParameters(
        weight_per_ms=0.06, tau_ms=2.0, delay_ms=2.0
    )
    purkinje_dcn: LoopSynapseParameters = LoopSynapseParameters(
        weight_per_ms=4.3e-3, delay_ms=2.0, reversal_mV=-80.0
    )
    mf_dcn: LoopSynapseParameters = LoopSynapseParameters(weight_per_ms=0.022, tau_ms=6.0)
    dcn_io: LoopSynapseParameters = LoopSynapseParameters(
        weight_per_ms=0.01, tau_ms=300.0, delay_ms=3.0, reversal_mV=-80.0
    )
    pf_bc_sd: float = olive_quantity(
        0.1, "relative sd of the PF→BC weight, normal", "1", "§3", ge=0, le=0.3
    )
    pf_bc_sd_per_synapse: bool = olive_quantity(
        False, "PF→BC weights differ between synapses instead of between BCs", "1", "§3"
    )
    bc_purkinje_sd: float = olive_quantity(
        0.1, "relative sd of the BC→PC weight between synapses, normal", "1", "§3", ge=0, le=0.3
    )


SYNAPSE_CLASSES: dict[str, tuple[str, str]] = {
    "pf_purkinje": ("PF", "PC"),
    "pf_bc": ("PF", "BC"),
    "bc_purkinje": ("BC", "PC"),
    "cf_purkinje": ("IO", "PC"),
    "purkinje_dcn": ("PC", "DCN"),
    "mf_dcn": ("MF", "DCN"),
    "dcn_io": ("DCN", "IO"),
}
"""Source and target of each class; the climbing fibers (CF) are the axons of IO."""
