from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.shortcuts import Shortcut, apply_shortcuts, describe_shortcut

TABLE = (Shortcut("ltp", "plasticity.ltp"), Shortcut("dt", "time_step_ms"))


def test_values_go_to_the_paths_of_the_table():
    found = apply_shortcuts(OliveParameters(), TABLE, {"ltp": 0.001, "dt": None})
    assert found.plasticity.ltp == 0.001
    assert found.time_step_ms == OliveParameters().time_step_ms


def test_errors_name_the_argument():
    with pytest.raises(InputError, match=r"^`ltp` is 2: it must be less than or equal to 1"):
        apply_shortcuts(OliveParameters(), TABLE, {"ltp": 2})


def test_an_unknown_name_is_refused_as_python_does():
    with pytest.raises(TypeError, match="unexpected keyword argument 'frog'; shortcuts are ltp"):
        apply_shortcuts(OliveParameters(), TABLE, {"frog": 2})


def test_help_comes_from_the_parameter():
    found = describe_shortcut(OliveParameters(), "plasticity.ltd")
    assert found.meaning == "depression (δ⁻), in w"
    assert found.default == "0.00275"
