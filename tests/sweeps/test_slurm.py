"""Sweeps on a real Slurm, which is started for these tests; skipped where it is not installed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cerebella.errors import InputError, SimulationError, SweepDetached
from cerebella.sweeps import slurm, slurm_sweep
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task

DRIVER = """\
import sys, tasks
from cerebella.sweeps import slurm_sweep
from cerebella.sweeps.sweep import run_sweep

slurm_sweep.ASK_EVERY_S = (0.2, 0.5)
run_sweep(sys.argv[1], tasks.numbers(4, seconds=float(sys.argv[2])), experiment="numbers",
          settings={}, executor="slurm")
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    pytest.importorskip("submitit")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        from local_slurm import DAEMONS, find, running_slurm
    if missing := [name for name in (*DAEMONS, "sbatch") if find(name) is None]:
        pytest.skip(f"{missing[0]} is not installed (Debian packages slurm-wlm and munge)")
    with running_slurm(tmp_path_factory.mktemp("slurm")) as configuration:
        yield configuration


@pytest.fixture
def sweep(cluster, tasks, tmp_path, monkeypatch):
    """Run tasks in a folder with a space in its name."""
    monkeypatch.setenv("SLURM_CONF", str(cluster))
    monkeypatch.setattr(slurm_sweep, "ASK_EVERY_S", (0.2, 0.5))
    monkeypatch.setattr(slurm_sweep, "VISIBLE_S", 1.0)

    def run(chain, **options):
        options = {"experiment": "numbers", "settings": {}, "executor": "slurm"} | options
        return run_sweep(tmp_path / "a sweep", chain, **options)

    yield run
    slurm.cancel(slurm.read_queue())


def chain_of(tasks, n=5):
    needed = ("number_1", "number_3")
    return [*tasks.numbers(n), Task("sum", "add_up", tasks.add_up, {"number": 100}, after=needed)]


def test_all_runs_are_submitted_as_arrays_and_the_driver_may_leave(sweep, tasks, tmp_path):
    with pytest.raises(SweepDetached, match="0 of 6 runs are finished, 6 in the queue of Slurm"):
        sweep(chain_of(tasks), slurm={"array_size": 3, "time": "5"}, workers=2, detach=True)
    scripts = [p.read_text() for p in sorted((tmp_path / "a sweep/slurm").glob("*_submission.sh"))]
    arrays = [line for script in scripts for line in script.splitlines() if "--array" in line]
    assert arrays == ["#SBATCH --array=0-2%2", "#SBATCH --array=0-1%2"]
    results = sweep(chain_of(tasks))
    assert [tasks.value_of(result.path) for result in results.values()] == [0, 1, 2, 3, 4, 104]
    assert not (tmp_path / "a sweep" / "slurm").exists()


@pytest.mark.slow
def test_a_run_that_fails_or_dies_is_tried_again_and_then_listed(sweep, tasks, tmp_path):
    marks = {"folder": str(tmp_path)}
    chain = [
        Task("dies", "die", tasks.die_at_first, {"number": 1} | marks),
        Task("bad", "refuse", tasks.refuse, {"number": 2}),
        Task("after_dies", "add_up", tasks.add_up, {"number": 10}, after=("dies",)),
        Task("after_bad", "add_up", tasks.add_up, {"number": 10}, after=("bad",)),
    ]
    results = sweep(chain)
    assert tasks.value_of(results["after_dies"].path) == 11
    assert results["bad"].error == "number 2 is refused. Give another"
    assert results["after_bad"].error == "depends on bad, which failed"


@pytest.mark.slow
def test_a_job_that_exceeds_its_limit_is_named_with_the_remedy(sweep, tasks):
    with pytest.raises(SimulationError, match=r"Slurm job \d+ ended without a run"):
        sweep([Task("dies", "die", tasks.die, {"number": 1})])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"partition": "nowhere"}, "sbatch refused the jobs: .*partition"),
        ({"froggy": "3"}, "sbatch refused the jobs: .*froggy"),
        ({"time": "30-00"}, "Slurm could never start job .*PartitionTimeLimit"),
    ],
)
def test_options_that_slurm_refuses_are_refused_with_its_words(sweep, tasks, options, message):
    with pytest.raises(InputError, match=message):
        sweep(tasks.numbers(2), slurm=options)
    assert slurm.read_queue() == {}


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_driver_cancels_its_jobs_and_a_killed_one_leaves_them(
    sweep, tasks, tmp_path, number
):
    (tmp_path / "driver.py").write_text(DRIVER)
    command = [sys.executable, str(tmp_path / "driver.py"), str(tmp_path / "a sweep")]
    with subprocess.Popen([*command, "2"], stderr=subprocess.DEVNULL) as driver:
        wait_for(lambda: len(slurm.read_queue()) == 4)
        wait_for(lambda: (tmp_path / "a sweep" / "slurm" / "jobs.json").exists())
        driver.send_signal(number)
    if number == signal.SIGINT:
        wait_for(lambda: not slurm.read_queue())
    jobs = set(slurm.read_queue())
    results = sweep(tasks.numbers(4, seconds=0.0 if number == signal.SIGINT else 2.0))
    assert [tasks.value_of(result.path) for result in results.values()] == [0, 1, 2, 3]
    assert len(jobs) == (0 if number == signal.SIGINT else 4)


@pytest.mark.slow
def test_a_network_with_two_ranks_runs_in_a_job_of_two_cores(sweep, tmp_path):
    from cerebella.experiments.cf_synchrony.tasks import SyncModel, network_task
    from cerebella.network.generate import generate_network
    from cerebella.runs.load import load_run

    model = SyncModel(generate_network(seed=3, scale=0.1), duration_ms=20.0)
    task = network_task(model, 8, 1, ranks=2)
    (result,) = sweep([task], prepare=model.save).values()
    assert load_run(result.path).manifest["duration_ms"] == 20.0
    assert task.cores == 2


@pytest.mark.slow
def test_runs_in_the_queue_keep_other_executors_out(sweep, tasks):
    with pytest.raises(SweepDetached):
        sweep(tasks.numbers(2, seconds=2.0), detach=True)
    with pytest.raises(InputError, match=r"has runs in the queue of Slurm \(jobs \d+\)"):
        sweep(tasks.numbers(2, seconds=2.0), executor="processes")


def wait_for(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.slow
def test_the_command_line_submits_leaves_and_collects(cluster, tmp_path, monkeypatch):
    """A small experiment, of one trial of network and Purkinje cell at two levels."""
    monkeypatch.setenv("SLURM_CONF", str(cluster))

    def experiment(*options):
        command = [str(Path(sys.executable).with_name("cerebella")), "experiment"]
        command += ["cf-synchrony", "synchrony"]
        command += ["--levels", "0,8", "--trials", "1", "--duration", "200"]
        command += ["--executor", "slurm", "--slurm", "time=10", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "in the queue of Slurm" in experiment("--detach")
    wait_for(lambda: not slurm.read_queue(), seconds=300)
    experiment()
    assert (tmp_path / "synchrony" / "runs.csv").exists()
