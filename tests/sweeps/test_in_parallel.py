import threading

import pytest

from cerebella.sweeps.in_parallel import run_in_parallel


def test_results_have_the_keys_and_the_order_of_the_tasks():
    tasks = {name: lambda report, name=name: name.upper() for name in "cab"}
    assert list(run_in_parallel(tasks, workers=2).items()) == [("c", "C"), ("a", "A"), ("b", "B")]


def test_tasks_run_at_the_same_time():
    """Each waits for the other; one after the other they would wait for ever."""
    together = threading.Barrier(2, timeout=20)
    tasks = dict.fromkeys("ab", lambda report: together.wait())
    assert sorted(run_in_parallel(tasks, workers=2).values()) == [0, 1]


def test_progress_is_the_mean_of_all_tasks():
    seen = []

    def task(report):
        report(0.5)
        report(1.0)

    run_in_parallel(dict.fromkeys("ab", task), workers=1, on_progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_one_failure_ends_the_others():
    ended, started = threading.Event(), threading.Event()

    def endless(report):
        started.set()
        try:
            while True:
                report(0.1)
        finally:
            ended.set()

    def failing(report):
        started.wait(20)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        run_in_parallel({"a": failing, "b": endless}, workers=2)
    assert ended.wait(20)
