"""Disinhibition coverage of a small network, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.analysis.disinhibition import compute_disinhibition_coverage, summarize_coverage
from cerebella.errors import InputError
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.network import Network

# 4 MLI1 (0 to 3), 3 MLI2 (4 to 6), 2 CF (7, 8).
ROWS = [
    (7, 4),  # CF 0 contacts MLI2 4
    (8, 4),  # CF 1 contacts MLI2 4 and 5
    (8, 5),
    (4, 0),  # MLI2 4 inhibits MLI1 0 and, twice, 1
    (4, 1),
    (4, 1),
    (4, 5),
    (5, 2),  # MLI2 5 inhibits MLI1 2
    (6, 3),  # MLI2 6, which no CF contacts, inhibits MLI1 3
    (0, 3),
]


@pytest.fixture
def network():
    sources, targets = np.array(ROWS).T
    n = len(ROWS)
    synapses = Synapses(sources, targets, np.zeros(n, int), np.arange(n) / n)
    none = GapJunctions(*(np.empty(0) for _ in range(6)))
    return Network({"MLI1": 4, "MLI2": 3, "CF": 2}, synapses, none)


@pytest.mark.parametrize(
    ("fiber", "contacts", "expected"),
    [
        (0, None, (1, 2 / 4, 2 / 4)),
        (1, None, (2, 3 / 4, 3 / 4)),
        (0, [1, 2, 3, 4], (1, 2 / 4, 3 / 10)),
        (1, [1, 2, 3, 4], (2, 3 / 4, 6 / 10)),
        (0, [0, 2, 3, 4], (1, 1 / 3, 2 / 9)),  # MLI1 0 is not presynaptic
        (0, [0, 0, 3, 4], (1, 0, 0)),
    ],
)
def test_share_of_cells_and_of_synapses(network, fiber, contacts, expected):
    assert compute_disinhibition_coverage(network, fiber, contacts) == pytest.approx(expected)


def test_a_cell_without_mli1s_has_no_coverage(network):
    coverage = compute_disinhibition_coverage(network, 0, [0, 0, 0, 0])
    assert coverage.n_mli2 == 1
    assert np.isnan(coverage.cells)
    assert np.isnan(coverage.synapses)


def test_fibers_and_contacts_of_another_network_are_refused(network):
    with pytest.raises(InputError, match=r"no climbing fiber 2\. Give 0 to 1"):
        compute_disinhibition_coverage(network, 2)
    with pytest.raises(InputError, match="each of 4 MLI1s"):
        compute_disinhibition_coverage(network, 0, [1, 2, 3])


def test_summary_over_climbing_fibers(network):
    found = summarize_coverage(network)
    assert found == pytest.approx(
        {"mean": 5 / 8, "sd": 0.125 * 2**0.5, "min": 0.5, "max": 0.75, "n_cf": 2}
    )
    assert summarize_coverage(Network({"MLI1": 0, "MLI2": 0, "CF": 2}, *_empty())) is None
    assert summarize_coverage(Network({"MLI1": 2, "MLI2": 0, "CF": 0}, *_empty())) is None


def _empty():
    none = np.empty(0, int)
    return Synapses(none, none, none, np.empty(0)), GapJunctions(*(np.empty(0) for _ in range(6)))
