"""Synapses of the olivocerebellar loop."""

from __future__ import annotations

from typing import ClassVar

from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import OURS, PartSources, Source

_DELAY = "equal in that public code; no measurement known"
_WEIGHT = "chosen so that rates are physiological"
_INHIBITION = Source(("cbmsim",))


class LoopSynapseParameters(Parameters):
    """One class of synapses with exponential conductance. The defaults are those of PF→PC."""

    weight_per_ms: float = quantity(
        2.8e-4,
        "jump of the conductance per spike; for PF→PC at w = 1",
        unit="1/ms",
        source=OURS,
        remark=_WEIGHT,
        ge=0,
    )
    tau_ms: float = quantity(4.15, "decay time constant", unit="ms", source="cbmsim", gt=0)
    delay_ms: float = quantity(
        1.0,
        "delay, a multiple of the time step",
        unit="ms",
        source="kakumanu_code",
        remark=_DELAY,
        gt=0,
    )
    reversal_mV: float = quantity(
        0.0, "reversal potential", unit="mV", source=OURS, remark="excitation"
    )


class LoopSynapses(Parameters):
    """All classes of synapses, and the variability of their weights."""

    part_sources: ClassVar[PartSources] = {
        "bc_purkinje.reversal_mV": _INHIBITION,
        "purkinje_dcn.reversal_mV": _INHIBITION,
        "dcn_io.reversal_mV": _INHIBITION,
        "cf_purkinje.tau_ms": Source(("kakumanu_code",), _DELAY),
        "purkinje_dcn.tau_ms": Source(
            ("cbmsim",), "measured: about 2 ms in large cells, 25 ms in nucleo-olivary (najac2015)"
        ),
        "mf_dcn.tau_ms": Source(
            ("kakumanu_code",), "cbmsim declares 6 ms but does not use it: it decays in 20 ms"
        ),
        "dcn_io.tau_ms": Source(
            ("kakumanu_code", "best2009"),
            "not a decay time in cbmsim, where 300 scales the increment; slowness is justified by "
            "asynchronous release (best2009)",
        ),
    }

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
    pf_bc_sd: float = quantity(
        0.1, "relative sd of the PF→BC weight, normal", unit="1", source=OURS, ge=0, le=0.3
    )
    pf_bc_sd_per_synapse: bool = quantity(
        False,
        "PF→BC weights differ between synapses instead of between BCs",
        unit="1",
        source=OURS,
    )
    bc_purkinje_sd: float = quantity(
        0.1,
        "relative sd of the BC→PC weight between synapses, normal",
        unit="1",
        source=OURS,
        ge=0,
        le=0.3,
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
