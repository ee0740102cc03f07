"""How a molecular layer network is generated (mli-network specification §7, §8.1, §11, §12).

A network is drawn from these numbers: how many cells there are, how many synapses each has, and
the statistics of the connectome measured by electron microscopy (EM). The published synaptic
table is public, in the repository of the published network run, but is no part of this package.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from cerebella.parameters.mli_cell import MLI1, MLI2, MLICellParameters
from cerebella.parameters.quantity import Parameters, mli_quantity

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


class MLINetworkParameters(Parameters):
    """Numbers of cells and synapses, and where synapses and gap junctions lie.

    Numbers of cells are those at scale 1; all others are per cell and hold at any scale.
    """

    n_mli1: Count = mli_quantity(208, "MLI1 cells", "1", "§7")
    n_mli2: Count = mli_quantity(59, "MLI2 cells", "1", "§7")
    n_pf_pc_mli1: Count = mli_quantity(3679, "PFs that contact PC and MLI1", "1", "§7")
    n_pf_pc_mli2: Count = mli_quantity(2943, "PFs that contact PC and MLI2", "1", "§7")
    n_pf_pc_mli1_mli2: Count = mli_quantity(368, "PFs that contact PC, MLI1 and MLI2", "1", "§7")
    n_pf_mli1_mli2: Count = mli_quantity(368, "PFs that contact MLI1 and MLI2", "1", "§7")
    n_pf_mli1: Count = mli_quantity(8830, "PFs that contact MLI1 only", "1", "§7")
    n_pf_mli2: Count = mli_quantity(5151, "PFs that contact MLI2 only", "1", "§7")
    n_cf: Count = mli_quantity(22, "climbing fibers", "1", "§7")

    pf_synapses_per_mli1: Count = mli_quantity(
        645, "PF synapses of an MLI1, each from another PF", "1", "§7"
    )
    pf_synapses_per_mli2: Count = mli_quantity(
        460, "PF synapses of an MLI2, each from another PF", "1", "§7"
    )
    inhibitory_synapses_per_mli1: Count = mli_quantity(
        43, "synapses of an MLI1 from MLIs of both types", "1", "§7"
    )
    inhibitory_synapses_per_mli2: Count = mli_quantity(
        23, "synapses of an MLI2 from MLIs of both types", "1", "§7"
    )
    mli2_synapses_per_mli1: float = mli_quantity(
        12.8, "of these, synapses of an MLI1 from MLI2s (mean)", "1", "§12", ge=0
    )
    mli2_synapses_per_mli2: float = mli_quantity(
        1.83, "of these, synapses of an MLI2 from MLI2s (mean)", "1", "§12", ge=0
    )
    synapses_per_pair_mli1_to_mli1: float = mli_quantity(
        1.59, "synapses of a connected pair MLI1→MLI1 (mean)", "1", "§11", ge=1
    )
    synapses_per_pair_mli1_to_mli2: float = mli_quantity(
        1.45, "synapses of a connected pair MLI1→MLI2 (mean)", "1", "§11", ge=1
    )
    synapses_per_pair_mli2_to_mli1: float = mli_quantity(
        4.74, "synapses of a connected pair MLI2→MLI1 (mean)", "1", "§11", ge=1
    )
    synapses_per_pair_mli2_to_mli2: float = mli_quantity(
        2.20, "synapses of a connected pair MLI2→MLI2 (mean)", "1", "§11", ge=1
    )

    cf_contact_dendrites: tuple[Dendrite, ...] = mli_quantity(
        (0, 1, 2, 3), "dendrites of an MLI2 that have one CF synapse each", "index", "§12"
    )
    cf_contact_x: float = mli_quantity(
        0.5, "position of a CF synapse on its dendrite", "relative", "§12", ge=0, le=1
    )

    gap_degree_counts: tuple[Count, ...] = mli_quantity(
        (0, 4, 2, 15, 32, 155),
        "MLI1 cells that are coupled to 0, 1, 2, … others; only the proportions matter",
        "1",
        "§6",
        min_length=1,
    )
    gap_dendrites: tuple[Dendrite, ...] = mli_quantity(
        tuple(range(4, 12)), "dendrites that may have gap junctions", "index", "§6", min_length=1
    )
    gap_x_range: tuple[float, float] = mli_quantity(
        (0.6, 1.0), "positions of gap junctions, uniform", "relative", "§6"
    )

    proximal_length_um: float = mli_quantity(
        MLICellParameters().proximal_length_um, "length of dendrites 0 to 3", "µm", "§1", ge=0
    )
    mli1_distal_length_um: float = mli_quantity(
        MLI1.distal_length_um, "length of dendrites 4 to 11 of an MLI1", "µm", "§1", gt=0
    )
    mli2_distal_length_um: float = mli_quantity(
        MLI2.distal_length_um, "length of dendrites 4 to 11 of an MLI2", "µm", "§1", gt=0
    )

    cf_times_ms: tuple[Time_ms, ...] = mli_quantity(
        SYNCHRONOUS_CF_TIMES_MS + BACKGROUND_CF_TIMES_MS,
        "CF spike times; with another number n of CFs, CF j takes entry floor(22 j / n)",
        "ms",
        "§8.1",
        min_length=1,
    )
    cf_joining_order: tuple[Count, ...] = mli_quantity(
        (0, 1, 4, 5, 2, 3, 6, 7),
        "entries of cf_times_ms in the order in which higher synchrony levels add them",
        "index",
        "§8.1",
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
            raise ValueError(f"gap_x_range = ({low:g}, {high:g}) is no range within 0 to 1")
        if not sum(self.gap_degree_counts):
            raise ValueError("gap_degree_counts are all 0; give (1,) for no gap junctions")
        if len(set(self.cf_joining_order)) < len(self.cf_joining_order):
            raise ValueError("cf_joining_order names an entry twice")
        if max(self.cf_joining_order, default=0) >= len(self.cf_times_ms):
            raise ValueError(f"cf_times_ms has no entry {max(self.cf_joining_order)}")
        return self
