import h5py
import libsonata
import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.sonata_traces import read_traces, write_traces
from cerebella.results.spikes import Population
from cerebella.results.traces import Traces

POPULATIONS = (Population("MLI1", 0, 4), Population("MLI2", 4, 2))


def make_traces(dtype=np.float64, step_ms=0.1, gids=(5, 0, 3, 0)):
    rng = np.random.default_rng(1)
    return Traces(
        10 + step_ms * np.arange(7),
        rng.normal(-60, 5, (7, 4)).astype(dtype),
        np.array(gids),
        np.array(["soma", "soma", "dendrite[4]", "dendrite[0]"]),
        np.array([0.5, 0.5, 0.9, 0.1]),
    )


def test_columns_are_brought_into_gid_order_and_keep_theirs_within_a_cell():
    traces = make_traces()
    assert traces.gids.tolist() == [0, 0, 3, 5]
    assert traces.sections.tolist() == ["soma", "dendrite[0]", "dendrite[4]", "soma"]
    np.testing.assert_array_equal(traces.of(5).values[:, 0], traces.values[:, 3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_traces_come_back_bit_for_bit(tmp_path, dtype):
    traces = make_traces(dtype)
    write_traces(traces, tmp_path / "v.h5", POPULATIONS)
    back = read_traces(tmp_path / "v.h5")
    assert back.values.dtype == dtype
    np.testing.assert_allclose(back.times_ms, traces.times_ms, rtol=1e-14)
    for name in ("values", "gids", "sections", "positions", "variable", "unit"):
        np.testing.assert_array_equal(getattr(back, name), getattr(traces, name))


def test_libsonata_reads_the_same_traces(tmp_path):
    traces = make_traces(np.float32)
    write_traces(traces, tmp_path / "v.h5", POPULATIONS)
    report = libsonata.ElementReportReader(tmp_path / "v.h5")
    assert report.get_population_names() == ["mli1", "mli2"]
    mli1 = report["mli1"]
    assert (mli1.time_units, mli1.data_units, mli1.get_node_ids()) == ("ms", "mV", [0, 3])
    frame = mli1.get(node_ids=[0])
    np.testing.assert_array_equal(frame.data, traces.of(0).values)
    np.testing.assert_allclose(frame.times, traces.times_ms)


def test_a_step_summed_up_in_floating_point_is_written_round(tmp_path):
    traces = make_traces()
    accumulated = np.cumsum(np.full(7, 0.025))
    drifting = Traces(
        accumulated, traces.values, traces.gids, traces.sections, traces.positions, "cai", "mM"
    )
    write_traces(drifting, tmp_path / "cai.h5", POPULATIONS)
    with h5py.File(tmp_path / "cai.h5") as h5:
        assert h5["report/mli1/mapping/time"][2] == 0.025
    back = read_traces(tmp_path / "cai.h5")
    assert (back.variable, back.unit) == ("cai", "mM")


def test_uneven_sampling_is_refused(tmp_path):
    traces = make_traces()
    times = traces.times_ms.copy()
    times[3] += 0.05
    uneven = Traces(times, traces.values, traces.gids, traces.sections, traces.positions)
    with pytest.raises(InputError, match="evenly spaced"):
        write_traces(uneven, tmp_path / "v.h5", POPULATIONS)


def test_a_cell_of_no_population_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(InputError, match="4 traces, but only 3 belong to cells"):
        write_traces(make_traces(gids=(9, 0, 3, 0)), tmp_path / "v.h5", POPULATIONS)
    assert list(tmp_path.iterdir()) == []


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"values \(2, 3\)"):
        Traces(np.arange(2), np.zeros((2, 3)), np.zeros(2), np.array(["soma"] * 2), np.zeros(2))


def test_the_same_traces_give_the_same_bytes(tmp_path):
    for name in ("a.h5", "b.h5"):
        write_traces(make_traces(), tmp_path / name, POPULATIONS)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_a_foreign_report_is_read_with_populations(tmp_path):
    path = tmp_path / "v.h5"
    with h5py.File(path, "w") as h5:
        h5["report/mli1/data"] = np.zeros((3, 2), dtype=np.float32)
        mapping = h5.create_group("report/mli1/mapping")
        mapping["time"] = [0.0, 0.3, 0.1]
        mapping["node_ids"] = np.array([1], dtype=np.uint64)
        mapping["index_pointers"] = np.array([0, 2], dtype=np.uint64)
        mapping["element_ids"] = np.array([0, 7], dtype=np.uint32)
    with pytest.raises(InputError, match="does not define the gids"):
        read_traces(path)
    back = read_traces(path, [Population("MLI1", 10, 2)])
    assert back.gids.tolist() == [11, 11]
    assert back.sections.tolist() == ["section[0]", "section[7]"]


def test_a_mapping_that_does_not_fit_is_refused(tmp_path):
    path = tmp_path / "v.h5"
    write_traces(make_traces(), path, POPULATIONS)
    with h5py.File(path, "a") as h5:
        h5["report/mli1/mapping/index_pointers"][:] = [0, 9, 3]
    with pytest.raises(InputError, match="do not match their mapping"):
        read_traces(path)


def test_hundreds_of_compartments_take_no_time(tmp_path):
    n_columns = 1600
    traces = Traces(
        0.1 * np.arange(500),
        np.zeros((500, n_columns), dtype=np.float32),
        np.zeros(n_columns, dtype=int),
        np.array([f"dend[{i // 2}]" for i in range(n_columns)]),
        np.tile([0.25, 0.75], n_columns // 2),
    )
    write_traces(traces, tmp_path / "v.h5", POPULATIONS)
    np.testing.assert_array_equal(read_traces(tmp_path / "v.h5").sections, traces.sections)


def test_repr_describes_the_recording():
    assert repr(make_traces()) == ("<Traces of v in mV: 4 sites in 3 cells, 7 samples, 10–10.6 ms>")
