"""Point neurons of the olivocerebellar loop.

Conductances and currents are divided by the membrane capacitance: 1/ms and mV/ms.
"""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import OURS, Source

_NO_BIOLOGY = "equal in that public code; no measurement known"


class LIFParameters(Parameters):
    """A leaky integrate-and-fire cell with a threshold that jumps at each spike and relaxes.

    The defaults are those of a Purkinje cell.
    """

    leak_per_ms: float = quantity(0.04, "leak conductance (gL)", unit="1/ms", source="cbmsim", gt=0)
    leak_reversal_mV: float = quantity(-60.0, "leak reversal (EL)", unit="mV", source="cbmsim")
    threshold_mV: float = quantity(-60.62, "threshold at rest (θr)", unit="mV", source="cbmsim")
    threshold_tau_ms: float = quantity(
        6.0, "time constant of the threshold (τθ)", unit="ms", source="cbmsim", gt=0
    )
    reset_mV: float = quantity(
        -72.0,
        "potential after a spike (Vr)",
        unit="mV",
        source="kakumanu_code",
        remark=f"{_NO_BIOLOGY}; cbmsim does not reset the potential",
    )
    threshold_max_mV: float = quantity(
        -48.0, "threshold immediately after a spike (θmax)", unit="mV", source="cbmsim"
    )
    refractory_ms: float = quantity(
        2.0,
        "refractory period (tref), during which the potential is held at reset",
        unit="ms",
        source="kakumanu_code",
        remark=f"{_NO_BIOLOGY}; cbmsim has no refractory period",
        ge=0,
    )
    noise_mV: float = quantity(
        0.0,
        "sd of the potential of a passive cell due to white noise (σV)",
        unit="mV",
        source=OURS,
        ge=0,
    )


PC = LIFParameters()
BC = LIFParameters(
    leak_per_ms=0.13,
    leak_reversal_mV=-70.0,
    threshold_mV=-65.0,
    threshold_tau_ms=10.0,
    reset_mV=-70.0,
    threshold_max_mV=0.0,
    refractory_ms=1.5,
)
DCN = LIFParameters(
    leak_per_ms=0.02,
    leak_reversal_mV=-62.0,
    threshold_mV=-72.0,
    threshold_tau_ms=5.0,
    reset_mV=-80.0,
    threshold_max_mV=-40.0,
)
IO = LIFParameters(
    leak_per_ms=0.03,
    threshold_mV=-57.4,
    threshold_tau_ms=200.0,
    reset_mV=-70.0,
    threshold_max_mV=10.0,
    noise_mV=1.0,
)


NEURON_SOURCES: dict[str, Source] = {
    "dcn.leak_reversal_mV": Source(
        (OURS,), "-65 mV in cbmsim; -62 mV is the reset of the DCN in kakumanu_code"
    ),
    "dcn.reset_mV": Source((OURS,), "-62 mV in kakumanu_code; cbmsim does not reset"),
    "dcn.refractory_ms": Source(
        ("kakumanu_code",), "2 ms in its version 1462b6a, 10 ms at 31fa5d9; no measurement known"
    ),
    "io.noise_mV": Source((OURS,), "cbmsim: uniform ± 1 mV a step, one value for all cells"),
}
"""Sources that differ from those of a Purkinje cell, by path within `OliveParameters`."""


class OliveDriveParameters(Parameters):
    """External drive of the loop, and nonsynaptic currents of olivary cells."""

    pf_rate_Hz: float = quantity(
        30.0,
        "rate of a PF outside its refractory period",
        unit="Hz",
        source="kakumanu_code",
        remark=f"{_NO_BIOLOGY}; 26 Hz with the refractory period",
        ge=0,
    )
    pf_refractory_ms: float = quantity(
        5.0,
        "refractory period of a PF",
        unit="ms",
        source="kakumanu_code",
        remark=_NO_BIOLOGY,
        ge=0,
    )
    mf_rate_Hz: float = quantity(
        10.0,
        "rate of an MF, a Poisson process",
        unit="Hz",
        source="kakumanu_code",
        remark=_NO_BIOLOGY,
        ge=0,
    )
    dcn_bias_mV_per_ms: float = quantity(
        0.0, "bias current of a DCN cell", unit="mV/ms", source=OURS
    )
    io_bias_mV_per_ms: float = quantity(
        1.9,
        "bias current of an IO cell",
        unit="mV/ms",
        source=OURS,
        remark="chosen so that rates are physiological",
    )
    io_bias_sd_mV_per_ms: float = quantity(
        0.0,
        "sd of the bias between IO cells (olivary heterogeneity)",
        unit="mV/ms",
        source=OURS,
        ge=0,
    )
    gap_per_ms: float = quantity(
        0.05,
        "conductance of one gap junction (g_gap)",
        unit="1/ms",
        source="cbmsim",
        remark="coupleRiRjRatioIO there; coupling itself: llinas1974, llinasyarom1986, long2002",
        ge=0,
    )
    gap_spike_area_mV_ms: float = quantity(
        0.0,
        "area of the part of an IO spike above threshold (β), which gap junctions pass on: each "
        "spike raises the potential of a partner by g_gap β; 0 for a reset only",
        unit="mV ms",
        source=OURS,
        remark="form: lewisrinzel2003, ostojic2009; a spike of 80 mV and 1 ms has 80 mV ms",
        ge=0,
    )

    @property
    def effective_pf_rate_Hz(self) -> float:
        """Rate of a PF including its refractory period, in Hz."""
        if not self.pf_rate_Hz:
            return 0.0
        return 1000 / (1000 / self.pf_rate_Hz + self.pf_refractory_ms)
