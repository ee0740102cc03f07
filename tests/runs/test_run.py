"""Runs from files that hold a part of a run: absent parts are None, and named when required."""

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.published_csv import write_published_spikes
from cerebella.results.sonata_spikes import write_spikes
from cerebella.runs.load import load_run


@pytest.fixture
def counts(tmp_path):
    """A published NPZ of the loop: counts of two populations, and weights."""
    path = tmp_path / "counts.npz"
    weights = np.array([[0.5, 0.5], [0.25, 0.75]])
    np.savez(
        path, PC_spikes=np.full((10, 2), 5), IO_spikes=np.eye(10, 2, dtype=int), weights=weights
    )
    return load_run(path)


@pytest.fixture(params=["spk_x_cfsync_sync_4_w2_70_trial_2.csv", "spikes.h5"])
def spikes(request, tmp_path, small_spikes):
    """Spikes alone, as CSV and in SONATA."""
    write = write_spikes if request.param.endswith(".h5") else write_published_spikes
    write(small_spikes, tmp_path / request.param)
    return load_run(tmp_path / request.param, small_spikes.populations)


def check_absent(run, **expected):
    for part, name in expected.items():
        assert getattr(run, part) is None
        with pytest.raises(InputError, match=f"{run.path.name}.*{name}"):
            run.require(part)


def test_a_file_of_spikes_holds_neither_weights_nor_parameters(spikes):
    check_absent(
        spikes, weights="weights", morphology="morphology", parameters="parameters", binned="binned"
    )
    assert len(spikes.to_pandas()) == len(spikes.spikes)
    assert {"MLI1_baseline_Hz", "MLI2_peak_Hz"} <= set(spikes.measures())
    assert "MLI1" in spikes._repr_html_()


def test_a_file_of_counts_has_rates_and_weights_but_no_spike_times(counts):
    check_absent(counts, spikes="spike times", weights="weights", parameters="parameters")
    measures = counts.measures()
    assert measures["PC_rate_Hz"] == 50.0
    assert measures["mean_weight"] == 0.5
    assert measures["io_isi_cv"] is None
    with pytest.raises(InputError, match="spike times"):
        counts.plot()
    with pytest.raises(InputError, match="spike times"):
        counts.to_pandas()


def test_what_was_loaded_from_a_published_file_is_not_saved_as_a_run(counts, tmp_path):
    with pytest.raises(InputError, match="published file"):
        counts.save(tmp_path / "run")
    assert not (tmp_path / "run").exists()
