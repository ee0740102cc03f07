from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.experiments.parameter_sweep.ensemble import simulate_olive_ensemble
from cerebella.experiments.parameter_sweep.values import parse_values
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.runs.load import load_run
from tests.olive.engines.cuda.conftest import TINY

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


def test_a_card_simulates_members_at_once_with_the_spikes_of_processors(tmp_path):
    def simulate(engine, **options):
        with ThreadPoolExecutor(1) as pool:
            simulate_olive_ensemble(
                tmp_path / engine,
                {"plasticity.ltp": [1e-4, 0.01]},
                seeds=[1, 2],
                parameters=apply_settings(OliveParameters(), TINY),
                duration_ms=12,
                measures=["IO_rate_Hz"],
                engine=engine,
                executor=pool,
                **options,
            )
        return [load_run(path) for path in sorted((tmp_path / engine / "runs").iterdir())]

    on_card, on_processor = simulate("cuda", batch=3), simulate("numpy")
    assert sorted(run.manifest.get("runs_together", 1) for run in on_card) == [1, 3, 3, 3]
    for one, other in zip(on_card, on_processor, strict=True):
        assert one.path
        assert other.path
        assert one.path.name == other.path.name
        assert np.array_equal(one.spikes.times_ms, other.spikes.times_ms)
        assert np.array_equal(one.weights.final, other.weights.final)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "frog"}, "`engine` 'frog' is unknown. Choose from auto, numba"),
        ({"batch": 0}, "`batch` is 0. Give 1 or more"),
        ({"vary": {"seed": [1]}}, "`vary` has seed. Give `seeds`"),
        ({"record": ["PF=frog"]}, "PF=frog"),
    ],
)
def test_what_an_ensemble_does_not_take_is_refused(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        simulate_olive_ensemble(tmp_path / "out", **options)
