"""`cerebella demo`: the first thing that anybody runs."""

from __future__ import annotations

from cerebella.cli.demo import _free_folder
from cerebella.results.run_directory import load_run


def test_demo_shows_the_effect_and_leaves_everything_to_look_at(cerebella, tmp_path):
    done = cerebella("demo")
    assert done.returncode == 0, done.stderr
    assert "MLI2, sync 8" in done.stdout
    assert "(91.5)" in done.stdout  # the published value beside ours
    assert "disinhibited" in done.stdout
    demo = tmp_path / "demo"
    assert (demo / "cf_synchrony.png").read_bytes().startswith(b"\x89PNG")
    assert load_run(demo / "sync8_trial1").condition.cf_sync == 8
    refused = cerebella("demo", "demo")
    assert refused.returncode == 2
    assert "--force" in refused.stderr


def test_an_older_demo_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert _free_folder().name == "demo"
    (tmp_path / "demo").mkdir()
    assert _free_folder().name == "demo-2"
    (tmp_path / "demo-2").mkdir()
    assert _free_folder().name == "demo-3"
