"""Parameters of the membrane and of the generator: documented, checked."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.purkinje_membrane import PurkinjeMembraneParameters
from cerebella.parameters.purkinje_morphology import PurkinjeMorphologyParameters


@pytest.mark.parametrize("parameters", [PurkinjeMembraneParameters, PurkinjeMorphologyParameters])
def test_every_number_carries_unit_and_source(parameters):
    for name, field in parameters.model_fields.items():
        extra = field.json_schema_extra
        assert extra["unit"], name
        assert extra["source"], name
        assert f"[{extra['unit']}]" in field.description, name
        parameters.model_validate({name: field.default})


def test_spines_add_only_where_there_are_any():
    membrane = PurkinjeMembraneParameters()
    factors = [membrane.spine_factor(region) for region in ("soma", "ais", "smooth", "spiny")]
    assert factors == [1, 1, 1.2, 5.3]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first_worth_by_path": (1.0, 1.0)}, "first_worth_by_path has 2 values"),
        ({"n_tips": 0}, "n_tips"),
        ({"lobe_depth": 0.7}, "lobe_depth"),
        ({"depth_wavelength_range_um": (-1.0, 3.0)}, "depth_wavelength_range_um"),
        ({"n_tusks": 2}, "n_tusks"),
    ],
)
def test_what_cannot_be_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        PurkinjeMorphologyParameters(**changes)
