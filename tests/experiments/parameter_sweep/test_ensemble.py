from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.ensemble import simulate_olive_ensemble
from cerebella.experiments.parameter_sweep.values import parse_values
from cerebella.runs.load import load_run

SMALL = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}


def test_two_numbers_and_a_count_are_evenly_spaced_values():
    assert parse_values("1.5:2.3:3", "drive.io_bias_mV_per_ms") == [1.5, 1.9, 2.3]


def test_each_member_is_a_run_with_its_seed_and_recording(tmp_path):
    with ThreadPoolExecutor(1) as pool:
        result = simulate_olive_ensemble(
            tmp_path,
            {"drive.io_bias_mV_per_ms": "1.5:2.3:2"},
            seeds=[1, 2],
            parameters=SMALL,
            duration_ms=500,
            record=["BC=none"],
            measures=["IO_rate_Hz"],
            executor=pool,
        )
    assert len(result.table) == 4
    runs = [load_run(tmp_path / "runs" / path) for path in result.table["run"]]
    assert sorted(run.manifest["seed"] for run in runs) == [1, 1, 2, 2]
    assert all(not len(run.of("BC").recorded) for run in runs)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "cuda"}, "not simulated by engine cuda yet. Choose `engine` numba"),
        ({"vary": {"seed": [1]}}, "`vary` has seed. Give `seeds`"),
        ({"record": ["PF=frog"]}, "PF=frog"),
    ],
)
def test_what_an_ensemble_does_not_take_is_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        simulate_olive_ensemble(tmp_path / "out", **options)
