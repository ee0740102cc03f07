"""Channels of the user: their densities are parameters of the regions; names and limits."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.renamed import without_added
from cerebella.parameters.settings import apply_settings, parameters_from

GATE = {"steady": "1/(1 + exp((v + 82)/9))", "rate": 0.01}
HCN2 = {"ion": "h", "gates": {"n": GATE}}


def test_a_density_is_set_by_region():
    cell = {"channels": {"hcn2": HCN2}, "spiny": {"hcn2_S_per_cm2": 1e-4}}
    parameters = parameters_from(PurkinjeParameters, {"cell": cell})
    changed = apply_settings(parameters, ["cell.soma.hcn2_S_per_cm2=2e-4"])
    densities = [
        changed.cell.of_region(region).density("hcn2_S_per_cm2")
        for region in ("soma", "ais", "smooth", "spiny")
    ]
    assert densities == [2e-4, 0, 0, 1e-4]
    assert PurkinjeParameters.model_validate(changed.model_dump()) == changed
    assert PurkinjeParameters.model_validate_json(changed.model_dump_json()) == changed


def test_without_channels_the_settings_are_those_of_older_versions():
    written = without_added({"cell": PurkinjeParameters().cell.model_dump()})["cell"]
    assert "channels" not in written
    assert "channels" in PurkinjeParameters().cell.model_dump()


def test_parameters_with_channels_are_shown():
    parameters = parameters_from(PurkinjeParameters, {"cell": {"channels": {"hcn2": HCN2}}})
    assert '{"hcn2": {"ion": "h"' in str(parameters)
    assert "hcn2" in (parameters._repr_html_() or "")
    assert repr(parameters.cell.channels["hcn2"]).startswith("OwnChannel(ion='h', gates={'n':")


def cell_with(channel=HCN2, name="hcn2", **regions):
    return {"cell": {"channels": {name: channel}, **regions}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"cell": {"spiny": {"hcn2_S_per_cm2": 1}}},
            "unknown parameter 'cell.spiny.hcn2_S_per_cm2'",
        ),
        (cell_with(spiny={"hcn2_S_per_cm": 1}), "Did you mean cell.spiny.hcn2_S_per_cm2"),
        (cell_with(spiny={"hcn2_S_per_cm2": -1}), "hcn2_S_per_cm2 is -1; it must be 0 or"),
        (cell_with(spiny={"hcn2_S_per_cm2": "much"}), "hcn2_S_per_cm2 is 'much'"),
        (cell_with(name="HCN2"), "a channel cannot be called 'HCN2'"),
        (cell_with(name="cf"), "a channel cannot be called 'cf', which is a kind of synapse"),
        (cell_with(name="mslo"), "'mslo', which is a kinetic scheme"),
        (cell_with({"gates": HCN2["gates"]}), "cell.channels.hcn2.ion is missing"),
        (cell_with(HCN2 | {"ion": "cl"}), "cell.channels.hcn2.ion is 'cl'"),
        (cell_with(HCN2 | {"gates": {"v": GATE}}), "a gate cannot be called 'v'"),
        (cell_with(HCN2 | {"gates": {}}), "gates"),
        (
            cell_with(HCN2 | {"gates": {"n": GATE | {"steady": "v**2"}}}),
            r"cell.channels.hcn2.gates.n.steady is 'v\*\*2': 'v \*\* 2' cannot be used",
        ),
        (cell_with(HCN2 | {"gates": {"n": GATE | {"rate": 0}}}), "gates.n.rate.* must be positive"),
        (cell_with(HCN2 | {"gates": {"n": GATE | {"tau": 1}}}), "tau"),
    ],
)
def test_wrong_channels_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        parameters_from(PurkinjeParameters, given)
