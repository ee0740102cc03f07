import time

import h5py
import libsonata
import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.published_csv import read_published_spikes
from cerebella.results.sonata_spikes import read_spikes, write_spikes
from cerebella.results.spikes import Population, SpikeTrains


@pytest.fixture
def file(tmp_path, small_spikes):
    path = tmp_path / "spikes.h5"
    write_spikes(small_spikes, path)
    return path


def foreign_file(path, **columns):
    """Write a file as other programs do: without gids and without a duration."""
    with h5py.File(path, "w") as h5:
        group = h5.create_group("spikes/mli1")
        for name, values in columns.items():
            group.create_dataset(name, data=values)
    return path


def test_spikes_come_back_bit_for_bit(file, small_spikes):
    back = read_spikes(file)
    assert back == small_spikes
    assert back.times_ms.tobytes() == small_spikes.times_ms.tobytes()
    assert back.duration_ms == small_spikes.duration_ms


def test_libsonata_reads_the_same_spikes(file, small_spikes):
    reader = libsonata.SpikeReader(file)
    assert sorted(reader.get_population_names()) == ["cf", "mli1", "mli2", "pf"]
    for population in small_spikes.populations:
        theirs = reader[population.name.lower()]
        own = small_spikes.of(population.name)
        assert theirs.sorting == "by_time"
        assert [(t, node + population.first_gid) for node, t in theirs.get()] == list(own)


def test_the_same_spikes_give_the_same_bytes_at_another_time(tmp_path, file, small_spikes):
    time.sleep(1.1)  # HDF5 dates are in seconds
    write_spikes(small_spikes, tmp_path / "again.h5")
    assert (tmp_path / "again.h5").read_bytes() == file.read_bytes()


def test_a_population_without_spikes_or_without_cells_comes_back(tmp_path):
    populations = (Population("MLI1", 0, 3), Population("CF", 3, 0))
    silent = SpikeTrains(np.empty(0), np.empty(0, dtype=int), populations, 50.0)
    write_spikes(silent, tmp_path / "silent.h5")
    back = read_spikes(tmp_path / "silent.h5")
    assert back.populations == populations
    assert len(back) == 0
    assert back.duration_ms == 50


def test_a_spike_of_no_population_is_refused_and_nothing_is_written(tmp_path):
    stray = SpikeTrains(np.array([1.0]), np.array([7]), (Population("MLI1", 0, 3),), 10.0)
    with pytest.raises(InputError, match="gid 7 does not belong to exactly one"):
        write_spikes(stray, tmp_path / "spikes.h5")
    assert list(tmp_path.iterdir()) == []


def test_populations_that_differ_in_case_only_are_refused(tmp_path):
    populations = (Population("A", 0, 1), Population("a", 1, 1))
    with pytest.raises(InputError, match="valid, unique group names"):
        write_spikes(
            SpikeTrains(np.empty(0), np.empty(0, dtype=int), populations, 1.0), tmp_path / "s.h5"
        )


def test_a_foreign_file_needs_populations(tmp_path):
    path = foreign_file(tmp_path / "s.h5", timestamps=[2.5, 1.0], node_ids=[0, 1])
    with pytest.raises(InputError, match=r"'mli1'.*populations="):
        read_spikes(path)
    back = read_spikes(path, [Population("MLI1", 100, 2)])
    assert list(back) == [(1.0, 101), (2.5, 100)]
    assert back.duration_ms == 3
    assert read_spikes(path, [Population("MLI1", 0, 2)], duration_ms=40).duration_ms == 40


def test_a_foreign_cell_beyond_its_population_is_refused(tmp_path):
    path = foreign_file(tmp_path / "s.h5", timestamps=[1.0], node_ids=[2])
    with pytest.raises(InputError, match="cell 2 of MLI1 does not exist"):
        read_spikes(path, [Population("MLI1", 0, 2)])


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"timestamps": [1.0, 2.0], "node_ids": [0]}, "2 timestamps, but 1 node_ids"),
        ({"timestamps": [np.nan], "node_ids": [0]}, "non-finite"),
        ({"timestamps": [-1.0], "node_ids": [0]}, "negative"),
        ({"node_ids": [0]}, "no dataset /spikes/mli1/timestamps"),
    ],
)
def test_damaged_columns_are_named(tmp_path, columns, problem):
    path = foreign_file(tmp_path / "s.h5", **columns)
    with pytest.raises(InputError, match=problem):
        read_spikes(path, [Population("MLI1", 0, 2)])


def test_times_in_seconds_are_refused(tmp_path):
    path = foreign_file(tmp_path / "s.h5", timestamps=[1.0], node_ids=[0])
    with h5py.File(path, "a") as h5:
        h5["spikes/mli1/timestamps"].attrs["units"] = "s"
    with pytest.raises(InputError, match="instead of ms"):
        read_spikes(path, [Population("MLI1", 0, 2)])


def test_a_missing_a_cut_off_and_another_file_are_told_apart(tmp_path, file):
    with pytest.raises(InputError, match="No such file"):
        read_spikes(tmp_path / "nothing.h5")
    with pytest.raises(InputError, match="is a folder"):
        read_spikes(tmp_path)
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(InputError, match="cannot be read as HDF5"):
        read_spikes(file)
    with h5py.File(tmp_path / "other.h5", "w") as h5:
        h5["x"] = 1
    with pytest.raises(InputError, match="no group /spikes"):
        read_spikes(tmp_path / "other.h5")


@pytest.mark.published
def test_published_spikes_come_back(tmp_path, published_networks):
    for csv in published_networks.glob("spk_*.csv"):
        spikes = read_published_spikes(csv)
        write_spikes(spikes, tmp_path / "spikes.h5")
        assert read_spikes(tmp_path / "spikes.h5") == spikes
