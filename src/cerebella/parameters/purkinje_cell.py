"""The Purkinje cell: membrane and channels by region (purkinje-cell specification §0-§2)."""

from __future__ import annotations

from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from cerebella.parameters.quantity import Parameters, purkinje_quantity


def _density(meaning: str) -> float:
    return purkinje_quantity(0.0, f"maximal conductance of {meaning}", "S/cm²", "§2", ge=0)


def _shift(meaning: str) -> float:
    return purkinje_quantity(0.0, f"voltage shift of naRsg: {meaning}", "mV", "§3.1")


class RegionParameters(Parameters):
    """Membrane of one region, the same on all its compartments; 0 where a channel is absent."""

    narsg_S_per_cm2: float = _density("resurgent sodium channels")
    narsg_shift_a_mV: float = _shift("deactivation")
    narsg_shift_k_mV: float = _shift("slope of deactivation")
    narsg_shift_i_mV: float = _shift("inactivated states")
    nap_S_per_cm2: float = _density("persistent sodium channels")
    kv3_S_per_cm2: float = _density("Kv3 channels")
    kv1_S_per_cm2: float = _density("Kv1 channels")
    kv4_fast_S_per_cm2: float = _density("fast Kv4 channels")
    kv4_slow_S_per_cm2: float = _density("slow Kv4 channels")
    ih_S_per_cm2: float = _density("hyperpolarization-activated channels")
    cap_cm_per_s: float = purkinje_quantity(
        0.0, "permeability of P-type calcium channels", "cm/s", "§2", ge=0
    )
    cat31_cm_per_s: float = purkinje_quantity(
        0.0, "permeability of T-type calcium channels", "cm/s", "§2", ge=0
    )
    mslo_S_per_cm2: float = _density("BK channels")
    abbk_S_per_cm2: float = _density("slow BK channels")
    sk2_S_per_cm2: float = _density("SK2 channels")


_REGIONS = ("soma", "ais", "smooth", "spiny")
_TABLE = {
    "narsg_S_per_cm2": (0.03168, 0.56, 0, 0),
    "narsg_shift_a_mV": (0, 15, 0, 0),
    "narsg_shift_k_mV": (0, 5, 0, 0),
    "narsg_shift_i_mV": (-5, -5, 0, 0),
    "nap_S_per_cm2": (0.00014, 0.0023, 0, 0),
    "kv3_S_per_cm2": (1.8, 115.2, 0.1512, 0.2268),
    "kv1_S_per_cm2": (0, 0, 0.002, 0.001),
    "kv4_fast_S_per_cm2": (0, 0, 0.0252, 0.0264),
    "kv4_slow_S_per_cm2": (0, 0, 0.015, 0.015),
    "ih_S_per_cm2": (0.000108, 0.000108, 0.000216, 0.000324),
    "cap_cm_per_s": (0.00019, 0.00228, 0.00019, 0.00076),
    "cat31_cm_per_s": (0, 0.000128, 0.000027, 0.000108),
    "mslo_S_per_cm2": (0.8736, 6, 0.21504, 0.0448),
    "abbk_S_per_cm2": (0.3, 1.05, 0, 0),
    "sk2_S_per_cm2": (0.0075, 0.027777778, 0.00036, 0.00036),
}


def _region(name: str) -> RegionParameters:
    column = _REGIONS.index(name)
    return RegionParameters(**{field: row[column] for field, row in _TABLE.items()})


class PurkinjeCellParameters(Parameters):
    """Everything about the cell's membrane that is a number; its shape is a `Morphology`."""

    soma: RegionParameters = _region("soma")
    ais: RegionParameters = _region("ais")
    smooth: RegionParameters = _region("smooth")
    spiny: RegionParameters = _region("spiny")
    membrane: PurkinjeMembraneParameters = PurkinjeMembraneParameters()

    temperature_C: float = purkinje_quantity(34.0, "temperature", "°C", "§0")
    initial_v_mV: float = purkinje_quantity(-67.0, "voltage at the start, everywhere", "mV", "§0")
    leak_reversal_mV: float = purkinje_quantity(-65.0, "reversal of the leak", "mV", "§0.2")
    na_reversal_mV: float = purkinje_quantity(63.0, "reversal of sodium", "mV", "§0.2")
    k_reversal_mV: float = purkinje_quantity(-77.0, "reversal of potassium", "mV", "§0.2")
    h_reversal_mV: float = purkinje_quantity(
        -30.0, "reversal of the hyperpolarization-activated current", "mV", "§0.2"
    )
    spike_threshold_mV: float = purkinje_quantity(
        -20.0, "a local maximum of the soma's voltage of at least this is a spike", "mV", "§6"
    )

    def of_region(self, region: str) -> RegionParameters:
        """Parameters of ``"soma"``, ``"ais"``, ``"smooth"`` or ``"spiny"``."""
        return {"soma": self.soma, "ais": self.ais, "smooth": self.smooth, "spiny": self.spiny}[
            region
        ]
