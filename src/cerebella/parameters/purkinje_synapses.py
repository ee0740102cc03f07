"""Synapses on the Purkinje cell, and their presynaptic spikes."""

from __future__ import annotations

from typing import ClassVar, Literal

from cerebella.parameters.mli_synapses import SynapseParameters
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK, OURS, PartSources, Source

CFPlacement = Literal["uniform", "proximal"]
MLIPlacement = Literal["dendrite", "spiny"]

N_PUBLISHED_PF_CONTACTS = 25385
N_PUBLISHED_SHARED_PF = 6990

TRACED_MEMBRANE_UM2 = 181148.0
TRACED_DENDRITE_UM = 9853.6
"""Membrane area with spines, and length of the dendrite, of the traced cell."""

_BY_SIZE = "that of the traced cell of zang2018, for which the published numbers hold"
_ZANG_CF = "0.145 µS in all, 4.2 times weaker than in zang2018 (0.613 µS); the scale has no source"


class PurkinjeConnectionParameters(Parameters):
    """Density, kinetics, weights and delays of all connections to the Purkinje cell."""

    part_sources: ClassVar[PartSources] = {
        "pf": Source(
            (CHOSEN_BY_PARK,), "the same as CF; measured at Purkinje cells: hausserroth1997"
        ),
        "cf": Source(("zang2018",), "measured currents: llano1991, davie2008"),
        "inhibition": Source(
            (CHOSEN_BY_PARK,), "compare vincent1996, pouzat1997, mittmann2005, houston2009"
        ),
    }

    pf: SynapseParameters = SynapseParameters(tau_rise_ms=0.3, tau_decay_ms=3.0)
    cf: SynapseParameters = SynapseParameters(tau_rise_ms=0.3, tau_decay_ms=3.0)
    inhibition: SynapseParameters = SynapseParameters(
        tau_rise_ms=0.8, tau_decay_ms=6.0, reversal_mV=-80.0
    )

    pf_per_um: float = quantity(
        2.8,
        "PF contacts on the spiny dendrite, before rounding",
        unit="1/µm",
        source=CHOSEN_BY_PARK,
        remark="compare napper1988, harris1988",
        ge=0,
    )
    pf_shared_fraction: float = quantity(
        N_PUBLISHED_SHARED_PF / N_PUBLISHED_PF_CONTACTS,
        "PF contacts whose fiber also contacts MLIs of the network",
        unit="1",
        source="park2026",
        remark="counted in the published table of PF contacts",
        ge=0,
        le=1,
    )
    pf_weight_pS: float = quantity(
        1.0, "PF peak conductance at a scale of 1", unit="pS", source=CHOSEN_BY_PARK, ge=0
    )
    pf_scale: float = quantity(
        12.0,
        "scale of PF synapses",
        unit="1",
        source=CHOSEN_BY_PARK,
        remark="up to 85 % of contacts are electrically silent (isope2002)",
        ge=0,
    )
    pf_delay_ms: float = quantity(0.05, "PF delay", unit="ms", source=CHOSEN_BY_PARK, ge=0)
    pf_rate_Hz: float = quantity(
        4.0,
        "rate of each PF outside the network, a Poisson process",
        unit="Hz",
        source=CHOSEN_BY_PARK,
        ge=0,
    )

    mli_per_um: float = quantity(
        2.8 / 15.7 * 1.6,
        "MLI sites on the dendrite, before rounding",
        unit="1/µm",
        source=CHOSEN_BY_PARK,
        remark="2.8 · 1.6 / 15.7; no source known for the last two",
        ge=0,
    )
    mli_placement: MLIPlacement = quantity(
        "dendrite",
        "where MLI sites are: on the whole dendrite, smooth and spiny, or on spiny dendrite only",
        unit="1",
        source=CHOSEN_BY_PARK,
        remark="spiny is an alternative to try",
    )
    mli1_contacts: float = quantity(
        7.5,
        "sites of each MLI1, the mean of two neighboring numbers",
        unit="1",
        source="park2026",
        remark="inferred from the same paper's EM count, 6.7 per pair of MLI1 and PC",
        ge=0,
    )
    mli2_contacts: float = quantity(
        1.0,
        "sites of each MLI2",
        unit="1",
        source=CHOSEN_BY_PARK,
        remark="twelve times the EM count of 0.08 per pair of MLI2 and PC",
        ge=0,
    )
    mli1_rate_Hz: float | None = quantity(
        None,
        "rate of Poisson trains in place of the spikes of MLI1s at the Purkinje cell; null for the "
        "spikes of the network",
        unit="Hz",
        source=OURS,
        remark="a control: the rate of MLI1s clamped",
        ge=0,
    )
    mli_dendrite_um: float | None = quantity(
        TRACED_DENDRITE_UM,
        "length of the dendrite for which the sites of an MLI hold; they are proportional to it, "
        "in steps of 5 %; null for the same in every cell",
        unit="µm",
        source=OURS,
        remark=_BY_SIZE,
        gt=0,
    )
    mli_weight_pS: float = quantity(
        25.0, "MLI peak conductance, per site", unit="pS", source=CHOSEN_BY_PARK, ge=0
    )
    mli_delay_ms: float = quantity(1.65, "MLI delay", unit="ms", source=CHOSEN_BY_PARK, ge=0)

    n_cf_synapses: int = quantity(
        500,
        "CF synapses, on smooth dendrite and soma",
        unit="1",
        source="zang2018",
        remark="EM counts 282 synapses per CF (park2026)",
        ge=0,
    )
    cf_placement: CFPlacement = quantity(
        "uniform",
        "density of CF synapses along smooth dendrite and soma: uniform, or proximal, where it "
        "decays from 35 µm of path on with a length constant of 50 µm to a twentieth",
        unit="1",
        source=CHOSEN_BY_PARK,
        remark="the published code contains both, and uses uniform",
    )
    cf_weight_pS: float = quantity(
        10.0,
        "CF peak conductance at a scale of 1, per synapse",
        unit="pS",
        source=CHOSEN_BY_PARK,
        remark=_ZANG_CF,
        ge=0,
    )
    cf_scale: float = quantity(
        29.0, "scale of CF synapses", unit="1", source=CHOSEN_BY_PARK, remark=_ZANG_CF, ge=0
    )
    cf_membrane_um2: float | None = quantity(
        TRACED_MEMBRANE_UM2,
        "membrane area, spines included, for which the CF conductance holds; it is proportional to "
        "the area, in steps of 5 %; null for the same in every cell",
        unit="µm²",
        source=OURS,
        remark=_BY_SIZE,
        gt=0,
    )
    cf_time_ms: float | None = quantity(
        151.7,
        "spike time of the cell's own CF; null for none",
        unit="ms",
        source=CHOSEN_BY_PARK,
        ge=0,
    )
    cf_delay_ms: float = quantity(0.05, "CF delay", unit="ms", source=CHOSEN_BY_PARK, ge=0)
