"""Molecular layer interneurons: shape, membrane and bias (mli-network specification §0-§4)."""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, mli_quantity


class MLICellParameters(Parameters):
    """What MLI1 and MLI2 share."""

    temperature_C: float = mli_quantity(34.0, "temperature", "°C", "§0")
    initial_v_mV: float = mli_quantity(-67.0, "initial potential of all compartments", "mV", "§0")
    spike_threshold_mV: float = mli_quantity(
        -30.0, "spike threshold, at the 1-end of the soma", "mV", "§0"
    )

    soma_length_um: float = mli_quantity(17.0, "length of the soma", "µm", "§1", gt=0)
    soma_diameter_um: float = mli_quantity(5.3, "diameter of the soma", "µm", "§1", gt=0)
    proximal_length_um: float = mli_quantity(20.0, "length of dendrites 0 to 3", "µm", "§1", gt=0)
    dendrite_diameter_um: float = mli_quantity(0.57, "diameter of all dendrites", "µm", "§1", gt=0)

    membrane_capacitance_uF_per_cm2: float = mli_quantity(
        1.5, "specific capacitance", "µF/cm²", "§2", gt=0
    )
    axial_resistivity_ohm_cm: float = mli_quantity(115.0, "axial resistivity", "Ω·cm", "§2", gt=0)
    leak_S_per_cm2: float = mli_quantity(
        1.4 / 20000, "leak conductance, all sections", "S/cm²", "§2", ge=0
    )
    leak_reversal_mV: float = mli_quantity(-65.0, "leak reversal", "mV", "§2")

    na_S_per_cm2: float = mli_quantity(1.0, "transient sodium, soma", "S/cm²", "§3.1", ge=0)
    kv_S_per_cm2: float = mli_quantity(0.6, "delayed rectifier, soma", "S/cm²", "§3.2", ge=0)
    ka_S_per_cm2: float = mli_quantity(0.1, "A-type potassium, soma", "S/cm²", "§3.3", ge=0)
    calva_S_per_cm2: float = mli_quantity(
        0.032, "low-threshold calcium, soma", "S/cm²", "§3.4", ge=0
    )
    na_reversal_mV: float = mli_quantity(60.0, "sodium reversal", "mV", "§3")
    k_reversal_mV: float = mli_quantity(-88.0, "potassium reversal", "mV", "§3")
    calva_reversal_mV: float = mli_quantity(
        0.0, "reversal of the low-threshold channel", "mV", "§3.4"
    )


class MLITypeParameters(Parameters):
    """What differs between MLI1 and MLI2."""

    distal_length_um: float = mli_quantity(180.0, "length of dendrites 4 to 11", "µm", "§1", gt=0)
    distal_compartments: int = mli_quantity(
        5,
        "compartments of each distal dendrite (the published rule, quirk included)",
        "1",
        "§1",
        gt=0,
    )
    bias_nA: float = mli_quantity(0.0305, "mean bias current", "nA", "§4")
    bias_half_range_nA: float = mli_quantity(
        0.008, "half width of its uniform distribution", "nA", "§4", ge=0
    )


MLI1 = MLITypeParameters()
MLI2 = MLITypeParameters(
    distal_length_um=100.0, distal_compartments=3, bias_nA=0.0145, bias_half_range_nA=0.004
)
