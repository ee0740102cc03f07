"""Tasks in order, each once, despite failures, crashes and interruptions."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cerebella.errors import InputError, SimulationError
from cerebella.results.locks import locked_folder
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Batch, Task

SETTINGS = {"seed": 0, "network": {"name": "small"}}


@pytest.fixture
def sweep(tmp_path):
    """Run tasks in threads of this process, which start at once."""

    def run(tasks, folder=tmp_path / "sweep", **options):
        options = {"experiment": "numbers", "settings": SETTINGS} | options
        if "executor" in options:
            return run_sweep(folder, tasks, **options)
        with ThreadPoolExecutor(2) as threads:
            return run_sweep(folder, tasks, executor=threads, **options)

    return run


def values(tasks, results):
    return [tasks.value_of(result.path) for result in results.values()]


def test_a_point_gets_the_runs_that_it_needs_in_its_order(sweep, tasks):
    chain = [
        Task("slow", "add_up", tasks.add_up, {"number": 1, "seconds": 0.3}),
        Task("quick", "add_up", tasks.add_up, {"number": 10}),
        Task("both", "add_up", tasks.add_up, {"number": 100}, after=("slow", "quick")),
        Task("last", "add_up", tasks.add_up, {"number": 1000}, after=("both",)),
    ]
    results = sweep(chain)
    assert list(results) == ["slow", "quick", "both", "last"]
    assert values(tasks, results) == [1, 10, 111, 1111]


def test_finished_points_are_kept_and_others_may_be_added(sweep, tasks):
    first = sweep(tasks.numbers(3))
    written = [result.path.stat().st_mtime_ns for result in first.values()]
    seen = []
    second = sweep(tasks.numbers(5), on_progress=seen.append)
    assert [second[name].path.stat().st_mtime_ns for name in first] == written
    assert values(tasks, second) == [0, 1, 2, 3, 4]
    assert (seen[0].kept, seen[-1].done, seen[-1].total, seen[-1].fraction) == (3, 5, 5, 1.0)


def test_a_point_with_other_settings_or_needs_is_another_point(sweep, tasks):
    def run(number, other):
        chain = [
            Task("first", "add_up", tasks.add_up, {"number": other}),
            Task("second", "add_up", tasks.add_up, {"number": number}, after=("first",)),
        ]
        return {name: result.path for name, result in sweep(chain).items()}

    before, other_need, other_number = run(1, 2), run(1, 3), run(5, 2)
    assert before["second"] != other_need["second"]
    assert before["second"] != other_number["second"]
    assert before["first"] == other_number["first"]


def test_a_point_that_fails_once_is_tried_again(sweep, tasks, tmp_path):
    results = sweep(tasks.numbers(3, tasks.stumble, folder=str(tmp_path)))
    assert values(tasks, results) == [0, 1, 2]
    assert not (tmp_path / "sweep" / "failed.json").exists()


def in_batches(tasks, n, size, folder, **settings):
    made = tasks.numbers(n, folder=str(folder), **settings)
    return [task._replace(batch=Batch(tasks.add_up_together, size)) for task in made]


def test_runs_of_a_batch_are_made_together_and_finished_ones_are_left_out(sweep, tasks, tmp_path):
    def together():
        return (tmp_path / "together.txt").read_text().splitlines()

    sweep(in_batches(tasks, 2, 3, tmp_path))
    results = sweep(in_batches(tasks, 7, 3, tmp_path))
    assert values(tasks, results) == list(range(7))
    assert sorted(together()) == ["[0, 1]", "[2, 3, 4]", "[5, 6]"]


def test_runs_of_a_batch_that_failed_are_tried_again_alone(sweep, tasks, tmp_path):
    of_refused = in_batches(tasks, 4, 4, tmp_path, refused=1)
    alone = [
        task._replace(run=tasks.refuse, kind="refuse") if task.settings["number"] == 1 else task
        for task in of_refused
    ]
    results = sweep(alone)
    assert (tmp_path / "together.txt").read_text().splitlines() == ["[0, 1, 2, 3]"]
    assert [result.error for result in results.values()] == [
        None, "number 1 is refused. Give another", None, None
    ]  # fmt: skip


def driven(tasks, folder, names, n, **batch):
    """Return for each name a chain: n tasks, and tasks in a batch that need one of these each."""
    made = []
    for name in names:
        together = Batch(tasks.add_up_together, n, name, **batch)
        settings = {"number": 0, "folder": str(folder)}
        needed = [
            Task(f"{name}{i}", "add_up", tasks.add_up, {"number": i}, labels={"seconds": 0.1 * i})
            for i in range(n)
        ]
        made += needed
        made += [
            Task(f"{one.name}+", "add_up", tasks.add_up, settings, (one.name,), batch=together)
            for one in needed
        ]
    return made


def test_a_batch_waits_for_all_that_its_runs_need(sweep, tasks, tmp_path):
    results = sweep(driven(tasks, tmp_path, "ab", 3))
    assert values(tasks, results) == [0, 1, 2, 0, 1, 2] * 2
    lines = (tmp_path / "together.txt").read_text().splitlines()
    assert sorted(lines) == ["[0, 0, 0]"] * 2


def test_a_batch_does_not_wait_for_runs_that_cannot_be_made(sweep, tasks, tmp_path):
    made = driven(tasks, tmp_path, "a", 3)
    made[1] = made[1]._replace(run=tasks.refuse, kind="refuse")
    results = sweep(made)
    assert results["a1+"].error == "depends on a1, which failed"
    assert (tmp_path / "together.txt").read_text() == "[0, 0]\n"


@pytest.mark.parametrize(
    ("workers", "sizes"), [(1, [4, 4]), (2, [2, 4]), (3, [2, 3]), (8, []), (None, [])]
)
def test_batches_in_turn_leave_no_worker_without_runs(sweep, tasks, tmp_path, workers, sizes):
    made = [
        task._replace(batch=Batch(tasks.add_up_together, 4, str(number // 4), in_turn=True))
        for number, task in enumerate(tasks.numbers(8, folder=str(tmp_path)))
    ]
    results = sweep(made, workers=workers)
    assert values(tasks, results) == list(range(8))
    file = tmp_path / "together.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    assert sorted(len(json.loads(line)) for line in lines) == sizes


def test_points_that_fail_twice_are_listed_with_their_errors_and_do_not_stop_others(
    sweep, tasks, tmp_path
):
    chain = [
        Task("bad", "refuse", tasks.refuse, {"number": 7}),
        Task("needs_bad", "add_up", tasks.add_up, {"number": 1}, after=("bad",)),
        Task("good", "add_up", tasks.add_up, {"number": 2}),
    ]
    results = sweep(chain)
    assert results["bad"].error == "number 7 is refused. Give another"
    assert results["needs_bad"].error == "depends on bad, which failed"
    assert results["good"].error is None
    failed = json.loads((tmp_path / "sweep" / "failed.json").read_text())
    assert failed == {name: results[name].error for name in ("bad", "needs_bad")}


def test_failed_points_are_tried_again_by_the_next_start(sweep, tasks, tmp_path):
    chain = [
        Task(
            "late",
            "wait_for_file",
            tasks.wait_for_file,
            {"number": 3, "file": str(tmp_path / "ready")},
        )
    ]
    with pytest.raises(SimulationError, match=r"all 1 runs failed, for example late: .*ready"):
        sweep(chain)
    (tmp_path / "ready").touch()
    assert sweep(chain)["late"].error is None
    assert not (tmp_path / "sweep" / "failed.json").exists()


def test_an_unexpected_error_is_shown_with_its_place(sweep, tasks):
    good = Task("good", "add_up", tasks.add_up, {"number": 1})
    results = sweep([Task("bad", "add_up", tasks.add_up, {}), good])
    assert "KeyError: 'number'" in (results["bad"].error or "")
    assert "tasks.py" in (results["bad"].error or "")


def test_a_point_that_writes_no_run_has_failed(sweep, tasks):
    good = Task("good", "add_up", tasks.add_up, {"number": 1})
    results = sweep([Task("lazy", "do_nothing", tasks.do_nothing, {"number": 1}), good])
    assert "no run was written" in (results["lazy"].error or "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"settings": {"seed": 1, "network": {"name": "small"}}}, "seed was 0, now 1"),
        ({"settings": {"seed": 0, "network": {"name": "big"}}}, "network.name was 'small'"),
        ({"experiment": "letters"}, "holds experiment numbers, not letters"),
    ],
)
def test_a_folder_of_something_else_is_refused_with_the_difference(sweep, tasks, change, message):
    sweep(tasks.numbers(1))
    with pytest.raises(InputError, match=message):
        sweep(tasks.numbers(1), **change)


def test_a_folder_that_holds_other_files_is_refused_and_left_alone(sweep, tasks, tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InputError, match="not an experiment"):
        sweep(tasks.numbers(1), folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_second_driver_is_refused(sweep, tasks, tmp_path):
    sweep(tasks.numbers(1))
    with (
        locked_folder(tmp_path / "sweep", tmp_path / "sweep" / "sweep.lock"),
        pytest.raises(InputError, match="in use by another process"),
    ):
        sweep(tasks.numbers(1))


def test_tasks_of_equal_names_and_unknown_dependencies_are_refused(sweep, tasks):
    with pytest.raises(InputError, match="two tasks are named 'number_0'"):
        sweep([*tasks.numbers(1), *tasks.numbers(1)])
    with pytest.raises(InputError, match="depends on 'ghost'"):
        sweep([Task("a", "add_up", tasks.add_up, {"number": 1}, after=("ghost",))])


def test_interrupted_runs_are_removed(sweep, tasks, tmp_path):
    sweep(tasks.numbers(1))
    half = tmp_path / "sweep" / "runs" / ".number_1-abc"
    half.mkdir()
    sweep(tasks.numbers(2))
    assert not half.exists()


def test_a_worker_that_dies_costs_its_run_only(sweep, tasks, tmp_path):
    chain = [
        *tasks.numbers(4),
        Task("deadly", "die_at_first", tasks.die_at_first, {"number": 9, "folder": str(tmp_path)}),
    ]
    results = sweep(chain, executor="processes", workers=2)
    assert values(tasks, results) == [0, 1, 2, 3, 9]


DRIVER = """
import signal, sys
from pathlib import Path
import tasks
from cerebella.sweeps.sweep import run_sweep

if __name__ == "__main__":
    # Python inherits an ignored SIGINT from shells that run it in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run_sweep(sys.argv[1], tasks.numbers(12, seconds=0.6), experiment="numbers",
              settings={"seed": 0, "network": {"name": "small"}}, workers=2)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_driver_that_is_killed_or_interrupted_leaves_whole_runs_and_no_process(
    sweep, tasks, tmp_path, number
):
    folder, script = tmp_path / "sweep", tmp_path / "driver.py"
    script.write_text(DRIVER)
    driver = subprocess.Popen(
        [sys.executable, str(script), str(folder)], stderr=subprocess.PIPE, start_new_session=True
    )
    wait_until(lambda: len(list((folder / "runs").glob("number_*"))) >= 3)
    workers = children_of(driver.pid)
    driver.send_signal(number)
    driver.communicate(timeout=30)
    wait_until(lambda: not any(is_alive(pid) for pid in workers))
    finished = {path: path.stat().st_mtime_ns for path in (folder / "runs").glob("number_*")}
    assert 3 <= len(finished) < 12
    results = sweep(tasks.numbers(12))
    assert values(tasks, results) == list(range(12))
    assert {path: path.stat().st_mtime_ns for path in finished} == finished


def children_of(pid):
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition, patience_s=60):
    end = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def test_workers_do_not_think_that_a_launcher_started_them(monkeypatch, tasks, tmp_path):
    from cerebella.sweeps.task import run_task

    monkeypatch.setenv("PMI_SIZE", "4")
    assert run_task(tasks.add_up, tmp_path / "run", {"number": 1}, []) is None
    assert "PMI_SIZE" not in os.environ
