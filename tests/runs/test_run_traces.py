"""Traces of a run by place and quantity."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.traces import Traces
from cerebella.runs.load import load_run
from cerebella.runs.run import Run


@pytest.fixture
def run(make_purkinje_run):
    """A stored run with soma_v, calcium of all compartments, and probes of two intervals."""
    made = make_purkinje_run()
    times = 0.1 * np.arange(2991)

    def probe(n_samples, variable, sections, positions):
        values = np.arange(n_samples)[:, None] + 1000.0 * np.arange(len(sections))
        gids = np.full(len(sections), 10)
        return Traces(times[:n_samples], values, gids, sections, positions, variable, "mM")

    probes = {
        "probe_c_pool_1": probe(20, "c_pool[1]", ["soma", "smth_A1"], [0.5, 0.75]),
        "probe_v": probe(20, "v", ["smth_A1", "dendA1_0"], [0.75, 0.5]),
        "probe_v_1ms": Traces([0, 1.0, 2.0], np.zeros((3, 1)), [10], ["smth_A1"], [0.75]),
    }
    stored = made.replace(traces=dict(made.traces) | probes)
    return load_run(stored.save(made.path.with_name("probed")).path)


def test_traces_at_a_place_are_its_columns(run):
    calcium = run.traces["calcium"]
    assert run.traces.at("smooth.calcium") == calcium.take(np.array([5, 6]))
    assert run.traces.at("dendA1_00(0.9).calcium") == calcium.take(np.array([9]))
    assert run.traces.at("all.calcium") == calcium
    assert run.traces.at("soma.v").values.shape == (14951, 1)


def test_probes_are_found_by_quantity_shell_and_interval(run):
    assert run.traces.at("soma.c_pool[1]") == run.traces["probe_c_pool_1"].take(slice(0, 1))
    assert run.traces.at("dend.v") == run.traces["probe_v"]
    assert run.traces.at("smooth.v@1ms") == run.traces["probe_v_1ms"]


def test_of_several_recordings_the_finest_is_returned(run):
    assert run.traces.at("smooth[0](0.75).v").sampling_step_ms == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("probe", "message"),
    [
        ("ais.v", r"ais\.v was not recorded in this run\. It recorded soma_v, calcium, probe_c"),
        ("soma.c_pool[0]", r"c_pool\[0\] was not recorded"),
        ("smooth.v@2ms", "was not recorded"),
        ("axon.v", r"there is no place 'axon' on spiny_cell\. Places are soma"),
        ("soma", "'soma' is not a probe"),
    ],
)
def test_what_was_not_recorded_is_answered_with_what_was(run, probe, message):
    with pytest.raises(InputError, match=message):
        run.traces.at(probe)


def test_probes_that_were_asked_for_are_named(run):
    asked = Run(run.manifest | {"record": ["soma.v", "calcium"]}, traces={}, morphology=None)
    with pytest.raises(InputError, match=r"It recorded soma\.v, calcium"):
        asked.traces.at("ais.v")


def test_a_level_without_places_says_so(small_spikes):
    run = Run({"kind": "olive"}, spikes=small_spikes)
    with pytest.raises(InputError, match="traces of the olivocerebellar loop have no places"):
        run.traces.at("IO.v")
