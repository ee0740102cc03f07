import json

import numpy as np
import pytest

from cerebella.results.nwb import write_nwb

pynwb = pytest.importorskip("pynwb")


def test_a_run_as_nwb(make_purkinje_run, tmp_path):
    run = make_purkinje_run()
    path = tmp_path / "run.nwb"
    write_nwb(path, run.manifest, run.spikes, run.traces, name=run.name)
    with pynwb.NWBHDF5IO(path, "r") as stream:
        file = stream.read()
        units = file.units.to_dataframe()
        assert units.index.tolist() == list(range(11))
        assert units.loc[10, "population"] == "PC"
        np.testing.assert_allclose(units.loc[10, "spike_times"], run.spikes.train(10) / 1000)
        calcium, places = file.acquisition["calcium"], file.acquisition["calcium_places"]
        assert calcium.data.shape == (2991, 11)
        assert calcium.rate == pytest.approx(10_000)
        assert places["section"][:].tolist() == run.traces["calcium"].sections.tolist()
        voltage = file.acquisition["soma_v"]
        assert (voltage.unit, voltage.conversion) == ("volts", 1e-3)
        assert json.loads(file.notes)["cf_sync"] == 8
    assert pynwb.validate(path=str(path)) == []
