"""Directories of tasks, independent of names and locations of functions."""

from __future__ import annotations

import pytest

from cerebella.errors import InputError
from cerebella.sweeps.task import Task, task_paths


def simulate(path, settings, needed):
    raise AssertionError


def renamed(path, settings, needed):
    raise AssertionError


def paths(run, tmp_path, **settings):
    first = Task("first", "number", run, {"number": 1} | settings)
    return task_paths(tmp_path, [first, Task("second", "number", run, {}, after=("first",))])


def test_functions_may_be_renamed_and_moved(tmp_path, monkeypatch):
    before = paths(simulate, tmp_path)
    assert paths(renamed, tmp_path) == before
    monkeypatch.setattr(simulate, "__module__", "cerebella.elsewhere")
    assert paths(simulate, tmp_path) == before


def test_keys_are_those_of_the_first_release(tmp_path):
    """Finished runs of users are found by these names; they never change."""
    names = [path.name for path in paths(simulate, tmp_path).values()]
    assert names == ["first-019ef6e0", "second-11ce6715"]


def test_settings_kind_and_needs_name_the_directory(tmp_path):
    before = paths(simulate, tmp_path)
    other_settings = paths(simulate, tmp_path, number=2)
    assert not set(before.values()) & set(other_settings.values())
    kinds = [Task("first", kind, simulate, {}) for kind in ("number", "letter")]
    assert len({task_paths(tmp_path, [task])["first"] for task in kinds}) == 2


def test_a_run_of_a_script_made_under_schema_1_is_found(tmp_path, monkeypatch):
    """Schema 1 hashed the module and name of the function, which the script still has."""
    monkeypatch.setattr(simulate, "__module__", "my_script")
    task = Task("one", "anything", simulate, {"number": 1})
    older = tmp_path / "runs" / "one-1a3c909c"  # hash of "my_script.simulate"
    older.mkdir(parents=True)
    (older / "run.json").touch()
    assert task_paths(tmp_path, [task])["one"] == older


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([Task("a", "k", simulate, {}), Task("a", "k", simulate, {})], "two tasks are named 'a'"),
        ([Task("a", "k", simulate, {}, after=("ghost",))], "depends on 'ghost'"),
        (
            [Task("a", "k", simulate, {}), Task("b", "k", renamed, {})],
            "kind 'k' have two functions.*Give each function its own kind",
        ),
    ],
)
def test_tasks_that_contradict_each_other_are_refused(tmp_path, tasks, message):
    with pytest.raises(InputError, match=message):
        task_paths(tmp_path, tasks)
