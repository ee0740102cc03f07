"""Passive membrane of the Purkinje cell."""

from __future__ import annotations

from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK

_ROTH = "that it comes from this paper is inferred: within its range for four cells"


class PurkinjeMembraneParameters(Parameters):
    """Capacitance and leak of a smooth membrane, and the contribution of spines."""

    capacitance_uF_per_cm2: float = quantity(
        0.64,
        "specific capacitance",
        unit="µF/cm²",
        source=("zang2018", "rothhausser2001"),
        remark=f"{_ROTH}, 0.64 to 1.00",
        gt=0,
    )
    leak_S_per_cm2: float = quantity(
        1 / 120236,
        "leak conductance",
        unit="S/cm²",
        source=("zang2018", "rothhausser2001"),
        remark=f"{_ROTH}, 98 to 141 kΩ·cm²",
        gt=0,
    )
    axial_resistivity_ohm_cm: float = quantity(
        120.0,
        "axial resistivity",
        unit="Ω·cm",
        source=("zang2018", "rothhausser2001"),
        remark=f"{_ROTH}, 93 to 142",
        gt=0,
    )
    smooth_spine_factor: float = quantity(
        1.2,
        "factor of capacitance and leak of the smooth dendrite",
        unit="1",
        source=CHOSEN_BY_PARK,
        remark="compare rapp1994, harris1988",
        gt=0,
    )
    spiny_spine_factor: float = quantity(
        5.3,
        "factor of capacitance and leak of the spiny dendrite",
        unit="1",
        source=CHOSEN_BY_PARK,
        remark="compare rapp1994, harris1988",
        gt=0,
    )

    def spine_factor(self, region: str) -> float:
        """Return the factor of capacitance and leak in a region.

        Parameters
        ----------
        region : str
            ``"soma"``, ``"ais"``, ``"smooth"`` or ``"spiny"``.

        Returns
        -------
        float
            The factor, 1 where there are no spines.
        """
        return {"smooth": self.smooth_spine_factor, "spiny": self.spiny_spine_factor}.get(
            region, 1.0
        )
