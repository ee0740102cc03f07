"""Parameters of the generator of Purkinje-like morphologies.

The generator is of this package. Sizes and counts are those of the traced cell that zang2018 and
park2026 use. The outline, the weighting of twigs and the variation of diameters were adjusted until
the generated cells had its path distances, its share of thin compartments and its impedance.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from cerebella.parameters.quantity import Parameters, quantity
from cerebella.parameters.source import OURS

Length_um = Annotated[float, Field(gt=0)]
Range_um = tuple[Length_um, Length_um]


_TRACED = "measured on the traced cell; that it is a cell of rothhausser2001 is inferred"


def _chosen(default: Any, meaning: str, unit: str, **constraints: Any) -> Any:
    return quantity(default, meaning, unit=unit, source=OURS, **constraints)


def _traced(default: Any, meaning: str, unit: str, **constraints: Any) -> Any:
    source = ("zang2018", "rothhausser2001")
    return quantity(default, meaning, unit=unit, source=source, remark=_TRACED, **constraints)


def _adjusted(default: Any, meaning: str, unit: str, **constraints: Any) -> Any:
    remark = "adjusted to the statistics of the traced cell"
    return quantity(default, meaning, unit=unit, source=OURS, remark=remark, **constraints)


class PurkinjeMorphologyParameters(Parameters):
    """Outline, trees and diameters of a generated cell.

    Examples
    --------
    >>> cb.PurkinjeMorphologyParameters(n_tips=300).n_tips
    300
    """

    soma_length_um: float = _traced(29.3, "length of the soma, along y", "µm", gt=0)
    soma_compartments: int = _traced(10, "compartments of the soma", "1", ge=1)
    ais_length_um: float = _traced(18.7, "length of the axon initial segment", "µm", gt=0)
    ais_compartments: int = _traced(10, "compartments of the axon initial segment", "1", ge=1)
    compartment_length_um: float = _chosen(
        4.0, "approximate length of dendritic compartments", "µm", gt=0
    )

    outline_center_y_um: float = _adjusted(106.0, "center of the outline above the soma's", "µm")
    outline_half_width_um: float = _adjusted(136.0, "half axis of the outline in x", "µm", gt=0)
    outline_half_height_um: float = _adjusted(146.0, "half axis of the outline in y", "µm", gt=0)
    lobe_depth: float = _adjusted(
        0.23, "depth of lobes, as a share of the radius", "1", ge=0, lt=0.5
    )
    n_lobe_orders: int = _adjusted(6, "harmonics of the lobes, from the second on", "1", ge=1)
    turn_range_deg: tuple[float, float] = _chosen(
        (15.0, 25.0), "turn of the arbor, to either side", "°"
    )
    edge_sd: float = _adjusted(
        0.05, "raggedness of the outline, as a share of the radius", "1", ge=0
    )
    edge_wavelength_range_um: Range_um = _adjusted((14.0, 40.0), "wavelengths of this", "µm")
    gap_threshold_sd: float = _adjusted(
        1.6, "threshold of a random field above which there is no dendrite", "sd"
    )
    gap_wavelength_range_um: Range_um = _adjusted((20.0, 60.0), "wavelengths of this field", "µm")
    soma_clearance_um: float = _adjusted(
        46.0, "minimum distance of the spiny dendrite from the soma", "µm", ge=0
    )

    lattice_jitter: float = _adjusted(
        0.25, "sd of carrier points about their lattice, in spacings", "1", ge=0
    )
    n_waves: int = _chosen(8, "plane waves of a random field", "1", ge=1)
    depth_wavelength_range_um: Range_um = _chosen((25.0, 70.0), "wavelengths of z", "µm")
    depth_wave_sd_um: float = _adjusted(1.7, "sd of z by waves", "µm", ge=0)
    depth_noise_sd_um: float = _chosen(0.9, "sd of z by independent noise", "µm", ge=0)
    depth_tilt_sd: float = _chosen(0.025, "sd of the slope of z along x", "1", ge=0)

    n_smooth_targets: int = _chosen(
        8, "parts of the arbor targeted by the smooth dendrite", "1", ge=2
    )
    n_smooth_sections: int = _traced(30, "smooth sections", "1", ge=1)
    smooth_length_um: float = _traced(379.1, "length of the smooth dendrite", "µm", gt=0)
    trunk_length_um: float = _chosen(26.0, "length of the trunk", "µm", gt=0)
    bow_sd: float = _chosen(0.06, "sd of the bow of a run, as a share of its length", "1", ge=0)
    depth_bow_sd: float = _adjusted(0.03, "sd of its bow in z", "1", ge=0)
    smooth_path_cost: float = _chosen(
        0.45, "cost of 1 µm of path, in the smooth dendrite", "1", ge=0
    )

    path_cost: float = _adjusted(0.16, "cost of 1 µm of path, in a spiny subtree", "1", ge=0)
    smooth_path_share: float = _chosen(0.5, "of which for 1 µm of smooth path before it", "1", ge=0)
    n_head_start_rounds: int = _chosen(14, "rounds in which every subtree takes a point", "1", ge=0)
    n_tips: int = _traced(568, "tips of the spiny dendrite", "1", ge=1)
    spiny_length_um: float = _traced(9474.5, "length of the spiny dendrite", "µm", gt=0)
    first_spacing_um: float = _adjusted(2.25, "initial spacing of carriers", "µm", gt=0)
    length_by_path_um: tuple[float, ...] = _traced(
        (730.0, 3605.0, 3003.0, 1748.0, 388.0),
        "spiny length at a path of 50–100, 100–150, … from the soma's middle",
        "µm",
        min_length=1,
    )
    first_worth_by_path: tuple[float, ...] = _adjusted(
        (0.45, 1.6, 0.8, 0.85, 1.5),
        "worth of 1 µm of twig there, when twigs are pruned; then adjusted to each cell",
        "1",
    )

    trunk_diameter_um: float = _traced(3.15, "diameter of the trunk", "µm", gt=0)
    smooth_area_um2: float = _traced(3430.0, "area of the smooth dendrite", "µm²", gt=0)
    smooth_diameter_range_um: Range_um = _traced((1.8, 4.9), "range of smooth diameters", "µm")
    smooth_tips_power: float = _chosen(0.06, "power of the number of distal tips", "1")
    smooth_section_sd: float = _adjusted(0.18, "sd of the logarithm of smooth diameters", "1", ge=0)
    smooth_child_limit: float = _chosen(
        1.1, "maximum ratio of a diameter to the preceding one", "1", gt=0
    )
    proximal_length_um: float = _adjusted(
        40.0, "range over which the fork's branches are thicker", "µm", gt=0
    )
    proximal_range: tuple[float, float] = _adjusted(
        (0.5, 4.0), "range of the factor of their diameter", "1"
    )
    impedance_500Hz_MOhm: float = _chosen(
        6.65, "impedance of the soma at 500 Hz, by this factor", "MΩ", gt=0
    )

    spiny_area_um2: float = _traced(33083.0, "area of the spiny dendrite", "µm²", gt=0)
    spiny_tips_power: float = _chosen(0.27, "power of the number of distal tips, at most 20", "1")
    spiny_path_decay_per_um: float = _adjusted(0.0018, "decay of diameters along the path", "1/µm")
    subtree_sd: float = _adjusted(
        0.2, "sd of the logarithm of diameters between subtrees", "1", ge=0
    )
    spiny_section_sd: float = _chosen(
        0.35, "and between sections; half of it from 4 tips on", "1", ge=0
    )
    spiny_child_limit: float = _chosen(
        1.05, "maximum ratio of a diameter to the preceding one", "1", gt=0
    )
    spiny_diameter_quantiles_um: tuple[Length_um, ...] = _adjusted(
        (
            *(0.30, 0.42, 0.50, 0.56, 0.60, 0.64, 0.67, 0.70, 0.74, 0.88, 1.10),
            *(1.22, 1.30, 1.36, 1.42, 1.48, 1.57, 1.72, 1.85, 2.00, 3.00),
        ),
        "quantiles of spiny diameters, by length, before scaling",
        "µm",
        min_length=2,
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.first_worth_by_path) != len(self.length_by_path_um):
            raise ValueError(
                f"first_worth_by_path has {len(self.first_worth_by_path)} values, "
                f"length_by_path_um {len(self.length_by_path_um)}"
            )
        return self
