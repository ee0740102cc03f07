import zipfile

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.morphology.recording_sites import PUBLISHED_ORIGIN_X, load_recording_sites
from cerebella.results.published_npz import (
    PUBLISHED_CELL,
    manifest_from_name,
    published_trace_files,
    published_trace_name,
    read_published_sites,
    read_published_traces,
    write_published_traces,
)

NAME = "pc_cf2_cf_29_pf_12_sync_8_trial_11_{}.npz"


@pytest.fixture
def run(make_purkinje_run):
    return make_purkinje_run(trial=11)


@pytest.fixture
def somav(run, tmp_path):
    path = tmp_path / NAME.format("somav")
    write_published_traces(run.traces["soma_v"], path)
    return path


@pytest.fixture
def ca(run, tmp_path):
    path, calcium = tmp_path / NAME.format("ca"), run.traces["calcium"]
    write_published_traces(
        calcium, path, load_recording_sites(run, calcium, origin_x=PUBLISHED_ORIGIN_X)
    )
    return path


def test_names_say_scales_level_and_trial(run):
    assert published_trace_name(run.manifest, "soma_v") == NAME.format("somav")
    other = run.manifest | {"pf_scale": 1.5, "cf_sync": None}
    assert published_trace_name(other, "v") == "pc_cf2_cf_29_pf_1.5_sync_none_trial_11_v.npz"
    for manifest in (run.manifest, other):
        back = manifest_from_name(published_trace_name(manifest, "v"))
        assert {key: manifest[key] for key in back} == back
    assert manifest_from_name("somav.npz") is None


def test_the_somas_voltage_is_two_flat_arrays(somav, run):
    with np.load(somav) as archive:
        assert sorted(archive) == ["data", "t"]
        assert archive["data"].tolist() == run.traces["soma_v"].values[:, 0].tolist()
        assert archive["t"].tolist() == run.traces["soma_v"].times_ms.tolist()


def test_compartments_are_in_the_published_order_without_the_axon(ca):
    with np.load(ca, allow_pickle=False) as archive:
        assert archive["data"].shape == (9, 2991)
        segs = archive["segs"]
    assert segs[:, 0].tolist() == [
        *["pkj_neuron[0].soma"] * 3,
        "pkj_neuron[0].dendA1_0",
        *["pkj_neuron[0].dendA1_00"] * 2,
        "pkj_neuron[0].dendA1_01",
        *["pkj_neuron[0].smth_A1"] * 2,
    ]
    x, diameter, distance = (segs[:, column].astype(float) for column in (1, 2, 3))
    assert x[3:6].tolist() == [0.5, 0.25, 0.75]
    assert diameter.tolist() == [20, 20, 20, 2, 1, 1, 0.5, 3, 3]
    assert distance[7] == pytest.approx(0.95 * 20 + 5)


def test_traces_come_back(somav, ca, run):
    back = read_published_traces(somav)
    assert np.array_equal(back.values, run.traces["soma_v"].values)
    assert (back.variable, back.unit, back.gids.tolist()) == ("v", "mV", [PUBLISHED_CELL.first_gid])
    calcium, places = read_published_traces(ca), read_published_sites(ca)
    assert places.fit(calcium)
    assert (calcium.variable, calcium.unit) == ("cai", "mM")
    assert calcium.values.dtype == np.float32
    order = [0, 1, 2, 7, 8, 9, 10, 5, 6]
    assert np.array_equal(calcium.values, run.traces["calcium"].values[:, order])
    assert places.regions.tolist() == ["soma"] * 3 + ["spiny"] * 4 + ["smooth"] * 2


def test_all_files_of_a_run_are_found_from_one(somav, ca):
    assert published_trace_files(ca) == {"soma_v": somav, "calcium": ca}
    with pytest.raises(InputError, match="does not have a published name"):
        published_trace_files("recording_somav.npz")


def test_a_stray_object_in_the_archive_is_left_alone(somav):
    """The published files hold an entry `allow_pickle`, which may be an object."""
    with np.load(somav) as archive:
        arrays = dict(archive)
    np.savez(somav, **arrays, stray=np.array([{"a": 1}], dtype=object))
    assert read_published_traces(somav).values.shape == (14951, 1)


def test_objects_where_numbers_should_be_are_not_loaded(somav):
    np.savez(somav, t=np.arange(2.0), data=np.array([{}, {}], dtype=object))
    with pytest.raises(InputError, match="cannot be read as a NumPy archive"):
        read_published_traces(somav)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"t": np.arange(3.0)}, "no array 'data'"),
        ({"t": np.arange(3.0), "data": np.zeros(2)}, "but there are 1 compartments"),
        (
            {"t": np.arange(3.0), "data": np.array(["a", "b", "c"])},
            "`data` contains <U1 instead",
        ),
    ],
)
def test_arrays_that_do_not_fit_are_refused(somav, arrays, message):
    np.savez(somav, **arrays)
    with pytest.raises(InputError, match=message):
        read_published_traces(somav)


@pytest.mark.parametrize(
    ("segs", "message"),
    [
        ([["s", "0.5", "1"]], "not text with four columns"),
        ([["s", "0.5", "wide", "10"]], "compartment 0 of `segs` has '0.5, wide, 10'"),
    ],
)
def test_segs_that_cannot_be_read_are_refused(ca, segs, message):
    np.savez(ca, t=np.arange(3.0), data=np.zeros((1, 3)), segs=np.array(segs))
    with pytest.raises(InputError, match=message):
        read_published_traces(ca)


def test_damaged_files_and_other_names_are_refused(somav, tmp_path):
    somav.write_bytes(somav.read_bytes()[:100])
    with pytest.raises(InputError, match="cannot be read as a NumPy archive"):
        read_published_traces(somav)
    with pytest.raises(InputError, match="No such file"):
        read_published_traces(tmp_path / NAME.format("v"))
    np.save(somav.with_suffix(".npy"), np.zeros(3))
    somav.with_suffix(".npy").replace(somav)
    with pytest.raises(InputError, match="cannot be read as a NumPy archive"):
        read_published_traces(somav)
    with pytest.raises(InputError, match=r"name that ends in _somav\.npz"):
        read_published_traces(tmp_path / "voltage.npz")


def test_the_same_traces_give_the_same_bytes(somav, run):
    first = somav.read_bytes()
    write_published_traces(run.traces["soma_v"], somav)
    assert somav.read_bytes() == first
    assert zipfile.ZipFile(somav).testzip() is None


@pytest.mark.published
def test_the_published_recording_is_read(published_folder):
    back = read_published_traces(published_folder("purkinje") / NAME.format("somav"))
    assert back.values.shape == (14951, 1)
    assert back.times_ms[-1] == pytest.approx(299)
    assert -80 < back.values.min() < back.values.max() < 20
