"""`cerebella view` and `cerebella movie` as a user calls them."""

from __future__ import annotations

import pytest

import cerebella as cb
from cerebella.network.load import save_network


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_is_shown_under_its_own_name(cerebella, make_purkinje_run, in_folder):
    make_purkinje_run("pc8")
    done = cerebella("view", "pc8", "--no-open")
    assert done.returncode == 0
    assert "Saved" in done.stderr
    assert (in_folder / "pc8.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_two_runs_and_a_window(cerebella, make_purkinje_run, in_folder):
    make_purkinje_run("pc0")
    make_purkinje_run("pc8")
    done = cerebella("view", "pc0", "pc8", "--window", "140-200", "--no-open")
    assert done.returncode == 0
    assert "<title>pc0 and pc8</title>" in (in_folder / "pc0_and_pc8.html").read_text()


def test_a_network_is_shown(cerebella, in_folder):
    save_network(cb.generate_network(seed=1, scale=0.1), "net")
    done = cerebella("view", "net", "--out", "cells.html")
    assert done.returncode == 0
    assert "network of the molecular layer" in (in_folder / "cells.html").read_text()


def test_a_movie_is_saved(cerebella, make_purkinje_run, in_folder):
    make_purkinje_run("pc8")
    done = cerebella("movie", "pc8", "a.gif", "--window", "150-160", "--step", "10ms")
    assert done.returncode == 0
    assert (in_folder / "a.gif").read_bytes().startswith(b"GIF89a")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["view", "none"], "no such run or file"),
        (["view", "empty"], "is not a complete run"),
        (["view", "pc8", "pc8"], "is given twice"),
        (["view", "pc8", "--out", "a.png"], "Use the extension .html"),
        (["view", "pc8", "--out", "pc8/run.json/a.html"], "pc8/run.json"),
        (["view", "pc8", "--window", "400-500"], "window"),
        (["view", "bare"], "--record soma_v,calcium"),
        (["view", "pc8", "net"], "is a network, which is shown by itself"),
        (["movie", "pc8"], "the name of the movie is missing"),
        (["movie", "pc8", "a.avi"], "Use the extension .mp4 or .gif"),
        (["movie", "pc8", "a.gif", "--step", "0ms"], "--step is 0"),
    ],
)
def test_wrong_input_gives_one_message(cerebella, make_purkinje_run, in_folder, arguments, message):
    (in_folder / "empty").mkdir()
    (in_folder / "net").mkdir()
    (in_folder / "net" / "cells_x.csv").write_text("")
    make_purkinje_run("pc8")
    make_purkinje_run("bare", traces=("soma_v",))
    done = cerebella(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(in_folder.glob("*.html"))
