"""Same content, same name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from cerebella.network.generate import generate_network
from cerebella.results.digest import digest


def test_the_same_network_has_the_same_digest_and_another_has_not():
    network = generate_network(seed=1, scale=0.1)
    assert digest(network) == digest(generate_network(seed=1, scale=0.1))
    assert digest(network) != digest(generate_network(seed=2, scale=0.1))
    assert digest(network) != digest(replace(network, cf_times_ms={}))


def test_shape_type_and_order_count():
    values = [[1, 2], (1, [2]), np.array([1, 2]), np.array([[1, 2]]), np.array([1.0, 2.0]), {1: 2}]
    digests = [digest(value) for value in values]
    assert len(set(digests[1:])) == len(values) - 1


def test_fields_that_do_not_count_in_comparisons_do_not_count():
    @dataclass
    class Table:
        rows: int
        origin: str | None = field(default=None, compare=False)

    @dataclass
    class OlderTable:
        rows: int

    assert digest(Table(3, "a file")) == digest(Table(3)) == digest(OlderTable(3))
    assert digest(Table(4)) != digest(Table(3))
