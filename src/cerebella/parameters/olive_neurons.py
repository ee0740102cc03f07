"""Point neurons of the olivocerebellar loop (olivocerebellar-loop specification §2).

Conductances and currents are divided by the membrane capacitance: 1/ms and mV/ms.
"""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, olive_quantity


class LIFParameters(Parameters):
    """A leaky integrate-and-fire cell whose threshold jumps at each spike and relaxes.

    The defaults are those of a Purkinje cell.
    """

    leak_per_ms: float = olive_quantity(0.04, "leak conductance (gL)", "1/ms", "§2", gt=0)
    leak_reversal_mV: float = olive_quantity(-60.0, "leak reversal (EL)", "mV", "§2")
    threshold_mV: float = olive_quantity(-60.62, "threshold at rest (θr)", "mV", "§2")
    threshold_tau_ms: float = olive_quantity(
        6.0, "time constant of the threshold (τθ)", "ms", "§2", gt=0
    )
    reset_mV: float = olive_quantity(-72.0, "potential after a spike (Vr)", "mV", "§2")
    threshold_max_mV: float = olive_quantity(
        -48.0, "threshold right after a spike (θmax)", "mV", "§2"
    )
    refractory_ms: float = olive_quantity(
        2.0, "how long the potential is held after a spike (tref)", "ms", "§2", ge=0
    )
    noise_mV: float = olive_quantity(
        0.0, "sd of the potential that white noise gives a passive cell (σV)", "mV", "§2, §7", ge=0
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


class OliveDriveParameters(Parameters):
    """What drives the loop from outside, and what olivary cells have besides synapses."""

    pf_rate_Hz: float = olive_quantity(
        30.0, "rate of a PF outside its refractory period", "Hz", "§4", ge=0
    )
    pf_refractory_ms: float = olive_quantity(5.0, "refractory period of a PF", "ms", "§4", ge=0)
    mf_rate_Hz: float = olive_quantity(10.0, "rate of a MF, a Poisson process", "Hz", "§4", ge=0)
    io_bias_mV_per_ms: float = olive_quantity(1.9, "bias current of an IO cell", "mV/ms", "§2")
    io_bias_sd_mV_per_ms: float = olive_quantity(
        0.0, "sd of the bias between IO cells (olivary heterogeneity)", "mV/ms", "§7", ge=0
    )
    gap_per_ms: float = olive_quantity(
        0.05, "conductance of one gap junction (g_gap)", "1/ms", "§2", ge=0
    )
