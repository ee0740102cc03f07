"""Mechanisms of the user in parameters: values by region, replacement, no code in files."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.configure import apply_file, as_yaml
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.own_mechanisms import (
    OwnMechanism,
    refuse_mechanisms,
    with_mechanisms,
    without_replaced,
)
from cerebella.parameters.purkinje_cell import DENSITIES
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.renamed import without_added
from cerebella.parameters.settings import apply_settings, parameters_from

HCN = OwnMechanism(
    file="hcn.mod",
    sha256="0" * 64,
    parameters={"gbar": "S/cm2", "e": "mV"},
    quantities={"n": "1"},
    replaces="",
)
OURS = with_mechanisms(PurkinjeParameters(), {"hcn": HCN})


def test_a_value_is_set_by_region():
    changed = apply_settings(OURS, ["cell.spiny.hcn_gbar=1e-4", "cell.spiny.hcn_e=-34"])
    assert changed.cell.spiny.values_of("hcn", HCN.parameters) == {"gbar": 1e-4, "e": -34}
    assert changed.cell.soma.values_of("hcn", HCN.parameters) == {}
    assert PurkinjeParameters.model_validate_json(changed.model_dump_json()) == changed


def test_in_interneurons_by_type():
    known = with_mechanisms(MLIParameters(), {"hcn": HCN})
    changed = apply_settings(known, ["mli2.hcn_gbar=1e-4"])
    assert changed.mli2.values_of("hcn", HCN.parameters) == {"gbar": 1e-4}
    assert changed.mli1.values_of("hcn", HCN.parameters) == {}


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("cell.spiny.hcn_g=1", "Did you mean .*cell.spiny.hcn_gbar"),
        ("cell.spiny.hcn_gbar=much", "cell.spiny.hcn_gbar is 'much'; it must be a number"),
        ("cell.spiny.hcn_gbar=NaN", "cell.spiny.hcn_gbar is nan; it must be a number"),
        ("cell.spiny.ih2_gbar=1", "unknown parameter 'cell.spiny.ih2_gbar'"),
    ],
)
def test_wrong_values_are_refused(setting, message):
    with pytest.raises(InputError, match=message):
        apply_settings(OURS, [setting])


def test_a_mechanism_replaces_a_channel_if_asked():
    asked = apply_settings(OURS, ["cell.mechanisms.hcn.replaces=ih"])
    assert without_replaced(OURS, DENSITIES) == OURS
    replaced = without_replaced(asked, DENSITIES).cell
    regions = [replaced.of_region(region) for region in ("soma", "ais", "smooth", "spiny")]
    assert [region.ih_S_per_cm2 for region in regions] == [0, 0, 0, 0]
    assert replaced.spiny.kv3_S_per_cm2 == OURS.cell.spiny.kv3_S_per_cm2
    given = {"cell": {"mechanisms": {"hcn": {"replaces": "ih"}}}}
    assert parameters_from(PurkinjeParameters, given, base=OURS) == asked


def test_kv4_is_replaced_with_both_densities_and_narsg_without_its_shifts():
    assert [path for path in DENSITIES["kv4"] if "spiny" in path] == [
        "cell.spiny.kv4_fast_S_per_cm2",
        "cell.spiny.kv4_slow_S_per_cm2",
    ]
    assert [path for path in DENSITIES["narsg"] if "ais" in path] == ["cell.ais.narsg_S_per_cm2"]


def test_names_of_channels_are_refused_unless_they_are_replaced():
    known = with_mechanisms(PurkinjeParameters(), {"kv3": HCN})
    with pytest.raises(InputError, match=r"hcn.mod: kv3 is also the name .*replaces=kv3"):
        without_replaced(known, DENSITIES)
    without_replaced(apply_settings(known, ["cell.mechanisms.kv3.replaces=kv3"]), DENSITIES)
    unknown = apply_settings(OURS, ["cell.mechanisms.hcn.replaces=kv9"])
    with pytest.raises(InputError, match=r"'kv9', which is no channel. There are narsg, nap, kv3"):
        without_replaced(unknown, DENSITIES)


def test_a_changed_file_keeps_values_and_what_it_replaces():
    used = apply_settings(OURS, ["cell.mechanisms.hcn.replaces=ih", "cell.spiny.hcn_gbar=1e-4"])
    later = HCN.model_copy(update={"sha256": "1" * 64})
    changed = with_mechanisms(used, {"hcn": later}).cell
    assert changed.mechanisms["hcn"].sha256 == "1" * 64
    assert changed.mechanisms["hcn"].replaces == "ih"
    assert changed.spiny.values_of("hcn", HCN.parameters) == {"gbar": 1e-4}


def test_a_file_of_parameters_contains_no_code_and_needs_the_folder(tmp_path):
    file = tmp_path / "parameters.yaml"
    file.write_text(as_yaml(apply_settings(OURS, ["cell.spiny.hcn_gbar=1e-4"])))
    read = apply_file(PurkinjeParameters(), file)
    with pytest.raises(InputError, match=r"mechanism hcn, but there is no NMODL .* with hcn.mod"):
        with_mechanisms(read, {})
    assert with_mechanisms(read, {"hcn": HCN}) == read
    with pytest.raises(InputError, match="hcn, and only NEURON runs NMODL"):
        refuse_mechanisms(read)


@pytest.mark.parametrize("parameters", [PurkinjeParameters(), MLIParameters()])
@pytest.mark.parametrize("name", ["leak", "inhibition"])
def test_a_mechanism_cannot_have_a_name_of_probes(parameters, name):
    with pytest.raises(InputError, match=f"a mechanism cannot be called '{name}', which is .*SUFF"):
        with_mechanisms(parameters, {name: HCN})


def test_without_mechanisms_the_settings_are_those_of_older_versions():
    for parameters in (PurkinjeParameters(), MLIParameters()):
        written = without_added({"cell": parameters.cell.model_dump()})["cell"]
        assert not {"channels", "mechanisms", "hcn_reversal_mV"} & set(written)
    refuse_mechanisms(PurkinjeParameters())
