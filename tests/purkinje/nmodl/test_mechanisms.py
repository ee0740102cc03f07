"""The set of mechanisms of the Purkinje cell."""

from __future__ import annotations

import re

from cerebella.parameters.purkinje_cell import PurkinjeCellParameters, RegionParameters
from cerebella.purkinje.cell import mechanisms_in
from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms

TEXTS = purkinje_mechanisms().texts


def test_no_mechanism_holds_c_code_or_a_kinetic_block():
    for name, text in TEXTS.items():
        assert not re.search(r"\b(VERBATIM|KINETIC)\b", text), name


def test_templates_have_no_names_left_to_fill_in():
    for name, text in TEXTS.items():
        assert "$" not in text, name


def test_pools_take_the_place_of_their_template():
    assert "calcium.mod" not in TEXTS
    assert {f"calcium_{region}.mod" for region in ("soma", "ais", "smooth", "spiny")} <= set(TEXTS)


def test_pools_advance_before_what_passes_calcium_on_and_that_before_channels():
    """NEURON advances mechanisms in the order of their files."""
    names = list(TEXTS)
    assert names == sorted(names)
    channels = [name for name in names if name.startswith("pc_")]
    assert names.index("calcium_spiny.mod") < names.index("calcium_to_ion.mod")
    assert names.index("calcium_to_ion.mod") < names.index(channels[0])


def test_each_density_of_a_region_is_a_parameter_of_a_mechanism():
    """NEURON would take a misspelled parameter of a section for a new attribute."""
    names = [name for name in RegionParameters.__annotations__ if "_per_" in name]
    densities = {name: float(k) for k, name in enumerate(names, start=1)}
    cell = PurkinjeCellParameters(soma=RegionParameters(**densities))
    found = list(mechanisms_in("soma", cell))
    assert sorted(density for *_, density in found) == sorted(densities.values())
    for mechanism, parameter, _ in found:
        assert re.search(rf"^    {parameter} = 0 \(", TEXTS[f"{mechanism}.mod"], re.MULTILINE)
