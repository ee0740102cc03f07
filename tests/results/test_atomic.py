import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cerebella.errors import InputError, OutputExistsError
from cerebella.results.atomic import atomic_directory, atomic_file


class HalfWayError(Exception):
    pass


def write_half_of(writer):
    """Enter `writer`, write something, and fail."""
    with writer as temporary:
        (temporary / "half" if temporary.is_dir() else temporary).write_text("half")
        raise HalfWayError


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_that_fails_half_way_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(HalfWayError):
        write_half_of(atomic_file(path))
    assert path.read_text() == "old"
    assert names_in(tmp_path) == ["a.txt"]


def test_threads_that_write_at_once_keep_the_mask_of_permissions(tmp_path, monkeypatch):
    replace_mask = os.umask

    def slowly(mask):
        before = replace_mask(mask)
        time.sleep(0.005)  # another thread has its turn
        return before

    def write(name):
        with atomic_file(tmp_path / name) as temporary:
            temporary.write_text("x")

    mask = replace_mask(0o027)
    try:
        monkeypatch.setattr(os, "umask", slowly)
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, "abcdefgh"))
        monkeypatch.undo()
        assert replace_mask(0o027) == 0o027
    finally:
        replace_mask(mask)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}


def test_a_directory_that_fails_half_way_leaves_nothing(tmp_path):
    with pytest.raises(HalfWayError):
        write_half_of(atomic_directory(tmp_path / "run"))
    assert names_in(tmp_path) == []


def test_a_directory_that_fails_half_way_leaves_the_old_one(tmp_path):
    old = tmp_path / "run"
    old.mkdir()
    (old / "result").touch()
    with pytest.raises(HalfWayError):
        write_half_of(atomic_directory(old, replaceable=lambda folder: None))
    assert names_in(tmp_path) == ["run"]
    assert names_in(old) == ["result"]


def test_a_directory_is_replaced_whole(tmp_path):
    for name in ("old", "new"):
        with atomic_directory(tmp_path / "run", replaceable=lambda folder: None) as temporary:
            (temporary / name).touch()
    assert names_in(tmp_path) == ["run"]
    assert names_in(tmp_path / "run") == ["new"]


def test_an_empty_directory_is_used(tmp_path):
    (tmp_path / "run").mkdir()
    with atomic_directory(tmp_path / "run") as temporary:
        (temporary / "result").touch()
    assert names_in(tmp_path / "run") == ["result"]


def test_an_existing_directory_is_refused_before_any_work(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "result").touch()
    with pytest.raises(OutputExistsError, match="`force`"), atomic_directory(tmp_path / "run"):
        pytest.fail("the body was entered")


def test_a_directory_that_another_process_made_meanwhile_is_kept(tmp_path):
    path = tmp_path / "run"

    def write_while_another_does():
        with atomic_directory(path):
            path.mkdir()
            (path / "theirs").touch()

    with pytest.raises(OutputExistsError):
        write_while_another_does()
    assert names_in(path) == ["theirs"]
    assert names_in(tmp_path) == ["run"]


def test_a_folder_that_cannot_be_made_is_explained(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(InputError, match="cannot be written"),
        atomic_file(tmp_path / "file" / "a.txt"),
    ):
        pytest.fail("the body was entered")
