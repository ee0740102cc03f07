from __future__ import annotations

from dataclasses import replace

import pytest

from cerebella.experiments.cf_rate import CASES, FORMULA, run_cf_rate

SHORT = (
    replace(FORMULA[2], duration_ms=3000.0),
    replace(CASES[-1], duration_ms=14_000.0, perturbation="2:pf_rate=40"),
)


@pytest.mark.parametrize("case", CASES)
def test_each_case_predicts_the_rate_it_is_named_for(case):
    from cerebella.experiments.cf_rate import predicted_cf_rate

    plasticity = case.parameters.plasticity
    rate = predicted_cf_rate(plasticity.ltp, plasticity.ltd, plasticity.window_ms)
    assert rate == pytest.approx(case.rate_Hz)


def test_runs_that_are_finished_are_not_repeated(tmp_path):
    first = run_cf_rate(tmp_path, SHORT, seeds=(0, 1))
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/run.json")}
    assert len(times) == 4
    again = run_cf_rate(tmp_path, SHORT, seeds=(0, 1))
    assert again == first
    assert times == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*/run.json")}
    assert len(first[0].measured_Hz) == 2
    assert first[0].first_Hz == ()
    assert len(first[1].first_Hz) == 2
