"""Values that no simulation writes are refused, and the message names them."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.published_npz import read_published_traces
from cerebella.results.sonata_spikes import read_spikes
from cerebella.results.sonata_traces import read_traces
from cerebella.runs.load import load_run


def replace(file, name, values):
    del file[name]
    file[name] = values


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        ([0.7, 1], "0.7, which is not an integer"),
        ([np.nan, 1], "nan, which is not an integer"),
        ([1e300, 1], "not an integer"),
        (np.array([2**63, 1], np.uint64), "not an integer"),
        ([1 + 2j, 1], "complex128"),
        (["a", "b"], "not numbers"),
        ([[0], [1]], "shape"),
        ([-1, 0], "cell -1 of MLI1 does not exist"),
    ],
)
def test_node_ids_are_cells_of_the_population(mli_run, nodes, message):
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        replace(file, "spikes/mli1/node_ids", nodes)
    for read in (read_spikes, lambda path: load_run(path.parent).of("MLI1")):
        with pytest.raises(InputError, match=message):
            read(mli_run / "spikes.h5")


def test_node_ids_may_be_stored_as_whole_floats(mli_run):
    expected = read_spikes(mli_run / "spikes.h5")
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        replace(file, "spikes/mli1/node_ids", [0.0, 1.0])
    assert read_spikes(mli_run / "spikes.h5") == expected


@pytest.mark.parametrize("duration", [np.nan, -1.0, 0.0, np.inf, 1e300, "200", [200.0, 200.0]])
def test_a_duration_is_a_positive_time(mli_run, duration):
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        file["spikes"].attrs["duration_ms"] = duration
    with pytest.raises(InputError, match="duration"):
        read_spikes(mli_run / "spikes.h5")


@pytest.mark.parametrize("time", [-0.1, 200.1, np.inf, np.nan])
def test_spikes_lie_within_the_run(mli_run, time):
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        replace(file, "spikes/mli1/timestamps", [10.0, time])
    for read in (read_spikes, lambda path: load_run(path.parent).of("MLI1")):
        with pytest.raises(InputError, match=r"spike at 200\.1|negative or non-finite|inf"):
            read(mli_run / "spikes.h5")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("first_gid", 3, "gid 3 belongs to populations MLI1 and MLI2|gid 4"),
        ("first_gid", -1, "from gid -1"),
        ("first_gid", 4.5, "not an integer"),
        ("n_cells", -1, "-1 cells"),
        ("n_cells", 10**12, "1000000000000 cells"),
        ("name", "MLI1", "two populations MLI1"),
        ("name", "../x", "name of the population"),
    ],
)
def test_populations_have_separate_ranges_of_gids(mli_run, name, value, message):
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        file["spikes/mli2"].attrs[name] = value
    with pytest.raises(InputError, match=message):
        read_spikes(mli_run / "spikes.h5")


@pytest.mark.parametrize(
    "time",
    [[0, 0.5, 0], [0, 0.5, -0.1], [0, 0.5, np.nan], [np.nan, 0.5, 0.1], [0, np.inf, 0.1], [0, 1]],
)
def test_samples_have_a_positive_finite_step(mli_run, time):
    with h5py.File(mli_run / "voltage.h5", "r+") as file:
        replace(file, "report/mli1/mapping/time", np.array(time, float))
    with pytest.raises(InputError, match="not start, stop and a positive step"):
        read_traces(mli_run / "voltage.h5")


@pytest.mark.parametrize("element", [1, -1, 10**9])
def test_sections_of_traces_exist(mli_run, element):
    with h5py.File(mli_run / "voltage.h5", "r+") as file:
        replace(file, "report/mli1/mapping/element_ids", [element])
    with pytest.raises(InputError, match=rf"element_ids contains {element}, but there are 1"):
        read_traces(mli_run / "voltage.h5")


@pytest.mark.parametrize("times", [[0, np.nan, 2], [0, 2, 1], [0, 1, np.inf]])
def test_times_of_published_traces_are_finite_and_increase(tmp_path, times):
    file = tmp_path / "pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz"
    np.savez(file, t=np.array(times, float), data=np.zeros(3))
    with pytest.raises(InputError, match="finite, increasing times"):
        read_published_traces(file)


def test_the_durations_of_a_run_and_of_its_spikes_agree(mli_run):
    manifest = json.loads((mli_run / "run.json").read_text())
    (mli_run / "run.json").write_text(json.dumps(manifest | {"duration_ms": 300.0}))
    with pytest.raises(InputError, match=r"duration_ms is 300, but that of spikes\.h5 is 200"):
        load_run(mli_run)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("duration_ms", float("nan")),
        ("duration_ms", float("inf")),
        ("duration_ms", -1),
        ("cf_sync", "8"),
        ("seed", "0"),
        ("cite", 5),
        ("parameters", []),
    ],
)
def test_values_of_a_manifest_have_their_types(mli_run, key, value):
    manifest = json.loads((mli_run / "run.json").read_text())
    (mli_run / "run.json").write_text(json.dumps(manifest | {key: value}))
    with pytest.raises(InputError, match=rf"{key}|not finite"):
        load_run(mli_run)


@pytest.mark.parametrize("unit", [np.bytes_(b"ms"), "ms", np.array(["ms"], dtype="S4")])
def test_text_attributes_may_be_bytes_of_fixed_length(mli_run, unit):
    expected = read_spikes(mli_run / "spikes.h5")
    with h5py.File(mli_run / "spikes.h5", "r+") as file:
        file["spikes/mli1/timestamps"].attrs["units"] = unit
        file["spikes/mli1"].attrs["name"] = np.bytes_(b"MLI1")
    assert read_spikes(mli_run / "spikes.h5") == expected
