"""Molecular layer interneurons: shape, membrane and bias current."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ConfigDict

from cerebella.parameters.own_channels import OwnChannel
from cerebella.parameters.own_mechanisms import OwnMechanism, values_of
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK, OURS

_SHAPE = "13 cylinders in place of the traced tree of ma2020; no measurement named"
_DENSITY = "density equal to that of ma2020"
_GUTFREUND = (
    "kinetics of a Golgi cell model (solinas2007), there called the parametrization of Gutfreund; "
    "that this is gutfreund1995, guinea pig neocortex, is inferred"
)


DENSITIES = {name: [f"cell.{name}_S_per_cm2"] for name in ("na", "kv", "ka", "calva")}
"""Paths of the densities of each channel of the package."""


class MLICellParameters(Parameters):
    """Shape and membrane common to MLI1 and MLI2."""

    temperature_C: float = quantity(34.0, "temperature", unit="°C", source="forrest2015")
    initial_v_mV: float = quantity(
        -67.0, "initial potential of all compartments", unit="mV", source=CHOSEN_BY_PARK
    )
    spike_threshold_mV: float = quantity(
        -30.0, "spike threshold, at the 1-end of the soma", unit="mV", source=CHOSEN_BY_PARK
    )

    soma_length_um: float = quantity(
        17.0, "length of the soma", unit="µm", source=CHOSEN_BY_PARK, remark=_SHAPE, gt=0
    )
    soma_diameter_um: float = quantity(
        5.3, "diameter of the soma", unit="µm", source=CHOSEN_BY_PARK, remark=_SHAPE, gt=0
    )
    proximal_length_um: float = quantity(
        20.0, "length of dendrites 0 to 3", unit="µm", source=CHOSEN_BY_PARK, remark=_SHAPE, gt=0
    )
    dendrite_diameter_um: float = quantity(
        0.57, "diameter of all dendrites", unit="µm", source=CHOSEN_BY_PARK, remark=_SHAPE, gt=0
    )

    membrane_capacitance_uF_per_cm2: float = quantity(
        1.5, "specific capacitance", unit="µF/cm²", source=("ma2020", "molineux2005"), gt=0
    )
    axial_resistivity_ohm_cm: float = quantity(
        115.0,
        "axial resistivity",
        unit="Ω·cm",
        source=("ma2020", "rothhausser2001"),
        remark="constant measured in another cell type: rat Purkinje cells, 115 ± 20 Ω·cm",
        gt=0,
    )
    leak_S_per_cm2: float = quantity(
        1.4 / 20000,
        "leak conductance, all sections",
        unit="S/cm²",
        source=("molineux2005", CHOSEN_BY_PARK),
        remark="20 kΩ·cm² as molineux2005 and ma2020; no source known for the division by 1.4",
        ge=0,
    )
    leak_reversal_mV: float = quantity(
        -65.0,
        "leak reversal",
        unit="mV",
        source=CHOSEN_BY_PARK,
        remark="-70 mV in ma2020, to avoid spontaneous firing",
    )

    na_S_per_cm2: float = quantity(
        1.0,
        "transient sodium, soma",
        unit="S/cm²",
        source=("ma2020", "solinas2007", "gutfreund1995"),
        remark=f"{_DENSITY}; {_GUTFREUND}",
        ge=0,
    )
    kv_S_per_cm2: float = quantity(
        0.6,
        "delayed rectifier, soma",
        unit="S/cm²",
        source=("ma2020", "solinas2007", "gutfreund1995"),
        remark=f"{_DENSITY}, where rates are scaled by 0.1 without a stated reason; {_GUTFREUND}",
        ge=0,
    )
    ka_S_per_cm2: float = quantity(
        0.1,
        "A-type potassium, soma",
        unit="S/cm²",
        source=("ma2020", "solinas2007", "dangelo2001"),
        remark=f"{_DENSITY}; kinetics of a Golgi cell model, from granule cells",
        ge=0,
    )
    calva_S_per_cm2: float = quantity(
        0.032,
        "low-threshold calcium, soma",
        unit="S/cm²",
        source=("ma2020", "destexhe1994", "hugmc1992", "hugprince1992"),
        remark=f"{_DENSITY}; kinetics of another cell type, the T current of thalamic neurons",
        ge=0,
    )
    na_reversal_mV: float = quantity(60.0, "sodium reversal", unit="mV", source="masoli2015")
    k_reversal_mV: float = quantity(-88.0, "potassium reversal", unit="mV", source="masoli2015")
    calva_reversal_mV: float = quantity(
        0.0,
        "reversal of the low-threshold channel",
        unit="mV",
        source=CHOSEN_BY_PARK,
        remark="result of an ion that the published code leaves undefined; no source known",
    )
    hcn_reversal_mV: float = quantity(
        -30.0,
        "reversal of hyperpolarization-activated channels of the user",
        unit="mV",
        source=(OURS, "khaliq2003"),
        remark="that of the Purkinje cell",
    )
    channels: dict[str, OwnChannel] = quantity(
        {}, "channels of the user by name, soma", unit="1", source=OURS
    )
    mechanisms: dict[str, OwnMechanism] = quantity(
        {}, "mechanisms of the user in NMODL by name, soma", unit="1", source=OURS
    )


class MLITypeParameters(Parameters):
    """Differences between MLI1 and MLI2. The defaults are those of an MLI1.

    Densities of channels of the user, and parameters of mechanisms of the user
    (`MLICellParameters.channels`, `mechanisms`), are further fields.
    """

    model_config = ConfigDict(extra="allow")

    distal_length_um: float = quantity(
        180.0,
        "length of dendrites 4 to 11",
        unit="µm",
        source=CHOSEN_BY_PARK,
        remark=_SHAPE,
        gt=0,
    )
    distal_compartments: int = quantity(
        5,
        "compartments of each distal dendrite",
        unit="1",
        source="park2026",
        remark="by the published rule, which uses resistivity and capacitance before they are set",
        gt=0,
    )
    bias_nA: float = quantity(
        0.0305,
        "mean bias current",
        unit="nA",
        source=CHOSEN_BY_PARK,
        remark="gives about 34 Hz; MLIs in slices fire at 30.5 ± 4.8 Hz (gaffield2018)",
    )
    bias_half_range_nA: float = quantity(
        0.008, "half width of its uniform distribution", unit="nA", source=CHOSEN_BY_PARK, ge=0
    )

    def values_of(self, mechanism: str, names: Iterable[str]) -> dict[str, float]:
        """Return the values that parameters of a mechanism of the user have, by name."""
        return values_of(mechanism, names, self.model_extra)


MLI1 = MLITypeParameters()
MLI2 = MLITypeParameters(
    distal_length_um=100.0, distal_compartments=3, bias_nA=0.0145, bias_half_range_nA=0.004
)
