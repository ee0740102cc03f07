"""Sessions of the experiment, and one short session with its tables and figure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from cerebella.errors import InputError
from cerebella.experiments.eyelid.cases import CONTROLS, EyelidCase, eyelid_cases, run_eyelid
from cerebella.experiments.eyelid.measures import EyelidMeasures, block_table, summarize_session
from cerebella.experiments.eyelid.report import draw_eyelid, write_tables
from cerebella.parameters.olive_presets import describe_preset

SHORT = EyelidCase(acquisition=60, extinction=0, reacquisition=0)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """A session of 60 trials with one seed."""
    folder = tmp_path_factory.mktemp("eyelid")
    with ThreadPoolExecutor(1) as threads:
        (run,) = run_eyelid(folder, [SHORT], seeds=(11,), executor=threads)
    return EyelidMeasures(run), folder


def test_each_interval_has_a_session_and_each_control_one(measured):
    cases = eyelid_cases((250.0, 500.0))
    assert [case.name for case in cases[:2]] == ["conditioning_250ms", "conditioning_500ms"]
    assert [(case.control, case.isi_ms) for case in cases[2:]] == [(one, 500) for one in CONTROLS]


def test_plastic_mossy_fibers_have_a_session_with_extinction_and_reacquisition():
    *_, last = eyelid_cases((250.0, 500.0), controls=(), mf_plasticity=True)
    assert last.name == "mf-plasticity_500ms"
    assert last.parameters.mf_plasticity.rule == "purkinje-gated"
    blocks = [block.name for block in last.session(1).blocks]
    assert blocks[-2:] == ["extinction", "reacquisition"]
    constant = EyelidCase()
    assert constant.parameters.mf_plasticity.rule == "off"
    assert last.session(1) == constant.session(1)


def test_relearning_and_weights_of_mossy_fibers_are_measured(tmp_path):
    case = EyelidCase(500.0, "mf-plasticity", 1.0, 50, 10, 15)
    with ThreadPoolExecutor(1) as threads:
        (run,) = run_eyelid(tmp_path, [case], seeds=(12,), executor=threads)
    m = EyelidMeasures(run)
    found = summarize_session(m)
    again = m.trained.conditioned[m.of_block("reacquisition")]
    assert again[: int(found["trials_to_70_percent_again"])][-10:].sum() >= 7
    assert found["again_response_Hz"] > found["first_response_Hz"]  # little was extinguished
    rows = block_table([m]).set_index("block")
    assert rows.mf_weight["acquisition"] > rows.untrained_mf_weight["acquisition"] + 0.05
    assert rows.mf_weight["blank"] == pytest.approx(1, abs=0.15)


def test_constant_mossy_fibers_have_no_weights(measured):
    assert measured[0].mf_weights("acquisition") == (None, None)


def test_the_preset_of_the_loop_is_named():
    assert describe_preset(SHORT.parameters) == (
        "Preset conditioning: synapses.purkinje_dcn.weight_per_ms 0.0258 1/ms (default 0.0043), "
        "drive.dcn_bias_mV_per_ms 0.5 mV/ms (default 0)"
    )


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"isi_ms": (1500.0,)}, "an interval of 1500 ms"),
        ({"isi_ms": ()}, "no interval"),
        ({"controls": ("frog",)}, "control 'frog' is unknown"),
        ({"learning_rate": 0.0}, "learning rate 0"),
        ({"acquisition": 5}, "acquisition"),
        ({"frogs": 5}, "frogs"),
    ],
)
def test_sessions_that_cannot_be_are_refused(options, problem):
    with pytest.raises(InputError, match=problem):
        eyelid_cases(**options)


def test_the_loop_learns_a_response_before_the_us(measured):
    found = summarize_session(measured[0])
    assert found["naive_cr_percent"] <= 20
    assert 10 <= found["trials_to_70_percent"] <= 45
    assert found["late_response_Hz"] > 6
    assert found["late_pc_Hz"] < found["rest_pc_Hz"] - 5
    assert found["late_untrained_pc_Hz"] == pytest.approx(found["rest_pc_Hz"], abs=3)


def test_weights_change_as_predicted_from_the_times_of_climbing_fiber_spikes(measured):
    found = summarize_session(measured[0])
    assert found["theory_r"] > 0.99
    assert found["theory_slope"] == pytest.approx(1, abs=0.15)


def test_the_olive_stays_at_one_hertz_while_the_loop_learns(measured):
    assert measured[0].io_rate_Hz("acquisition") == pytest.approx((1.0, 1.0), abs=0.05)


def test_tables_and_figure_hold_the_session(measured):
    one, folder = measured
    tables = write_tables(folder, [one])
    trials = pd.read_csv(folder / "eyelid_trials.csv")
    assert len(trials) == 85
    assert trials.us_evoked.notna().sum() == 54
    assert np.isfinite(pd.read_csv(folder / "eyelid_weights.csv").measured_change).all()
    assert (folder / "eyelid_blocks.json").exists()
    axes = draw_eyelid(tables).axes
    assert axes[0].get_ylabel() == "Conditioned responses (%)"
    assert len(axes) == 8


def test_a_finished_session_is_not_repeated(measured):
    folder = measured[1]
    manifest = next(folder.glob("runs/*/run.json"))
    before = manifest.stat().st_mtime_ns
    with ThreadPoolExecutor(1) as threads:
        run_eyelid(folder, [SHORT], seeds=(11,), executor=threads)
    assert manifest.stat().st_mtime_ns == before
