"""Synapses and gap junctions on MLIs, and what drives them (mli-network specification §5-§8)."""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, mli_quantity


class SynapseParameters(Parameters):
    """One kind of double-exponential synapse; the weight belongs to the connection."""

    tau_rise_ms: float = mli_quantity(0.28, "rise time constant", "ms", "§5", gt=0)
    tau_decay_ms: float = mli_quantity(1.23, "decay time constant", "ms", "§5", gt=0)
    reversal_mV: float = mli_quantity(0.0, "reversal potential", "mV", "§5")


PF_SYNAPSE = SynapseParameters()
INHIBITORY_SYNAPSE = SynapseParameters(tau_rise_ms=1.8, tau_decay_ms=8.5, reversal_mV=-65.0)
CF_SYNAPSE = SynapseParameters(tau_rise_ms=0.4, tau_decay_ms=3.0)


class MLIConnectionParameters(Parameters):
    """Kinetics, peak conductances and delays of everything that ends on an MLI."""

    pf: SynapseParameters = PF_SYNAPSE
    inhibition: SynapseParameters = INHIBITORY_SYNAPSE
    cf: SynapseParameters = CF_SYNAPSE

    pf_weight_pS: float = mli_quantity(15.0, "PF→MLI peak conductance", "pS", "§5", ge=0)
    inhibitory_weight_pS: float = mli_quantity(
        25.0, "MLI→MLI peak conductance, except MLI2→MLI1", "pS", "§5", ge=0
    )
    mli2_to_mli1_weight_pS: float = mli_quantity(
        70.0, "MLI2→MLI1 peak conductance (w2)", "pS", "§5", ge=0
    )
    cf_weight_pS: float = mli_quantity(
        1577.3, "CF→MLI peak conductance, per contact", "pS", "§5", ge=0
    )

    pf_delay_ms: float = mli_quantity(0.05, "PF→MLI delay", "ms", "§5", ge=0)
    cf_delay_ms: float = mli_quantity(1.75, "CF→MLI delay", "ms", "§5", ge=0)
    inhibitory_delay_ms: float = mli_quantity(1.0, "least MLI→MLI delay", "ms", "§5", gt=0)
    inhibitory_delay_range_ms: float = mli_quantity(
        0.5, "width of its uniform distribution, per connection", "ms", "§5", ge=0
    )

    gap_conductance_nS: float = mli_quantity(
        0.3, "conductance of one gap junction", "nS", "§6", ge=0
    )

    pf_rate_Hz: float = mli_quantity(4.0, "rate of each PF, a Poisson process", "Hz", "§8", ge=0)
