"""MF spikes of all circuits at once: those that the processor draws for each circuit alone."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.olive.engines.cuda import mossy_input
from cerebella.olive.engines.cuda.mossy_input import MossyInput
from cerebella.olive.engines.mossy_trains import draw_mf
from cerebella.olive.engines.spike_log import log_of_state

INTERVALS = np.array([7.5, 0.4, np.inf])
"""Mean intervals in steps: the second is of several spikes in a step."""


@pytest.mark.parametrize("margin", [100, -1000], ids=["enough room", "little room at first"])
def test_trains_of_several_circuits_are_those_of_one_circuit_each(make_loop, monkeypatch, margin):
    monkeypatch.setattr(mossy_input, "_MARGIN", margin)
    members = [make_loop("synapses.mf_dcn.delay_ms=2", seed=seed) for seed in (1, 2, 3)]
    models, states = zip(*members, strict=True)
    mossy = MossyInput(models, states)
    mossy.intervals[:] = INTERVALS
    fibers = [state.inputs.mf for state in states]
    held = [log_of_state(state.recent["MF"], -mossy.held, 0) for state in states]
    for first, stop in ((0, 300), (300, 301), (301, 420)):
        mossy.block = mossy.drawn_to(stop)
        for c, model in enumerate(models):
            fibers[c], expected = draw_mf(model, fibers[c], INTERVALS[c], first, stop)
            found = mossy.block.spikes(c)
            assert np.array_equal(found.ids, expected.ids)
            assert np.array_equal(found.offsets, expected.offsets)
            for mine, theirs in zip(mossy.state(c), fibers[c], strict=True):
                assert np.array_equal(mine, theirs)
            held[c] = held[c].joined(expected).tail(mossy.held)
            history = model.coefficients.history["MF"]
            for mine, theirs in zip(
                mossy.block.recent(c, history), held[c].tail(history).as_recent(), strict=True
            ):
                assert np.array_equal(mine, theirs)
    assert len(mossy.block.spikes(1).ids) > len(mossy.block.spikes(0).ids) > 0
    assert not len(mossy.block.spikes(2).ids)
