"""The Purkinje cell: membrane and channels by region."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from pydantic import ConfigDict, model_validator

from cerebella.parameters.own_channels import NAMES_IN_PROBES, OwnChannel, check_names
from cerebella.parameters.own_mechanisms import (
    OwnMechanism,
    check_own_values,
    refuse_names,
    values_of,
)
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK, OURS


def _density(channels: str, *kinetics: str, remark: str = "") -> Any:
    """Declare a density of zang2018, with the papers of the kinetics."""
    meaning = f"maximal conductance of {channels}"
    return quantity(0.0, meaning, unit="S/cm²", source=("zang2018", *kinetics), remark=remark, ge=0)


def _permeability(channels: str, *kinetics: str, remark: str = "") -> Any:
    meaning = f"permeability of {channels}"
    return quantity(0.0, meaning, unit="cm/s", source=("zang2018", *kinetics), remark=remark, ge=0)


def _shift(meaning: str) -> Any:
    meaning = f"voltage shift of naRsg: {meaning}"
    return quantity(0.0, meaning, unit="mV", source="zang2018", remark="no further source known")


class RegionParameters(Parameters):
    """Membrane of one region, uniform over its compartments; 0 for absent channels.

    Densities of channels of the user, and parameters of mechanisms of the user
    (`PurkinjeCellParameters.channels`, `mechanisms`), are further fields.
    """

    model_config = ConfigDict(extra="allow")

    narsg_S_per_cm2: float = _density(
        "resurgent sodium channels",
        "ramanbean2001",
        "khaliq2003",
        "akemann2006",
        remark="temperature factor 2.7; 3 in akemann2006",
    )
    narsg_shift_a_mV: float = _shift("deactivation")
    narsg_shift_k_mV: float = _shift("slope of deactivation")
    narsg_shift_i_mV: float = _shift("inactivated states")
    nap_S_per_cm2: float = _density(
        "persistent sodium channels",
        "baker2005",
        "kay1998",
        remark="kinetics of another cell type: dorsal root ganglion; no source known for the "
        "steady state; temperature factor of kay1998, Purkinje cells of guinea pigs",
    )
    kv3_S_per_cm2: float = _density(
        "Kv3 channels",
        "akemann2009",
        "martina2007",
        remark="no source known for the shift of 4 mV",
    )
    kv1_S_per_cm2: float = _density(
        "Kv1 channels",
        "akemann2006",
        "zerr1998",
        "otsu2014",
        remark="that inactivation is from otsu2014 is inferred; its 1000 ms are chosen",
    )
    kv4_fast_S_per_cm2: float = _density(
        "fast Kv4 channels",
        "sacco2002",
        "gunay2008",
        "otsu2014",
        remark="activation of another cell type: globus pallidus (gunay2008); that inactivation "
        "is from otsu2014 is inferred; no source known for its 20 ms",
    )
    kv4_slow_S_per_cm2: float = _density(
        "slow Kv4 channels",
        "sacco2002",
        "gunay2008",
        "otsu2014",
        remark="as the fast ones; no source known for the 100 ms of inactivation",
    )
    ih_S_per_cm2: float = _density(
        "hyperpolarization-activated channels", "angelo2007", "khaliq2003"
    )
    cap_cm_per_s: float = _permeability(
        "P-type calcium channels",
        "benton2009",
        "anwar2012",
        remark="form of the current as in anwar2012, which used swensen2005",
    )
    cat31_cm_per_s: float = _permeability(
        "T-type calcium channels",
        "iftinca2006",
        remark="unpublished curves (S. Dieudonné); its current does not enter the calcium pool",
    )
    mslo_S_per_cm2: float = _density(
        "BK channels",
        "cox1997",
        "womack2002",
        remark="scheme of cloned mSlo channels (cox1997), constants after womack2002, coded for "
        "anwar2012 and changed in 2012",
    )
    abbk_S_per_cm2: float = _density(
        "slow BK channels",
        "jaffe2011",
        "benton2013",
        remark="that the kinetics are of jaffe2011 is inferred; time constants four times longer "
        "in zang2018; such a current in Purkinje somata: benton2013",
    )
    sk2_S_per_cm2: float = _density(
        "SK2 channels",
        "hirschberg1998",
        "solinas2007",
        remark="expressed channels, through a Golgi cell model",
    )

    def density(self, name: str) -> float:
        """Return a density by the name of its field; 0 if a channel of the user has none here."""
        return getattr(self, name, 0.0)

    def values_of(self, mechanism: str, names: Iterable[str]) -> dict[str, float]:
        """Return the values that parameters of a mechanism of the user have here, by name."""
        return values_of(mechanism, names, self.model_extra)


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


DENSITIES = {
    channel: [
        f"cell.{region}.{field}"
        for region in _REGIONS
        for field in _TABLE
        if field.startswith(f"{channel}_") and "_shift_" not in field
    ]
    for channel in dict.fromkeys(field.partition("_")[0] for field in _TABLE)
}
"""Paths of the densities of each channel of the package."""


def _region(name: str) -> RegionParameters:
    column = _REGIONS.index(name)
    return RegionParameters(**{field: row[column] for field, row in _TABLE.items()})


_TAKEN = {
    "narsg": "is a kinetic scheme of the package",
    "mslo": "is a kinetic scheme of the package",
    "sk2": "is a kinetic scheme of the package",
    "kv4": "has two densities in the package",
    "kv4_fast": "is a density of the package",
    "kv4_slow": "is a density of the package",
    "pool": "is the name of calcium pools",
    **NAMES_IN_PROBES,
}
"""Names that channels of the user cannot have."""


class PurkinjeCellParameters(Parameters):
    """Parameters of the membrane of the cell; its shape is a `Morphology`."""

    soma: RegionParameters = _region("soma")
    ais: RegionParameters = _region("ais")
    smooth: RegionParameters = _region("smooth")
    spiny: RegionParameters = _region("spiny")
    membrane: PurkinjeMembraneParameters = PurkinjeMembraneParameters()
    channels: dict[str, OwnChannel] = quantity(
        {}, "channels of the user by name", unit="1", source=OURS
    )
    mechanisms: dict[str, OwnMechanism] = quantity(
        {}, "mechanisms of the user in NMODL by name", unit="1", source=OURS
    )

    temperature_C: float = quantity(34.0, "temperature", unit="°C", source="zang2018")
    initial_v_mV: float = quantity(
        -67.0,
        "initial potential of all compartments",
        unit="mV",
        source=CHOSEN_BY_PARK,
        remark="-68 mV in zang2018",
    )
    leak_reversal_mV: float = quantity(
        -65.0, "reversal of the leak", unit="mV", source=CHOSEN_BY_PARK
    )
    na_reversal_mV: float = quantity(63.0, "reversal of sodium", unit="mV", source=CHOSEN_BY_PARK)
    k_reversal_mV: float = quantity(
        -77.0,
        "reversal of potassium",
        unit="mV",
        source=CHOSEN_BY_PARK,
        remark="default of NEURON, unchanged in the published code",
    )
    h_reversal_mV: float = quantity(
        -30.0,
        "reversal of the hyperpolarization-activated current",
        unit="mV",
        source=(CHOSEN_BY_PARK, "khaliq2003"),
        remark="as khaliq2003 and akemann2006",
    )
    spike_threshold_mV: float = quantity(
        -20.0,
        "minimum of a local maximum of the somatic potential that counts as a spike",
        unit="mV",
        source="park2026",
    )

    @model_validator(mode="after")
    def _densities_belong_to_channels(self) -> Self:
        check_names(self.channels, _TAKEN)
        refuse_names(self.mechanisms, NAMES_IN_PROBES)
        own = [channel.density(name) for name, channel in self.channels.items()]
        known = list(RegionParameters.model_fields)
        for region in _REGIONS:
            values = self.of_region(region).model_extra
            check_own_values(f"cell.{region}", values, own, self.mechanisms, known)
        return self

    def of_region(self, region: str) -> RegionParameters:
        """Return the parameters of one region.

        Parameters
        ----------
        region : str
            ``"soma"``, ``"ais"``, ``"smooth"`` or ``"spiny"``.

        Returns
        -------
        RegionParameters
            Its parameters.

        Examples
        --------
        >>> cb.PurkinjeParameters().cell.of_region("ais").kv3_S_per_cm2
        115.2
        """
        return {"soma": self.soma, "ais": self.ais, "smooth": self.smooth, "spiny": self.spiny}[
            region
        ]
