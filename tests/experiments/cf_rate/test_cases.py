from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import yaml

from cerebella.errors import InputError, SimulationError
from cerebella.experiments.cf_rate.cases import (
    CASES,
    FORMULA,
    PERTURBATIONS,
    CfRateCase,
    formula_case,
    path_of,
    perturbation_case,
    run_cf_rate,
)
from cerebella.olive.partial_run import is_interrupted, resumed_or_replaced, started_run
from cerebella.olive.perturbation_grammar import perturbations_from
from cerebella.olive.simulate import request_of
from cerebella.olive.theory import predicted_cf_rate
from cerebella.runs.load import load_run
from tests.olive.engines.cuda.conftest import TINY

SHORT = (
    replace(FORMULA[2], duration_ms=3000.0),
    replace(CASES[-1], duration_ms=14_000.0, perturbations=perturbations_from("2s:pf_rate=40")),
)

_TINY_CHANGES = tuple(
    (name, yaml.safe_load(value))
    for name, _, value in (text.partition("=") for text in TINY)
    if not name.startswith("plasticity")
)


@pytest.mark.parametrize("case", CASES)
def test_each_case_predicts_the_rate_it_is_named_for(case):
    plasticity = case.parameters.plasticity
    rate = predicted_cf_rate(plasticity.ltp, plasticity.ltd, plasticity.window_ms)
    assert rate == pytest.approx(case.rate_Hz)


def test_runs_that_are_finished_are_not_repeated(tmp_path):
    def run():
        with ThreadPoolExecutor(2) as threads:
            return run_cf_rate(tmp_path, SHORT, seeds=(0, 1), executor=threads)

    def written():
        return {path: path.stat().st_mtime_ns for path in tmp_path.glob("runs/*/run.json")}

    first, times = run(), written()
    assert len(times) == 4
    assert (run(), written()) == (first, times)
    assert len(first[0].measured_Hz) == 2
    assert first[0].first_Hz == ()
    assert len(first[1].first_Hz) == 2


def test_a_card_simulates_cases_at_once_with_the_rates_of_processors(tmp_path):
    cases = [
        CfRateCase(f"{rate}_Hz", rate, duration_ms=20.0, changes=_TINY_CHANGES) for rate in (1, 2)
    ]

    def rates(engine):
        with ThreadPoolExecutor(1) as threads:
            return run_cf_rate(tmp_path / engine, cases, (0,), engine=engine, executor=threads)

    assert rates("cuda") == rates("numpy")
    for path in (tmp_path / "cuda" / "runs").iterdir():
        run, other = load_run(path), load_run(tmp_path / "numpy" / "runs" / path.name)
        assert run.manifest["runs_together"] == 2
        assert len(run.spikes.times_ms)
        assert np.array_equal(run.spikes.times_ms, other.spikes.times_ms)


@pytest.mark.parametrize("engine", ["numpy", "cuda"])
def test_interrupted_runs_with_other_recording_settings_are_simulated_again(tmp_path, engine):
    case = replace(SHORT[0], duration_ms=20.0, changes=_TINY_CHANGES)
    older = request_of(case.parameters, duration_ms=20.0, seed=1, record=["PC=4"])
    folder = path_of(tmp_path, case, 1)
    with started_run(folder, older, resume=False, force=False):
        pass
    assert resumed_or_replaced(folder, older) == {"resume": True, "force": False}
    with ThreadPoolExecutor(1) as threads:
        run_cf_rate(tmp_path, [case], seeds=(0, 1), executor=threads, engine=engine)
    assert len(load_run(folder).of("PC").recorded) == 8
    assert not is_interrupted(folder)


def test_a_case_that_cannot_be_simulated_is_named(tmp_path):
    odd = CfRateCase("odd", perturbations=perturbations_from("9s:gap=0"), duration_ms=1000.0)
    with (
        ThreadPoolExecutor(1) as threads,
        pytest.raises(SimulationError, match=r"odd_seed0: .*not before the end"),
    ):
        run_cf_rate(tmp_path, [odd], seeds=(0,), executor=threads)


def test_default_cases_are_found_again_by_what_they_are():
    assert formula_case(2.0, 50.0) is FORMULA[5]
    assert perturbation_case("300s:mf_rate*2") is PERTURBATIONS[2]


def test_other_cases_have_names_that_are_folders():
    assert formula_case(1.5, 80.0).name == "1.5_Hz_80_ms"
    assert perturbation_case("20s:mf_rate*2,cut=DCN→IO").name == ("at_20s_mf_ratex2_20s_cut=DCN_IO")
    assert formula_case(0.25).duration_ms > formula_case(1.5).duration_ms


@pytest.mark.parametrize("rate_and_window", [(0.0, 100.0), (10.0, 100.0), (-1.0, 100.0)])
def test_rates_that_no_potentiation_balances_are_refused(rate_and_window):
    with pytest.raises(InputError, match=r"Give a rate above 0 and up to 9\.973 Hz"):
        formula_case(*rate_and_window)


def test_windows_and_perturbations_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="1 ms or longer"):
        formula_case(1.0, 0.5)
    with pytest.raises(InputError, match="TIME:CHANGE"):
        perturbation_case("300s:frog")
    with pytest.raises(InputError, match="not before the end at 600 s"):
        perturbation_case("700s:gap=0")
