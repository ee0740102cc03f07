"""Synapses and gap junctions on MLIs, and the rate of their parallel fibers."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK, OURS, PartSources, Source

_PURKINJE_PATCHES = (
    "constant measured in another cell type: AMPA deactivation of 1.23 ± 0.07 ms in dendritic "
    "patches of rat Purkinje cells; ma2020 itself uses 3.45 and 3.17 ms (chu2012)"
)


class SynapseParameters(Parameters):
    """One kind of double-exponential synapse. The defaults are those of PF→MLI.

    The weight belongs to the connection.
    """

    tau_rise_ms: float = quantity(
        0.28,
        "rise time constant",
        unit="ms",
        source="hausserroth1997",
        remark=_PURKINJE_PATCHES,
        gt=0,
    )
    tau_decay_ms: float = quantity(
        1.23,
        "decay time constant",
        unit="ms",
        source="hausserroth1997",
        remark=_PURKINJE_PATCHES,
        gt=0,
    )
    reversal_mV: float = quantity(0.0, "reversal potential", unit="mV", source="park2026")

    @property
    def normalization(self) -> float:
        """Factor that makes the peak of a conductance equal to its weight."""
        rise, decay = self.tau_rise_ms, self.tau_decay_ms
        peak_ms = rise * decay / (decay - rise) * np.log(decay / rise)
        return float(1 / (np.exp(-peak_ms / decay) - np.exp(-peak_ms / rise)))


PF_SYNAPSE = SynapseParameters()
INHIBITORY_SYNAPSE = SynapseParameters(tau_rise_ms=1.8, tau_decay_ms=8.5, reversal_mV=-65.0)
CF_SYNAPSE = SynapseParameters(tau_rise_ms=0.4, tau_decay_ms=3.0)

_MLI_KINETICS = Source(
    (CHOSEN_BY_PARK,),
    "default of the template of ma2020, whose scripts use 0.6 and 5.9 ms (kondomarty1998)",
)
_CF_KINETICS = Source(
    (CHOSEN_BY_PARK,),
    "the contact is spillover (szapiro2007, coddington2013), to which 0.5 and 12 ms are nearer",
)


class MLIConnectionParameters(Parameters):
    """Kinetics, peak conductances and delays of all connections to MLIs."""

    part_sources: ClassVar[PartSources] = {
        "inhibition.tau_rise_ms": _MLI_KINETICS,
        "inhibition.tau_decay_ms": _MLI_KINETICS,
        "inhibition.reversal_mV": Source(
            (CHOSEN_BY_PARK,),
            "alternatives in ma2020: -60 mV (chavasmarty2003), -85 mV (houston2009)",
        ),
        "cf.tau_rise_ms": _CF_KINETICS,
        "cf.tau_decay_ms": _CF_KINETICS,
    }

    pf: SynapseParameters = PF_SYNAPSE
    inhibition: SynapseParameters = INHIBITORY_SYNAPSE
    cf: SynapseParameters = CF_SYNAPSE

    pf_weight_pS: float = quantity(
        15.0,
        "PF→MLI peak conductance",
        unit="pS",
        source=CHOSEN_BY_PARK,
        remark="ma2020 uses 1380 pS (chu2012)",
        ge=0,
    )
    inhibitory_weight_pS: float = quantity(
        25.0,
        "MLI→MLI peak conductance, except MLI2→MLI1",
        unit="pS",
        source=CHOSEN_BY_PARK,
        remark="ma2020 uses 1080 pS (kondomarty1998)",
        ge=0,
    )
    mli2_to_mli1_weight_pS: float = quantity(
        70.0,
        "MLI2→MLI1 peak conductance (w2)",
        unit="pS",
        source=CHOSEN_BY_PARK,
        remark="connectivity of the two types: lackey2024",
        ge=0,
    )
    cf_contacts_per_mli1: int = quantity(
        0,
        "CF contacts added to each MLI1, on its proximal dendrites in turn, each of a CF drawn at "
        "random",
        unit="1",
        source=OURS,
        remark="none in park2026, which calls them spillover contacts",
        ge=0,
    )
    cf_weight_pS: float = quantity(
        1577.3,
        "CF→MLI peak conductance, per contact",
        unit="pS",
        source="park2026",
        remark="from a peak current of 110.41 pA at -70 mV, recordings of that paper",
        ge=0,
    )

    pf_delay_ms: float = quantity(0.05, "PF→MLI delay", unit="ms", source=CHOSEN_BY_PARK, ge=0)
    cf_delay_ms: float = quantity(1.75, "CF→MLI delay", unit="ms", source=CHOSEN_BY_PARK, ge=0)
    inhibitory_delay_ms: float = quantity(
        1.0,
        "minimum MLI→MLI delay",
        unit="ms",
        source=CHOSEN_BY_PARK,
        remark="ma2020 uses 2 ms (kondomarty1998)",
        gt=0,
    )
    inhibitory_delay_range_ms: float = quantity(
        0.5,
        "width of its uniform distribution, per connection",
        unit="ms",
        source=CHOSEN_BY_PARK,
        ge=0,
    )

    gap_conductance_nS: float = quantity(
        0.3,
        "conductance of one gap junction",
        unit="nS",
        source=CHOSEN_BY_PARK,
        remark="that MLI1 are coupled and MLI2 are not: mannmetzer1999, alcami2013, kozareva2021",
        ge=0,
    )

    pf_rate_Hz: float = quantity(
        4.0, "rate of each PF, a Poisson process", unit="Hz", source=CHOSEN_BY_PARK, ge=0
    )
