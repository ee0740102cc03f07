"""Passive membrane of the Purkinje cell (purkinje-cell specification §1)."""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, purkinje_quantity


class PurkinjeMembraneParameters(Parameters):
    """Capacitance and leak of a smooth membrane, and how spines add to both."""

    capacitance_uF_per_cm2: float = purkinje_quantity(
        0.64, "specific capacitance", "µF/cm²", "§1", gt=0
    )
    leak_S_per_cm2: float = purkinje_quantity(1 / 120236, "leak conductance", "S/cm²", "§1", gt=0)
    axial_resistivity_ohm_cm: float = purkinje_quantity(
        120.0, "axial resistivity", "Ω·cm", "§1", gt=0
    )
    smooth_spine_factor: float = purkinje_quantity(
        1.2, "times capacitance and leak of the smooth dendrite", "1", "§1", gt=0
    )
    spiny_spine_factor: float = purkinje_quantity(
        5.3, "times capacitance and leak of the spiny dendrite", "1", "§1", gt=0
    )

    def spine_factor(self, region: str) -> float:
        """Return what multiplies capacitance and leak in a region."""
        return {"smooth": self.smooth_spine_factor, "spiny": self.spiny_spine_factor}.get(
            region, 1.0
        )
