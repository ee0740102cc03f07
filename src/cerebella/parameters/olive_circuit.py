"""Size and wiring of the olivocerebellar loop."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import OURS

Count = Annotated[int, Field(ge=1)]

POPULATIONS: tuple[str, ...] = ("PF", "MF", "BC", "PC", "DCN", "IO")
"""In the order of their global ids."""

ZONES_AT_SCALE_1 = 8


_SAME_AS_CODE = "equal in that public code, of which no paper was found"
_MICROZONES = "the idea of closed microzones: appshawkes2009, person2012, uusisaari2011"


def _size(default: int, meaning: str, remark: str = _SAME_AS_CODE) -> Any:
    return quantity(default, meaning, unit="1", source="kakumanu_code", remark=remark)


class OliveCircuitParameters(Parameters):
    """Numbers of cells, and connectivity.

    A zone is a DCN cell with its PCs and IO cells.
    """

    scale: float = quantity(
        1.0, "size of the circuit, in whole zones: 1 is 8 zones", unit="1", source=OURS, gt=0
    )
    pf_per_zone: Count = _size(512, "parallel fibers for each zone")
    bc_per_zone: Count = _size(64, "basket cells for each zone")
    purkinje_per_zone: Count = _size(16, "Purkinje cells of a zone")
    io_per_zone: Count = quantity(
        2,
        "olivary cells of a zone",
        unit="1",
        source=("cbmsim", "kakumanu_code"),
        remark="8 PCs for each IO cell and one CF for each PC, as eccles1966 found",
    )

    pf_per_purkinje: Count = _size(1024, "PFs that contact a PC")
    pf_per_bc: Count = _size(512, "PFs that contact a BC")
    bc_per_purkinje: Count = _size(128, "BCs that contact a PC")
    purkinje_per_dcn: Count = _size(16, "PCs that contact a DCN; with microzones all of its zone")
    dcn_per_io: Count = _size(
        4, "DCNs that contact an IO cell with random wiring and share the weight"
    )

    wiring: Literal["microzones", "random"] = quantity(
        "microzones",
        "PC→DCN and DCN→IO within zones, or at random",
        unit="1",
        source=OURS,
        remark=f"{_MICROZONES}; random is the wiring of kakumanu_code",
    )
    gap_coupling: Literal["zone", "random"] | None = quantity(
        None,
        "coupling of IO cells within their zone, or to random partners; by default as the wiring",
        unit="1",
        source=OURS,
    )
    gap_partners: int = quantity(
        3, "partners of each IO cell with random coupling", unit="1", source=OURS, ge=0
    )

    @property
    def n_zones(self) -> int:
        """Number of zones."""
        return round(self.scale * ZONES_AT_SCALE_1)

    @property
    def random_gaps(self) -> bool:
        """Whether gap junctions connect random partners."""
        return (self.gap_coupling or self.wiring) == "random"

    @property
    def sizes(self) -> dict[str, int]:
        """Number of cells of each population."""
        per_zone = {
            "PF": self.pf_per_zone,
            "MF": 1,
            "BC": self.bc_per_zone,
            "PC": self.purkinje_per_zone,
            "DCN": 1,
            "IO": self.io_per_zone,
        }
        return {name: self.n_zones * per_zone[name] for name in POPULATIONS}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        zones = self.scale * ZONES_AT_SCALE_1
        if zones < 1 - 1e-9 or abs(zones - self.n_zones) > 1e-9:
            low = max(1, int(zones))
            near = " or ".join(f"{n / ZONES_AT_SCALE_1:g}" for n in dict.fromkeys((low, low + 1)))
            raise ValueError(
                f"scale {self.scale:g} is {zones:g} zones, and a zone cannot be divided; "
                f"scale {near} can be built"
            )
        if self.purkinje_per_zone % self.io_per_zone:
            raise ValueError(
                f"{self.purkinje_per_zone} PCs of a zone cannot be shared out equally among "
                f"{self.io_per_zone} IO cells"
            )
        if self.wiring == "microzones" and self.purkinje_per_dcn != self.purkinje_per_zone:
            raise ValueError(
                f"with microzones a DCN is contacted by the {self.purkinje_per_zone} PCs of its "
                f"zone, not by {self.purkinje_per_dcn}"
            )
        self._check_fan_ins()
        return self

    def _check_fan_ins(self) -> None:
        sizes = self.sizes
        is_random = self.wiring == "random"
        for fan_in, source, target, used in (
            (self.pf_per_purkinje, "PF", "PC", True),
            (self.pf_per_bc, "PF", "BC", True),
            (self.bc_per_purkinje, "BC", "PC", True),
            (self.purkinje_per_dcn, "PC", "DCN", True),
            (self.dcn_per_io, "DCN", "IO", is_random),
            (self.gap_partners + 1, "IO", "IO", self.random_gaps),
        ):
            if used and fan_in > sizes[source]:
                needed = -(-fan_in * self.n_zones // sizes[source]) / ZONES_AT_SCALE_1
                raise ValueError(
                    f"{sizes[source]} {source}s are too few for {fan_in} different ones at each "
                    f"{target} (scale {self.scale:g}); scale {needed:g} has enough"
                )
        if self.random_gaps and self.gap_partners * sizes["IO"] % 2:
            raise ValueError(
                f"{sizes['IO']} IO cells cannot have {self.gap_partners} gap junctions each; "
                "one of the two numbers must be even"
            )
