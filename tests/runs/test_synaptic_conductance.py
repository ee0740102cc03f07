"""Conductance of synapses from the events that reach them."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.parameters.mli_synapses import SynapseParameters
from cerebella.runs.synaptic_conductance import Arrivals, conductance_of

KINETICS = SynapseParameters(tau_rise_ms=0.5, tau_decay_ms=4.0)
STEP_MS = 0.025


def conductance(steps, columns, weights_uS, every, n_samples):
    arrivals = Arrivals(np.array(steps), np.array(columns), np.array(weights_uS))
    return conductance_of(arrivals, KINETICS, STEP_MS, every, (n_samples, 3))


@pytest.mark.parametrize("first", [0, 7])
def test_an_event_gives_a_double_exponential_with_a_peak_of_its_weight(first):
    found = conductance([first], [1], [2e-4], 1, 2001)
    after_ms = STEP_MS * np.maximum(np.arange(2001) - first, 0)
    course = np.exp(-after_ms / 4.0) - np.exp(-after_ms / 0.5)
    peak_ms = np.log(4.0 / 0.5) / (1 / 0.5 - 1 / 4.0)  # where the derivative is zero
    scale = 0.2 / (np.exp(-peak_ms / 4.0) - np.exp(-peak_ms / 0.5))
    np.testing.assert_allclose(found[:, 1], scale * course, rtol=0, atol=1e-14)
    assert found[first, 1] == 0
    assert not found[:, [0, 2]].any()


@pytest.mark.parametrize("every", [2, 5, 7])
def test_samples_do_not_depend_on_their_interval(every):
    events = [0, 3, 5, 98, 98, 100, 104], [0, 0, 2, 0, 0, 2, 2], np.linspace(1e-4, 3e-4, 7)
    fine, coarse = conductance(*events, 1, 101), conductance(*events, every, 100 // every + 1)
    np.testing.assert_allclose(coarse, fine[::every], rtol=1e-12, atol=1e-16)
