"""Reference statistics of the traced Purkinje cell.

It is the rat cell 19b972-1 that zang2018 and park2026 use; that it is one of the four cells of
rothhausser2001 is inferred. The tracing itself is not part of cerebella.
"""

from __future__ import annotations

from typing import NamedTuple

PATH_ORIGIN_X = 0.55
"""Where in the soma path distances start.

NEURON's ``h.distance`` starts at the center of the compartment, of ten, that holds 0.5.
"""


class TracedValue(NamedTuple):
    """One statistic of the traced cell.

    Attributes
    ----------
    label : str
        Its name in tables.
    unit : str
        Its unit; empty for a pure number.
    value : float
        Its value for the traced cell, in `unit`.
    low, high : float
        A cell outside deviates; infinite where no range is known.
    effect : str
        What it changes in the physiology of the cell (docs/morphologies.md); empty if it is not
        known to matter.
    """

    label: str
    unit: str
    value: float
    low: float = float("-inf")
    high: float = float("inf")
    effect: str = ""


def _within(label: str, unit: str, value: float, share: float, effect: str = "") -> TracedValue:
    return TracedValue(label, unit, value, value * (1 - share), value * (1 + share), effect)


_LENGTHS, _AREAS, _COUNTS, _PATHS = 0.015, 0.005, 0.05, 0.2
_COMPARTMENTS = 0.1  # the rule of 4 µm gives the traced cell itself 3 % more

TRACED: dict[str, TracedValue] = {
    "soma_length_um": _within("Soma: length", "µm", 29.296, _LENGTHS),
    "soma_area_um2": _within(
        "Soma: area", "µm²", 1634.86, 0.01, "rate of simple spikes, complex spike"
    ),
    "soma_compartments": TracedValue("Soma: compartments", "", 10),
    "ais_length_um": _within("Axon initial segment: length", "µm", 18.717, _LENGTHS),
    "ais_area_um2": _within("Axon initial segment: area", "µm²", 56.32, 0.05),
    "ais_compartments": TracedValue("Axon initial segment: compartments", "", 10),
    "smooth_sections": _within("Smooth dendrite: sections", "", 30, _COUNTS),
    "smooth_length_um": _within(
        "Smooth dendrite: length", "µm", 379.098, _LENGTHS, "places of climbing fiber synapses"
    ),
    "smooth_area_um2": _within("Smooth dendrite: area", "µm²", 3429.92, _AREAS),
    "smooth_compartments": TracedValue("Smooth dendrite: compartments", "", 99),
    "smooth_diameter_um": TracedValue(
        "Smooth dendrite: mean diameter", "µm", 2.861, effect="rate of simple spikes, if larger"
    ),
    "smooth_diameter_25_um": TracedValue("Smooth dendrite: diameter, 25 %", "µm", 2.53),
    "smooth_diameter_50_um": TracedValue("Smooth dendrite: diameter, 50 %", "µm", 2.80),
    "smooth_diameter_75_um": TracedValue("Smooth dendrite: diameter, 75 %", "µm", 3.00),
    "smooth_path_median_um": TracedValue("Smooth dendrite: path distance, median", "µm", 79.6),
    "smooth_path_max_um": TracedValue("Smooth dendrite: path distance, greatest", "µm", 173.8),
    "spiny_sections": _within("Spiny dendrite: sections", "", 1105, _COUNTS),
    "spiny_length_um": _within(
        "Spiny dendrite: length",
        "µm",
        9474.483,
        _LENGTHS,
        "number of parallel fiber contacts and MLI sites",
    ),
    "spiny_area_um2": _within("Spiny dendrite: area", "µm²", 33083.17, _AREAS),
    "spiny_compartments": _within("Spiny dendrite: compartments", "", 2356, _COMPARTMENTS),
    "spiny_diameter_um": TracedValue("Spiny dendrite: mean diameter", "µm", 1.110),
    "spiny_diameter_5_um": TracedValue("Spiny dendrite: diameter, 5 %", "µm", 0.48),
    "spiny_diameter_25_um": TracedValue("Spiny dendrite: diameter, 25 %", "µm", 0.60),
    "spiny_diameter_50_um": TracedValue("Spiny dendrite: diameter, 50 %", "µm", 1.20),
    "spiny_diameter_75_um": TracedValue("Spiny dendrite: diameter, 75 %", "µm", 1.41),
    "spiny_diameter_95_um": TracedValue("Spiny dendrite: diameter, 95 %", "µm", 1.92),
    "spiny_thin_share_percent": TracedValue(
        "Spiny dendrite: compartments < 0.75 µm, of those < 1.5",
        "%",
        52,
        45,
        60,
        "calcium after the climbing fiber",
    ),
    "spiny_section_length_median_um": TracedValue(
        "Spiny dendrite: length of a section, median", "µm", 7.04
    ),
    "spiny_path_mean_um": TracedValue("Spiny dendrite: path distance, mean", "µm", 164.7),
    "spiny_path_max_um": TracedValue("Spiny dendrite: path distance, greatest", "µm", 280.7),
    "spiny_length_50_100_um": _within(
        "Spiny length at a path of 50–100 µm", "µm", 730, _PATHS, "dendrite without calcium spikes"
    ),
    "spiny_length_100_150_um": _within(
        "Spiny length at a path of 100–150 µm", "µm", 3605, _PATHS, "extent of calcium spikes"
    ),
    "spiny_length_150_200_um": _within("Spiny length at a path of 150–200 µm", "µm", 3003, _PATHS),
    "spiny_length_200_250_um": _within("Spiny length at a path of 200–250 µm", "µm", 1748, _PATHS),
    "spiny_length_250_300_um": TracedValue("Spiny length at a path of 250–300 µm", "µm", 388),
    "spiny_diameter_50_100_um": TracedValue("Mean diameter there, 50–100 µm", "µm", 1.41),
    "spiny_diameter_100_150_um": TracedValue("Mean diameter there, 100–150 µm", "µm", 1.23),
    "spiny_diameter_150_200_um": TracedValue("Mean diameter there, 150–200 µm", "µm", 0.98),
    "spiny_diameter_200_250_um": TracedValue("Mean diameter there, 200–250 µm", "µm", 1.01),
    "spiny_diameter_250_300_um": TracedValue("Mean diameter there, 250–300 µm", "µm", 0.87),
    "branch_points": _within("Dendrite: branch points", "", 567, _COUNTS),
    "branch_points_not_binary": _within("Dendrite: branch points that are not binary", "", 0, 0),
    "tips": _within("Dendrite: tips", "", 568, _COUNTS),
    "branch_order_mean": TracedValue("Spiny dendrite: sections to the soma, mean", "", 13.2),
    "branch_order_max": TracedValue("Spiny dendrite: sections to the soma, most", "", 23),
    "width_um": TracedValue("Dendrite: extent in x", "µm", 224),
    "height_um": TracedValue("Dendrite: extent in y", "µm", 252),
    "depth_um": TracedValue("Dendrite: extent in z", "µm", 19),
    "compartments": _within("Compartments", "", 2475, _COMPARTMENTS),
    "capacitance_pF": _within(
        "Capacitance, spines included", "pF", 1159, 0.01, "conductance of the climbing fiber"
    ),
    "leak_nS": _within("Leak conductance, spines included", "nS", 15.06, 0.01),
    "impedance_500Hz_MOhm": TracedValue(
        "Impedance of the soma at 500 Hz", "MΩ", 6.64, 6.4, 7.0, "interval between simple spikes"
    ),
    "impedance_0Hz_MOhm": TracedValue("Impedance of the soma at 0 Hz", "MΩ", 74.8),
}
"""By the key of `MorphologyStatistics.values`, in the order of tables."""
