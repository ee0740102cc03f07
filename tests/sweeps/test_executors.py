"""Equal runs with all executors; crashes of workers, missing schedulers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from threading import Thread

import pytest

from cerebella.errors import InputError, MachineError
from cerebella.experiments.cf_synchrony.tasks import SyncModel, network_task
from cerebella.network.generate import generate_network
from cerebella.runs.load import load_run
from cerebella.sweeps import executors, slurm, slurm_sweep
from cerebella.sweeps.executors import EXECUTORS, count_cores, count_workers, open_executor
from cerebella.sweeps.sweep import run_sweep

LIBRARIES = {"dask": "distributed", "mpi": "mpi4py", "slurm": "submitit"}


def run(folder, tasks, **options):
    return run_sweep(folder, tasks, experiment="numbers", settings={}, **options)


def test_ranks_and_workers_fit_the_cores_by_default():
    assert count_workers(None) == count_cores()
    assert count_workers(None, ranks=10**6) == 1
    assert count_workers(7, ranks=4) == 7
    with pytest.raises(InputError, match="number of workers is 0"):
        count_workers(0)


@pytest.fixture
def slurm_of_submitit(tmp_path, monkeypatch):
    """Jobs of submitit as processes of this machine, which `squeue` lists."""
    programs = tmp_path / "programs"
    programs.mkdir()
    listing = """ps -eo pid=,stat= | awk '$2 !~ /Z/ {print $1 "|RUNNING|None"}'"""
    for name, command in (("sbatch", "false"), ("squeue", listing), ("scancel", "true")):
        (programs / name).write_text(f"#!/bin/sh\n{command}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    monkeypatch.setattr(slurm, "CLUSTER", "local")
    monkeypatch.setattr(slurm_sweep, "ASK_EVERY_S", (0.2, 0.5))
    monkeypatch.setattr(slurm_sweep, "VISIBLE_S", 1.0)


# The local jobs of submitit are processes that nobody waits for.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", EXECUTORS)
def test_every_executor_makes_the_same_runs(name, tasks, tmp_path, slurm_of_submitit):
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    chain = [
        *tasks.numbers(6),
        tasks.Task("sum", "add_up", tasks.add_up, {"number": 100}, after=("number_1", "number_5")),
    ]
    results = run(tmp_path / "sweep", chain, executor=name, workers=2)
    assert [result.error for result in results.values()] == [None] * 7
    assert [tasks.value_of(r.path) for r in results.values()] == [0, 1, 2, 3, 4, 5, 106]


@pytest.mark.mpi
def test_a_sweep_runs_under_an_mpi_launcher(tasks, tmp_path):
    pytest.importorskip("mpi4py")
    from cerebella.neuron_backend.toolchain import find_mpiexec

    script = tmp_path / "driver.py"
    script.write_text(
        "import sys, tasks\n"
        "from cerebella.sweeps.sweep import run_sweep\n"
        "if __name__ == '__main__':\n"
        "    run_sweep(sys.argv[1], tasks.numbers(4), experiment='numbers', settings={},\n"
        "              executor='mpi', workers=2)\n"
    )
    command = [find_mpiexec(), "-n", "3", sys.executable, "-m", "mpi4py.futures", script]
    subprocess.run([*command, tmp_path / "sweep"], check=True, capture_output=True, timeout=100)
    results = run(tmp_path / "sweep", tasks.numbers(4), workers=1)
    assert [tasks.value_of(result.path) for result in results.values()] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"executor": "fairy"},
            "unknown executor 'fairy'. Choose from processes, dask, mpi, slurm",
        ),
        ({"scheduler": "tcp://127.0.0.1:1"}, "executor processes takes no scheduler"),
        ({"workers": 0}, "number of workers is 0"),
    ],
)
def test_invalid_executors_are_refused_at_once(asked, message, tasks, tmp_path):
    with pytest.raises(InputError, match=message):
        run(tmp_path, tasks.numbers(1), **asked)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_missing_library_is_named_with_its_remedy(name, tasks, monkeypatch, tmp_path):
    def is_missing(name):
        raise ImportError(name)

    monkeypatch.setattr(executors, "import_module", is_missing)
    with pytest.raises(MachineError, match=rf"pip install 'cerebella\[{name}\]'"):
        run(tmp_path, tasks.numbers(1), executor=name)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense://"])
def test_a_scheduler_that_does_not_answer_is_reported_within_ten_seconds(address, tmp_path):
    pytest.importorskip("distributed")
    start = time.monotonic()
    with (
        pytest.raises(MachineError, match=f"scheduler {address} does not answer"),
        open_executor("dask", 1, tmp_path, address),
    ):
        pass
    assert time.monotonic() - start < 10


def test_an_open_but_silent_port_is_not_a_scheduler(tmp_path):
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        test_a_scheduler_that_does_not_answer_is_reported_within_ten_seconds(address, tmp_path)


@pytest.fixture
def cluster(tmp_path):
    """Two Dask workers in processes of their own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        local_directory=str(tmp_path / "dask"),
    ) as cluster:
        yield cluster


def kill_a_worker_when(condition, cluster):
    def watch():
        while not condition():
            time.sleep(0.02)
        os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)

    thread = Thread(target=watch, daemon=True)
    thread.start()
    return thread


def test_two_hundred_points_on_two_dask_workers_of_which_one_is_killed(tasks, tmp_path, cluster):
    runs = tmp_path / "sweep" / "runs"
    killer = kill_a_worker_when(lambda: len(list(runs.glob("number_*"))) > 50, cluster)
    chain = tasks.numbers(200, seconds=0.01)
    results = run(tmp_path / "sweep", chain, executor="dask", scheduler=cluster.scheduler_address)
    killer.join(5)
    assert not killer.is_alive()
    assert [tasks.value_of(result.path) for result in results.values()] == list(range(200))


def test_networks_are_the_same_on_dask_with_a_killed_worker_and_on_processes(tmp_path, cluster):
    model = SyncModel(generate_network(seed=3, scale=0.1), duration_ms=60.0)
    chain = [network_task(model, level, trial) for trial in range(1, 5) for level in (0, 8)]
    runs = tmp_path / "dask_sweep" / "runs"
    killer = kill_a_worker_when(lambda: len(list(runs.glob("mli_*"))) > 2, cluster)
    on_dask = run(
        tmp_path / "dask_sweep",
        chain,
        executor="dask",
        scheduler=cluster.scheduler_address,
        prepare=model.save,
    )
    killer.join(5)
    assert not killer.is_alive()
    assert [result.error for result in on_dask.values()] == [None] * 8
    on_processes = run(tmp_path / "sweep", chain[::-4], workers=2, prepare=model.save)
    for name in on_processes:
        assert load_run(on_dask[name].path).spikes == load_run(on_processes[name].path).spikes
