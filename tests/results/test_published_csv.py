import itertools

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.results.condition import Condition
from cerebella.results.published_csv import (
    PUBLISHED_POPULATIONS,
    condition_from_name,
    published_spike_name,
    read_published_spikes,
    write_published_spikes,
)
from cerebella.results.spikes import Population


def read_text(tmp_path, text, **options):
    path = tmp_path / "spikes.csv"
    path.write_bytes(text.encode())
    return read_published_spikes(path, **options)


def test_the_published_numbering_has_no_gaps():
    assert [p.n_cells for p in PUBLISHED_POPULATIONS] == [208, 59, 21_339, 22]
    for one, following in itertools.pairwise(PUBLISHED_POPULATIONS):
        assert one.gids.stop == following.first_gid


def test_lines_are_read_in_any_order(tmp_path):
    spikes = read_text(tmp_path, "12.5,208\n0.436903,18372\n7,0\n")
    assert list(spikes) == [(0.436903, 18372), (7.0, 0), (12.5, 208)]
    assert spikes.populations == PUBLISHED_POPULATIONS
    assert spikes.duration_ms == 13


def test_windows_line_ends_are_read(tmp_path):
    assert list(read_text(tmp_path, "1,2\r\n3,4\r\n")) == [(1.0, 2), (3.0, 4)]


def test_times_are_written_with_six_digits(tmp_path, small_spikes):
    path = tmp_path / "out.csv"
    write_published_spikes(small_spikes, path)
    lines = path.read_text().splitlines()
    assert lines[:2] == ["0.1,7", "0.333333,6"]
    assert lines[-1] == "199.975,3"


def test_what_is_written_is_read_back_to_six_digits(tmp_path, small_spikes):
    path = tmp_path / "out.csv"
    write_published_spikes(small_spikes, path)
    back = read_published_spikes(path, small_spikes.populations, duration_ms=200)
    np.testing.assert_array_equal(back.gids, small_spikes.gids)
    np.testing.assert_allclose(back.times_ms, small_spikes.times_ms, rtol=5e-6)
    write_published_spikes(back, tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("text", "row", "problem"),
    [
        ("time,gid\n1,2\n", 1, "header"),
        ("1,2\nnan,3\n", 2, "time 'nan'"),
        ("1,2\n-0.5,3\n", 2, "time '-0.5'"),
        ("1,2\ninf,3\n", 2, "time 'inf'"),
        ("1,2\nabc,3\n", 2, "time 'abc'"),
        ("1,2.5\n", 1, "gid '2.5'"),
        ("1,-2\n", 1, "gid '-2'"),
        ("1;2\n", 1, "separated by a comma"),
        ("1 2\n", 1, "separated by a comma"),
        ("1,2\n1,2,3\n", 2, "separated by a comma"),
        ("1,2\n\n3,4\n", 2, "separated by a comma"),
        ("1,2\n299.99,216", 2, "truncated"),
        ("1,2\n2,21628\n", 2, "gid 21628 is not in the published network"),
    ],
)
def test_the_line_that_is_wrong_is_named(tmp_path, text, row, problem):
    with pytest.raises(InputError, match=problem) as caught:
        read_text(tmp_path, text)
    assert caught.value.row == row
    assert caught.value.file == tmp_path / "spikes.csv"
    assert caught.value.remedy


@pytest.mark.parametrize("text", ["", "\n", "  \n"])
def test_an_empty_file_is_named(tmp_path, text):
    with pytest.raises(InputError, match="is empty"):
        read_text(tmp_path, text)


def test_a_binary_file_is_refused(tmp_path):
    path = tmp_path / "spikes.csv"
    path.write_bytes(b"\x89\xff\x00")
    with pytest.raises(InputError, match="not UTF-8 text"):
        read_published_spikes(path)


def test_a_byte_order_mark_is_passed_over(tmp_path):
    path = tmp_path / "spikes.csv"
    path.write_bytes(b"\xef\xbb\xbf2.5,7\r\n")
    assert list(read_published_spikes(path)) == [(2.5, 7)]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_published_spikes(tmp_path / "none.csv")


def test_a_gid_beyond_the_given_populations_is_named(tmp_path):
    with pytest.raises(InputError, match="not in the given populations"):
        read_text(tmp_path, "1,2\n", populations=[Population("MLI1", 0, 2)])


def test_names_are_as_published():
    name = "spk_43_20241112_153832_cfsync_sync_8_w2_70_trial_11.csv"
    assert published_spike_name("43_20241112_153832", 8, 70.0, 11) == name
    assert condition_from_name(f"somewhere/{name}") == Condition(8, 70.0, 11, "43_20241112_153832")


@pytest.mark.parametrize("level", [None, 0, 6])
@pytest.mark.parametrize("weight", [70, 72.5, 0])
def test_names_are_read_back(level, weight):
    name = published_spike_name("a_cfsync_b", level, weight, 2)
    assert condition_from_name(name) == Condition(level, weight, 2, "a_cfsync_b")


def test_other_names_say_nothing_of_the_condition():
    assert condition_from_name("spikes.csv") == Condition()


@pytest.mark.published
def test_published_lines_are_written_as_they_were(tmp_path, published_networks):
    for path in published_networks.glob("spk_*.csv"):
        spikes = read_published_spikes(path)
        assert spikes.duration_ms == 300
        write_published_spikes(spikes, tmp_path / "out.csv")
        ours = (tmp_path / "out.csv").read_text().splitlines()
        assert sorted(ours) == sorted(path.read_text().splitlines())
