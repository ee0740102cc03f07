"""Inputs of the detailed cell from a session of the loop."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.experiments.eyelid.cases import TRAINED, UNTRAINED, EyelidCase
from cerebella.experiments.eyelid_to_purkinje.drive import (
    BEFORE_CS_MS,
    CellTrial,
    basket_cells,
    paired_trials,
    relative_rates,
    transmitted_spikes,
)

CASE = EyelidCase(isi_ms=250.0, acquisition=20, extinction=0, reacquisition=0)


def spikes(weights, relative=None, trial=1):
    relative = np.ones((40, 1000)) if relative is None else relative
    return transmitted_spikes(relative, np.array(weights), 2000, 12.0, seed=3, trial=trial)


def test_trials_are_the_first_and_the_last_ones_with_us():
    session = CASE.session(1)
    paired = paired_trials(session)
    assert len(paired) == 18
    assert all(np.isfinite(one.us_ms) for one in paired)
    assert CellTrial(1, "before", "trained", 2).trial_in(session) == paired[1]
    assert CellTrial(1, "after", "trained", 2).trial_in(session) == paired[-2]


@pytest.mark.parametrize(("zones", "numbers"), [("trained", TRAINED), ("untrained", UNTRAINED)])
def test_eight_trials_cover_all_zones_and_olivary_cells(zones, numbers):
    cells = [CellTrial(1, "after", zones, number) for number in range(1, 9)]
    assert [cell.zone for cell in cells] == [*numbers, *numbers]
    assert {cell.io_cell(2) for cell in cells} == {2 * zone + k for zone in numbers for k in (0, 1)}


def test_interneurons_are_different_basket_cells():
    assert basket_cells(3, 512) == [0, 170, 341]
    assert len(set(basket_cells(208, 512))) == 208


def test_rates_follow_the_stimulus_and_keep_their_mean():
    relative = relative_rates(CASE.session(1), CASE.parameters)
    assert relative.shape == (4096, 950)
    cs = round(BEFORE_CS_MS)
    assert (relative[:, :cs] == 1).all()
    assert relative[:, cs:].mean(axis=0) == pytest.approx(np.ones(550), abs=1e-3)
    at_100_ms = int(np.log(100 / 20) / np.log(75) * 4096)
    assert relative[at_100_ms, cs + 100] > 5


def test_a_contact_transmits_the_share_of_spikes_that_its_weight_gives():
    times_ms, contact = spikes([0.25])
    assert len(times_ms) / 2000 == pytest.approx(12 * 0.25, rel=0.03)
    assert times_ms.min() >= 0
    assert times_ms.max() < 1000
    assert len(np.unique(contact)) > 1800


def test_smaller_weights_transmit_a_part_of_the_same_spikes():
    large, small = (set(zip(*spikes([weight]), strict=True)) for weight in (0.5, 0.2))
    assert small < large
    assert not set(zip(*spikes([0.5], trial=2), strict=True)) & large


def test_depressed_groups_transmit_less_while_they_fire():
    relative = np.ones((40, 1000))
    relative[:20, 500:] = 2.0
    relative[20:, 500:] = 0.0
    before, after = (spikes(weights, relative)[0] for weights in ([0.4, 0.4], [0.1, 0.7]))
    first, second = (np.histogram(times_ms, [0, 500, 1000])[0] for times_ms in (before, after))
    assert second[0] == pytest.approx(first[0], rel=0.03)
    assert second[1] == pytest.approx(first[1] / 4, rel=0.05)
