from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cerebella.errors import InputError
from cerebella.experiments.cf_rate.settling import run_settling, settling_case


def test_an_initial_weight_out_of_range_is_refused():
    with pytest.raises(InputError, match="0 to 1"):
        settling_case(1.2)


def test_a_low_start_settles_about_as_fast_as_predicted(tmp_path):
    case = settling_case(0.2, 150_000.0)
    with ThreadPoolExecutor(2) as threads:
        (result,) = run_settling(tmp_path, [case], seeds=[0], executor=threads)
    assert result.measured_s[0] == pytest.approx(result.predicted_s[0], rel=0.3)
    assert result.measured_weight[0] == pytest.approx(0.367, abs=0.02)
    assert result.predicted_weight[0] == pytest.approx(0.367, abs=0.025)
