"""One molecular layer interneuron (MLI) in NEURON: sections, channels and bias current."""

from __future__ import annotations

from typing import Any, NamedTuple

from cerebella.molecular_layer.channels import CHANNELS
from cerebella.molecular_layer.own_channels import own_channels_of
from cerebella.network.cell_types import N_DENDRITES
from cerebella.parameters.mli_simulation import MLIParameters

N_PROXIMAL = 4
"""Dendrites 0 to 3 are attached to the soma; each has two of the dendrites 4 to 11."""


class MLICell(NamedTuple):
    """Sections and current clamp of one MLI, which exist as long as this value.

    Attributes
    ----------
    soma : nrn.Section
        The soma.
    dendrites : tuple of nrn.Section
        The twelve dendrites.
    bias : hoc.HocObject
        The current clamp of the bias current.
    """

    soma: Any
    dendrites: tuple[Any, ...]
    bias: Any


def compartments_of_dendrites(parameters: MLIParameters, population: str) -> tuple[int, ...]:
    """Return the number of compartments of each dendrite.

    Parameters
    ----------
    parameters : MLIParameters
        Parameters of the model.
    population : str
        ``"MLI1"`` or ``"MLI2"``.

    Returns
    -------
    tuple of int
        Twelve numbers.
    """
    distal = parameters.of_type(population).distal_compartments
    return (1,) * N_PROXIMAL + (distal,) * (N_DENDRITES - N_PROXIMAL)


def build_mli(
    h: Any, population: str, parameters: MLIParameters, *, bias_nA: float, name: str = "mli"
) -> MLICell:
    """Build a complete cell.

    Parameters
    ----------
    h : hoc.HocObject
        NEURON's interpreter with the mechanisms loaded.
    population : str
        ``"MLI1"`` or ``"MLI2"``.
    parameters : MLIParameters
        Parameters of the model.
    bias_nA : float
        Constant current into the soma from t = 0, in nA.
    name : str
        Stem of the names of the sections.

    Returns
    -------
    MLICell
        The cell.
    """
    cell, of_type = parameters.cell, parameters.of_type(population)
    soma = h.Section(name=f"{name}.soma")
    soma.L, soma.diam = cell.soma_length_um, cell.soma_diameter_um
    dendrites = tuple(h.Section(name=f"{name}.dendrite{k}") for k in range(N_DENDRITES))
    compartments = compartments_of_dendrites(parameters, population)
    for k, (dendrite, nseg) in enumerate(zip(dendrites, compartments, strict=True)):
        proximal = k < N_PROXIMAL
        dendrite.L = cell.proximal_length_um if proximal else of_type.distal_length_um
        dendrite.diam = cell.dendrite_diameter_um
        dendrite.nseg = nseg
        if proximal:
            dendrite.connect(soma(0 if k < 2 else 1))
        else:
            dendrite.connect(dendrites[(k - N_PROXIMAL) // 2](1))
    for section in (soma, *dendrites):
        section.cm = cell.membrane_capacitance_uF_per_cm2
        section.Ra = cell.axial_resistivity_ohm_cm
        section.insert("pas")
        section.g_pas = cell.leak_S_per_cm2
        section.e_pas = cell.leak_reversal_mV
    _insert_channels(soma, population, parameters)
    bias = h.IClamp(soma(0.5))
    bias.delay, bias.dur, bias.amp = 0.0, 1e9, bias_nA
    return MLICell(soma, dendrites, bias)


def _insert_channels(soma: Any, population: str, parameters: MLIParameters) -> None:
    cell = parameters.cell
    ours = {channel.mechanism: channel.name for channel in CHANNELS}
    densities = {name: getattr(cell, f"{channel}_S_per_cm2") for name, channel in ours.items()}
    own = own_channels_of(cell)
    for channel in own:
        densities[channel.mechanism] = parameters.own_density(population, channel.name)
    for mechanism, gmax in densities.items():
        soma.insert(mechanism)
        setattr(soma, f"gmax_{mechanism}", gmax)
    for name, one in cell.mechanisms.items():
        values = parameters.of_type(population).values_of(name, one.parameters)
        if values:
            soma.insert(name)
        for parameter, value in values.items():
            setattr(soma, f"{parameter}_{name}", value)
    soma.ena, soma.ek = cell.na_reversal_mV, cell.k_reversal_mV
    if "calva" not in cell.channels:
        soma.e_mli_calva = cell.calva_reversal_mV
    for channel in own:
        if channel.carrier == "h":
            setattr(soma, f"e_{channel.mechanism}", cell.hcn_reversal_mV)
