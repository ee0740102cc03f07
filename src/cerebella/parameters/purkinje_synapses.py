"""Synapses on the Purkinje cell, and what drives them (purkinje-cell specification §4)."""

from __future__ import annotations

from cerebella.parameters.mli_synapses import SynapseParameters
from cerebella.parameters.quantity import Parameters, purkinje_quantity

N_PUBLISHED_PF_CONTACTS = 25385
N_PUBLISHED_SHARED_PF = 6990


class PurkinjeConnectionParameters(Parameters):
    """Density, kinetics, weights and delays of everything that ends on the Purkinje cell."""

    pf: SynapseParameters = SynapseParameters(tau_rise_ms=0.3, tau_decay_ms=3.0)
    cf: SynapseParameters = SynapseParameters(tau_rise_ms=0.3, tau_decay_ms=3.0)
    inhibition: SynapseParameters = SynapseParameters(
        tau_rise_ms=0.8, tau_decay_ms=6.0, reversal_mV=-80.0
    )

    pf_per_um: float = purkinje_quantity(
        2.8, "PF contacts on the spiny dendrite, before rounding", "1/µm", "§4", ge=0
    )
    pf_shared_fraction: float = purkinje_quantity(
        N_PUBLISHED_SHARED_PF / N_PUBLISHED_PF_CONTACTS,
        "PF contacts whose fiber also contacts MLIs of the network",
        "1",
        "§4.1",
        ge=0,
        le=1,
    )
    pf_weight_pS: float = purkinje_quantity(
        1.0, "PF peak conductance at a scale of 1", "pS", "§4.2", ge=0
    )
    pf_scale: float = purkinje_quantity(12.0, "scale of PF synapses", "1", "§4.2", ge=0)
    pf_delay_ms: float = purkinje_quantity(0.05, "PF delay", "ms", "§4.2", ge=0)
    pf_rate_Hz: float = purkinje_quantity(
        4.0, "rate of each PF that is not of the network, a Poisson process", "Hz", "§4.2", ge=0
    )

    mli_per_um: float = purkinje_quantity(
        2.8 / 15.7 * 1.6, "MLI sites on the dendrite, before rounding", "1/µm", "§4", ge=0
    )
    mli1_contacts: float = purkinje_quantity(
        7.5, "sites of each MLI1, the mean of two neighboring numbers", "1", "§4.2", ge=0
    )
    mli2_contacts: float = purkinje_quantity(1.0, "sites of each MLI2", "1", "§4.2", ge=0)
    mli_weight_pS: float = purkinje_quantity(
        25.0, "MLI peak conductance, per site", "pS", "§4.2", ge=0
    )
    mli_delay_ms: float = purkinje_quantity(1.65, "MLI delay", "ms", "§4.2", ge=0)

    n_cf_synapses: int = purkinje_quantity(
        500, "CF synapses, evenly along smooth dendrite and soma", "1", "§4", ge=0
    )
    cf_weight_pS: float = purkinje_quantity(
        10.0, "CF peak conductance at a scale of 1, per synapse", "pS", "§4.2", ge=0
    )
    cf_scale: float = purkinje_quantity(29.0, "scale of CF synapses", "1", "§4.2", ge=0)
    cf_time_ms: float | None = purkinje_quantity(
        151.7, "when the cell's own CF fires; null for never", "ms", "§4.2", ge=0
    )
    cf_delay_ms: float = purkinje_quantity(0.05, "CF delay", "ms", "§4.2", ge=0)
