"""A browser that the tests of pages share; they are skipped without Chromium."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import cerebella as cb
from cerebella.results.weights import WeightSamples
from cerebella.runs.run import Run

_FILE = Path(__file__).with_name("browser.py")


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """Headless Chromium with a window of 1280 × 800 pixels."""
    spec = importlib.util.spec_from_file_location("views_browser", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if module.CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    started = module.Browser(tmp_path_factory.mktemp("chromium"))
    yield started
    started.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Open a page in the browser, and fail if it reports a problem until the end of the test."""

    def open_page(page, **size):
        browser.open(page.save(tmp_path / "page.html"), **size)
        return browser

    yield open_page
    assert browser.problems == []


@pytest.fixture
def loop():
    """A run of the loop for 9 s, with weights of two zones and three groups of PFs."""
    names = ("PF", "PC", "DCN", "IO")
    populations = tuple(cb.Population(name, 2 * i, 2) for i, name in enumerate(names))
    spikes = cb.SpikeTrains(np.arange(0.0, 9000, 50), np.arange(180) % 8, populations, 9000)
    times = np.arange(0, 9000, 1000.0)
    mean = 0.5 + times / 1e5
    synapses = np.stack([mean - 0.05, mean + 0.05], axis=1)
    weights = WeightSamples(
        times_ms=times, mean=mean, sd=np.full(9, 0.1), by_zone=synapses,
        histogram=np.ones((9, 4), dtype=int), histogram_edges=np.linspace(0, 1, 5),
        synapses=synapses, synapse_pf=np.array([0, 1]), synapse_purkinje=np.array([0, 1]),
        final=synapses[:2], pf_of_purkinje=np.zeros((2, 2), dtype=int),
        by_group=np.linspace(0.2, 0.6, 54).reshape(9, 2, 3), mf_dcn=np.zeros((9, 0)),
    )  # fmt: skip
    manifest = {"kind": "olive", "perturbations": [], "duration_ms": 9000.0}
    return Run(manifest, spikes=spikes, weights=weights)
