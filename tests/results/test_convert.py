import sys

import numpy as np
import pytest

from cerebella.errors import MachineError
from cerebella.results import convert
from cerebella.results.spikes import SpikeTrains
from cerebella.results.traces import Traces


@pytest.fixture
def traces():
    return Traces(
        10 + 0.5 * np.arange(4),
        np.arange(8.0).reshape(4, 2),
        [4, 5],
        ["soma", "dendrite"],
        [0.5, 0.1],
    )


def test_spikes_as_a_table(small_spikes):
    table = convert.spikes_to_pandas(small_spikes)
    assert table["time_ms"].tolist() == small_spikes.times_ms.tolist()
    assert table.groupby("population", observed=False).size().to_dict() == {
        name: len(small_spikes.of(name)) for name in ("MLI1", "MLI2", "PF", "CF")
    }


def test_a_spike_outside_all_populations_has_none():
    table = convert.spikes_to_pandas(SpikeTrains(np.array([1.0]), np.array([7]), (), 2.0))
    assert table["population"].isna().all()


def test_traces_as_a_table(traces):
    table = convert.traces_to_pandas(traces)
    assert table.loc[10.5, (5, "dendrite", 0.1)] == 3
    assert table.columns.names == ["gid", "section", "position"]


def test_traces_as_xarray(traces):
    pytest.importorskip("xarray")
    array = convert.traces_to_xarray(traces)
    assert float(array.sel(time_ms=11.0).isel(place=1)) == 5
    assert array.gid.values.tolist() == [4, 5]
    assert (array.name, array.attrs["units"]) == ("v", "mV")


def test_spikes_and_traces_as_neo(small_spikes, traces):
    pytest.importorskip("neo")
    trains = convert.spikes_to_neo(small_spikes)
    assert len(trains) == 10
    assert trains[4].magnitude.tolist() == small_spikes.train(4).tolist()
    assert trains[4].annotations == {"gid": 4, "population": "MLI2"}
    assert float(trains[4].t_stop.rescale("s")) == pytest.approx(0.2)
    signal = convert.traces_to_neo(traces)
    assert signal.times.rescale("ms").magnitude.tolist() == pytest.approx([10, 10.5, 11, 11.5])
    assert signal.array_annotations["section"].tolist() == ["soma", "dendrite"]
    assert signal.magnitude.tolist() == traces.values.tolist()


def test_spikes_and_traces_as_pynapple(small_spikes, traces):
    pytest.importorskip("pynapple")
    group = convert.spikes_to_pynapple(small_spikes)
    np.testing.assert_allclose(group[4].t, small_spikes.train(4) / 1000)
    assert group["population"][9] == "CF"
    assert len(group) == 10
    frame = convert.traces_to_pynapple(traces)
    np.testing.assert_allclose(frame.t, traces.times_ms / 1000)
    assert frame["section"].tolist() == ["soma", "dendrite"]


def test_a_library_that_is_missing_is_named(monkeypatch, traces):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(MachineError, match=r"pip install 'cerebella\[exports\]'"):
        convert.traces_to_xarray(traces)
