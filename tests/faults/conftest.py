"""Small valid files of every format, to be damaged by the tests."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.network.generate import generate_network
from cerebella.network.load import save_network
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.results.traces import Traces
from cerebella.runs.run import Run

MLI_MANIFEST = {
    "kind": "mli",
    "cerebella": "0",
    "network": {"name": "tiny"},
    "cf_sync": 8,
    "trial": 3,
    "w2_pS": 70.0,
    "duration_ms": 200.0,
    "seed": 0,
}


@pytest.fixture
def mli_run(tmp_path):
    """A run directory of 6 MLIs with spikes and one trace of voltage."""
    cells = (Population("MLI1", 0, 4), Population("MLI2", 4, 2))
    spikes = SpikeTrains(np.array([10.0, 60.5, 150.1]), np.array([0, 4, 1]), cells, 200.0)
    voltage = Traces(np.arange(5) * 0.1, np.full((5, 2), -60.0), [0, 4], ["soma"] * 2, [0.5] * 2)
    return Run(MLI_MANIFEST, spikes=spikes, traces={"voltage": voltage}).save(tmp_path / "run").path


@pytest.fixture
def small_network(tmp_path):
    """A network of a tenth of the published size, as SONATA."""
    return save_network(generate_network(seed=1, scale=0.1), tmp_path / "net")
