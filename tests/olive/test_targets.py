"""The expected rates, from any start, at either step, in either wiring."""

from __future__ import annotations

import pytest

from cerebella.analysis.olive_rates import compute_olive_rates
from cerebella.olive.recording import OliveRecording
from cerebella.olive.simulate import simulate_olive
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings

RECORDING = OliveRecording(voltages={})


def rates(start_s, stop_s, *settings, **options):
    parameters = apply_settings(OliveParameters(), settings)
    run = simulate_olive(parameters, duration_ms=1000.0 * stop_s, record=RECORDING, **options)
    return compute_olive_rates(run, 1000.0 * start_s, 1000.0 * stop_s)


def test_from_near_the_balance_the_loop_fires_as_specified_within_a_minute():
    found = rates(20, 60, "time_step_ms=1", "plasticity.initial_weight=0.37")
    assert found["IO"] == pytest.approx(1.0, abs=0.1)
    assert found["PC"] == pytest.approx(60, abs=6)
    assert found["BC"] == pytest.approx(30, abs=4)
    assert found["DCN"] == pytest.approx(29, abs=4)
    assert found["PF"] == pytest.approx(26.1, abs=0.5)


@pytest.mark.parametrize(("weight", "rate"), [(0.2, 0.32), (0.5, 1.39), (1.0, 4.37)])
def test_without_plasticity_the_rate_follows_the_weight(weight, rate):
    settings = ["time_step_ms=1", f"plasticity.initial_weight={weight}", "plasticity.rule=off"]
    assert rates(10, 70, *settings)["IO"] == pytest.approx(rate, rel=0.1)


@pytest.mark.slow
@pytest.mark.parametrize("dt", [0.1, 1.0])
@pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
def test_the_olive_finds_one_hertz_from_any_start(weight, dt):
    found = rates(200, 300, f"time_step_ms={dt}", f"plasticity.initial_weight={weight}")
    assert found["IO"] == pytest.approx(1.0, abs=0.03)
    assert found["PC"] == pytest.approx(60, abs=6)
    assert found["BC"] == pytest.approx(30, abs=4)
    assert found["DCN"] == pytest.approx(29, abs=4)


@pytest.mark.slow
def test_random_wiring_gives_one_hertz_on_average():
    found = rates(200, 400, "time_step_ms=1", "circuit.wiring=random")
    assert found["IO"] == pytest.approx(1.0, abs=0.05)
