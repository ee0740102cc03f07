from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cerebella.analysis.olive_balance import summarize_olive
from cerebella.analysis.olive_counts import compute_rates_of_counts, summarize_counts
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.olive.simulate import simulate_olive
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.results.olive_npz import BinnedSpikes, read_olive_npz, write_olive_npz
from cerebella.runs.run import Run


def make_counts(io, weights=None, bin_ms=100.0):
    weights = np.zeros((1, 3)) if weights is None else weights
    binned = BinnedSpikes({"IO": np.asarray(io)}, weights, bin_ms)
    return Run({"kind": "olive"}, binned=binned, path=Path("x.npz"))


def test_rates_and_left_out_keys_are_those_of_the_run_itself(tmp_path):
    parameters = apply_settings(OliveParameters(), ["circuit.scale=0.25", "time_step_ms=1"])
    run = simulate_olive(parameters, duration_ms=12_000.0, engine=Numba(threads=1))
    write_olive_npz(run, tmp_path / "loop.npz")
    of_run, of_file = summarize_olive(run), summarize_counts(read_olive_npz(tmp_path / "loop.npz"))
    assert of_file["rates_Hz"] == pytest.approx(of_run["rates_Hz"])
    assert of_file["io_rate_Hz_by_10s"] == pytest.approx(of_run["io_rate_Hz_by_10s"])
    assert set(of_run) - set(of_file) == set(of_file["left_out"])
    recorded = run.weights.synapses.mean(axis=1)
    assert of_file["recorded_weights"]["mean_at_end"] == pytest.approx(recorded[-1])


def test_windows_of_whole_bins_have_rates(tmp_path):
    counts = make_counts([[1, 0], [3, 2], [0, 0]])
    assert compute_rates_of_counts(counts, (100, 200)) == {"IO": 25}
    with pytest.raises(InputError, match="not aligned with bins of 100 ms"):
        compute_rates_of_counts(counts, (50, 200))
    with pytest.raises(InputError, match="window"):
        compute_rates_of_counts(counts, (0, 400))


def test_a_file_without_io_or_weights_lists_missing_measures():
    counts = BinnedSpikes({"BC": np.ones((3, 2))}, np.zeros((4, 0)), 100.0)
    summary = summarize_counts(counts)
    assert summary["io_rate_Hz_by_10s"] is None
    assert summary["recorded_weights"] is None
