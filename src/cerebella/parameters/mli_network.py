"""Parameters of the generator of molecular layer networks.

A network is drawn from these numbers: the numbers of cells and of their synapses, and the
statistics of the connectome that was measured by electron microscopy (EM). The published synaptic
table is public, in the repository of the published network run, but is not part of this package.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters
from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import CHOSEN_BY_PARK, OURS

SYNCHRONOUS_CF_TIMES_MS = (
    *(150.0, 150.6840, 154.0252, 147.6549),
    *(145.2733, 152.2365, 151.3597, 151.7254),
)
BACKGROUND_CF_TIMES_MS = (
    *(35.3269, 34.4205, 34.9805, 76.1444, 78.4364, 115.3056, 184.5083),
    *(217.1453, 224.5786, 255.5225, 257.1848, 289.2701, 287.8399, 293.5122),
)

Dendrite = Annotated[int, Field(ge=0, le=11)]
Count = Annotated[int, Field(ge=0)]
Time_ms = Annotated[float, Field(ge=0, lt=10_000)]


_SIZE = "model size of the published network; its derivation from EM was not found"
_CELL_TABLE = "number in the published cell classes; its derivation from EM was not found"
_EM = "EM, mean of 20 MLI1 and 6 MLI2"
_PROPORTIONS = "counted in the published table of gap junctions; alcami2013 finds 1 to 4 neighbors"
_CF_TIMES = "no measurement named; compare ozden2009, degruijl2014, armstrong1979"


def _cells(default: int, meaning: str) -> Any:
    return quantity(default, meaning, unit="1", source="park2026", remark=_SIZE)


def _synapses(default: int, meaning: str) -> Any:
    return quantity(default, meaning, unit="1", source="park2026", remark=_CELL_TABLE)


def _per_pair(default: float, pair: str) -> Any:
    meaning = f"synapses of a connected pair {pair} (mean)"
    return quantity(default, meaning, unit="1", source="park2026", remark=_EM, ge=1)


class MLINetworkParameters(Parameters):
    """Numbers of cells and synapses, and locations of synapses and gap junctions.

    Numbers of cells are those at scale 1; all others are per cell and hold at any scale.

    Examples
    --------
    >>> cb.MLINetworkParameters(n_cf=30).n_cf
    30
    """

    n_mli1: Count = _cells(208, "MLI1 cells")
    n_mli2: Count = _cells(59, "MLI2 cells")
    n_pf_pc_mli1: Count = _cells(3679, "PFs that contact PC and MLI1")
    n_pf_pc_mli2: Count = _cells(2943, "PFs that contact PC and MLI2")
    n_pf_pc_mli1_mli2: Count = _cells(368, "PFs that contact PC, MLI1 and MLI2")
    n_pf_mli1_mli2: Count = _cells(368, "PFs that contact MLI1 and MLI2")
    n_pf_mli1: Count = _cells(8830, "PFs that contact MLI1 only")
    n_pf_mli2: Count = _cells(5151, "PFs that contact MLI2 only")
    n_cf: Count = _cells(22, "climbing fibers")

    pf_synapses_per_mli1: Count = _synapses(645, "PF synapses of an MLI1, each from a different PF")
    pf_synapses_per_mli2: Count = _synapses(460, "PF synapses of an MLI2, each from a different PF")
    inhibitory_synapses_per_mli1: Count = _synapses(
        43, "synapses of an MLI1 from MLIs of both types"
    )
    inhibitory_synapses_per_mli2: Count = _synapses(
        23, "synapses of an MLI2 from MLIs of both types"
    )
    mli2_synapses_per_mli1: float = quantity(
        12.8,
        "of these, synapses of an MLI1 from MLI2s (mean)",
        unit="1",
        source=("park2026", OURS),
        remark=f"{_EM}; that the model has the same number is a choice of this package",
        ge=0,
    )
    mli2_synapses_per_mli2: float = quantity(
        1.83,
        "of these, synapses of an MLI2 from MLI2s (mean)",
        unit="1",
        source=("park2026", OURS),
        remark=f"{_EM}; that the model has the same number is a choice of this package",
        ge=0,
    )
    synapses_per_pair_mli1_to_mli1: float = _per_pair(1.59, "MLI1→MLI1")
    synapses_per_pair_mli1_to_mli2: float = _per_pair(1.45, "MLI1→MLI2")
    synapses_per_pair_mli2_to_mli1: float = _per_pair(4.74, "MLI2→MLI1")
    synapses_per_pair_mli2_to_mli2: float = _per_pair(2.20, "MLI2→MLI2")

    cf_contact_dendrites: tuple[Dendrite, ...] = quantity(
        (0, 1, 2, 3),
        "dendrites of an MLI2 that have one CF synapse each",
        unit="index",
        source=CHOSEN_BY_PARK,
        remark="EM counts 8 CF synapses per MLI2, from 3.5 CFs",
    )
    cf_contact_x: float = quantity(
        0.5,
        "position of a CF synapse on its dendrite",
        unit="relative",
        source=CHOSEN_BY_PARK,
        ge=0,
        le=1,
    )

    gap_degree_counts: tuple[Count, ...] = quantity(
        (0, 4, 2, 15, 32, 155),
        "MLI1s coupled to 0, 1, 2, … others; only the proportions matter",
        unit="1",
        source="park2026",
        remark=_PROPORTIONS,
        min_length=1,
    )
    gap_dendrites: tuple[Dendrite, ...] = quantity(
        tuple(range(4, 12)),
        "dendrites that may have gap junctions",
        unit="index",
        source=CHOSEN_BY_PARK,
        min_length=1,
    )
    gap_x_range: tuple[float, float] = quantity(
        (0.6, 1.0),
        "positions of gap junctions, uniform",
        unit="relative",
        source=CHOSEN_BY_PARK,
    )

    proximal_length_um: float = quantity(
        MLICellParameters().proximal_length_um,
        "length of dendrites 0 to 3",
        unit="µm",
        source=CHOSEN_BY_PARK,
        ge=0,
    )
    mli1_distal_length_um: float = quantity(
        MLI1.distal_length_um,
        "length of dendrites 4 to 11 of an MLI1",
        unit="µm",
        source=CHOSEN_BY_PARK,
        gt=0,
    )
    mli2_distal_length_um: float = quantity(
        MLI2.distal_length_um,
        "length of dendrites 4 to 11 of an MLI2",
        unit="µm",
        source=CHOSEN_BY_PARK,
        gt=0,
    )

    cf_times_ms: tuple[Time_ms, ...] = quantity(
        SYNCHRONOUS_CF_TIMES_MS + BACKGROUND_CF_TIMES_MS,
        "CF spike times; with another number n of CFs, CF j takes entry floor(22 j / n)",
        unit="ms",
        source=CHOSEN_BY_PARK,
        remark=_CF_TIMES,
        min_length=1,
    )
    cf_joining_order: tuple[Count, ...] = quantity(
        (0, 1, 4, 5, 2, 3, 6, 7),
        "entries of cf_times_ms in the order in which higher synchrony levels add them",
        unit="index",
        source=CHOSEN_BY_PARK,
        remark=_CF_TIMES,
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for target in ("mli1", "mli2"):
            part = getattr(self, f"mli2_synapses_per_{target}")
            whole = getattr(self, f"inhibitory_synapses_per_{target}")
            if part > whole:
                raise ValueError(
                    f"mli2_synapses_per_{target} = {part:g} is more than "
                    f"inhibitory_synapses_per_{target} = {whole}, of which it is a part"
                )
        low, high = self.gap_x_range
        if not 0 <= low <= high <= 1:
            raise ValueError(f"gap_x_range = ({low:g}, {high:g}) is not a range within 0 to 1")
        if not sum(self.gap_degree_counts):
            raise ValueError("gap_degree_counts are all 0; give (1,) for no gap junctions")
        if len(set(self.cf_joining_order)) < len(self.cf_joining_order):
            raise ValueError("cf_joining_order names an entry twice")
        if max(self.cf_joining_order, default=0) >= len(self.cf_times_ms):
            raise ValueError(f"cf_times_ms has no entry {max(self.cf_joining_order)}")
        return self
