"""A Purkinje cell in NEURON: sections, passive membrane, channels and calcium by region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.parameters.purkinje_cell import PurkinjeCellParameters
from cerebella.purkinje.channels import parameter_of
from cerebella.purkinje.kinetic_schemes import MSLO, NARSG, SK2_DENSITY, SK2_MECHANISM
from cerebella.purkinje.own_channels import channels_of

_SCHEMES = (
    *((ladder.density, ladder.mechanism, "gmax") for ladder in (NARSG, MSLO)),
    (SK2_DENSITY, SK2_MECHANISM, "gmax"),
)


def mechanisms_in(region: str, cell: PurkinjeCellParameters) -> Iterator[tuple[str, str, float]]:
    """Yield mechanism, parameter and value of the channels of a region."""
    gated = (
        (density, channel.mechanism, parameter_of(channel.name, density))
        for channel in channels_of(cell)
        for density in channel.densities
    )
    for field, mechanism, parameter in (*gated, *_SCHEMES):
        if density := cell.of_region(region).density(field):
            yield mechanism, parameter, density
    for name, one in cell.mechanisms.items():
        for parameter, value in cell.of_region(region).values_of(name, one.parameters).items():
            yield name, parameter, value


def build_sections(h: Any, morphology: Morphology) -> list[Any]:
    """Create and connect the sections of a cell in the order of the morphology."""
    sections = [h.Section(name=name) for name in morphology.section_names]
    for index, section in enumerate(sections):
        for x, y, z, diameter in morphology.points_of(index).tolist():
            section.pt3dadd(x, y, z, diameter)
        section.nseg = int(morphology.n_compartments[index])
        parent = int(morphology.parents[index])
        if parent >= 0:
            section.connect(sections[parent](float(morphology.parent_ends[index])), 0)
    return sections


def insert_membrane(section: Any, region: str, parameters: PurkinjeCellParameters) -> None:
    """Insert the membrane mechanisms of a region into a section."""
    own = parameters.of_region(region)
    membrane, spines = parameters.membrane, parameters.membrane.spine_factor(region)
    section.Ra = membrane.axial_resistivity_ohm_cm
    section.cm = spines * membrane.capacitance_uF_per_cm2
    section.insert("pas")
    section.g_pas = spines * membrane.leak_S_per_cm2
    section.e_pas = parameters.leak_reversal_mV
    insert_calcium(section, region)
    for mechanism, parameter, density in mechanisms_in(region, parameters):
        section.insert(mechanism)
        setattr(section, f"{parameter}_{mechanism}", density)
    if section.has_membrane("k_ion"):
        section.ek = parameters.k_reversal_mV
    for channel in channels_of(parameters):
        if channel.carrier == "h" and section.has_membrane(channel.mechanism):
            setattr(section, f"e_{channel.mechanism}", parameters.h_reversal_mV)
    if own.narsg_S_per_cm2:
        section.shift_a_pc_narsg = own.narsg_shift_a_mV
        section.shift_k_pc_narsg = own.narsg_shift_k_mV
        section.shift_i_pc_narsg = own.narsg_shift_i_mV
    if section.has_membrane("na_ion"):
        section.ena = parameters.na_reversal_mV


def insert_calcium(section: Any, region: str) -> None:
    """Insert the calcium pool of a region, with its outer shell as the `cai` seen by channels."""
    pool = f"calcium_{region}"
    section.insert(pool)
    section.insert("calcium_to_ion")
    for segment in section:
        segment.calcium_to_ion._ref_shell = getattr(segment, pool)._ref_outer_shell
        segment.calcium_to_ion._ref_ion = segment._ref_cai


def build_purkinje_cell(
    h: Any, morphology: Morphology, parameters: PurkinjeCellParameters
) -> list[Any]:
    """Build the whole cell and return its sections, which must be kept while it is in use."""
    sections = build_sections(h, morphology)
    for section, region in zip(sections, morphology.regions.tolist(), strict=True):
        insert_membrane(section, REGIONS[region], parameters)
    return sections
