"""A launcher's variables are not a launch, and a launcher that fails is ended and quoted."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial

import pytest

import cerebella as cb
from cerebella.errors import InputError, MachineError, SimulationError
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend import diagnosis, launch_watch, ranks, workers
from cerebella.neuron_backend.launcher import (
    environment_of_own_processes,
    leave_launcher,
    rank_of_launcher,
    ranks_of_launcher,
)
from cerebella.neuron_backend.toolchain import find_mpiexec

CEREBELLA = [sys.executable, "-m", "cerebella.cli.main"]

IN_SLURM_WITHOUT_SRUN = {
    "SLURM_JOB_ID": "77",
    "SLURM_NNODES": "1",
    "SLURM_NODELIST": "node1",
    "SLURM_TASKS_PER_NODE": "2",
}
IN_STEP_OF_PMIX = {"PMIX_NAMESPACE": "slurm.pmix.1.0", "PMIX_RANK": "1"}


@pytest.fixture(autouse=True)
def _no_launcher(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("PMI", "OMPI_", "MPI_LOCAL", "SLURM_")):
            monkeypatch.delenv(name)


@pytest.fixture
def surroundings(monkeypatch):
    def set_all(variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_all


@pytest.fixture(scope="module")
def network():
    return cb.generate_network(seed=3, scale=0.1)


@pytest.mark.parametrize(
    "variables",
    [
        {"PMI_RANK": "3"},
        {"PMI_RANK": "x"},
        {"OMPI_COMM_WORLD_RANK": "2"},
        IN_STEP_OF_PMIX,
        {"SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "3"},
    ],
)
def test_a_rank_without_a_number_of_ranks_is_no_launch(surroundings, variables):
    surroundings(variables)
    assert (ranks_of_launcher(), rank_of_launcher()) == (1, 0)


def test_a_step_with_several_tasks_under_pmix_is_a_launch(surroundings):
    surroundings(IN_STEP_OF_PMIX | {"SLURM_STEP_NUM_TASKS": "2"})
    assert (ranks_of_launcher(), rank_of_launcher()) == (2, 1)
    leave_launcher()
    assert (ranks_of_launcher(), rank_of_launcher()) == (1, 0)


@pytest.mark.parametrize("rank", ["x", "-1", "2", "1e0", ""])
def test_variables_that_describe_no_launch_are_named(surroundings, rank):
    surroundings({"PMI_SIZE": "2", "PMI_RANK": rank or "²"})
    with pytest.raises(InputError, match=r"PMI_SIZE='2' and PMI_RANK=.*`unset PMI_SIZE PMI_RANK`"):
        ranks_of_launcher()


def test_own_processes_start_without_the_variables_of_a_launcher(surroundings):
    surroundings(IN_SLURM_WITHOUT_SRUN | IN_STEP_OF_PMIX | {"PMI_SIZE": "2", "HYDRA_RMK": "slurm"})
    environment = environment_of_own_processes()
    assert not [name for name in environment if name.startswith(("PMI", "SLURM", "OMPI"))]
    assert environment["HYDRA_LAUNCHER"] == "fork"
    assert environment["HYDRA_RMK"] == "user"


@pytest.mark.mpi
@pytest.mark.parametrize("variables", [IN_SLURM_WITHOUT_SRUN, IN_STEP_OF_PMIX])
def test_own_ranks_start_inside_any_job(surroundings, network, variables):
    """They hung without a word, or MPICH refused the variables."""
    surroundings(variables)
    run = cb.simulate_mli(network, duration_ms=5.0, engine=cb.CoreNeuron(ranks=2), progress=False)
    assert run.manifest["ranks"] == 2


def test_a_task_of_a_farm_saves_its_run_and_says_so(small_network, tmp_path):
    done = subprocess.run(
        [*CEREBELLA, "mli", "run", small_network, "farm", "--duration", "5"],
        cwd=tmp_path,
        env={**os.environ, **IN_STEP_OF_PMIX},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Saved" in done.stderr
    assert (tmp_path / "farm" / "run.json").is_file()


def test_a_step_of_several_tasks_in_which_mpi_sees_one_is_refused(small_network, tmp_path):
    done = subprocess.run(
        [*CEREBELLA, "mli", "run", small_network, "out", "--duration", "5"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PMIX_NAMESPACE": "slurm.pmix.1.0",
            "PMIX_RANK": "0",
            "SLURM_STEP_NUM_TASKS": "2",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "MPI started 2 ranks, but with PMIx, which" in done.stderr
    assert "srun --mpi=none" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.fixture
def launcher(tmp_path, monkeypatch):
    """Put a shell script in place of mpiexec."""

    def write(text):
        script = tmp_path / "mpiexec"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o755)
        for module in (workers, diagnosis):
            monkeypatch.setattr(module, "find_mpiexec", lambda: script)
        monkeypatch.setattr(launch_watch, "LAUNCH_LIMIT_S", 1.0)

    return write


STANDS_STILL = "echo 'error: no host resolves'; sleep 60"


def test_a_launcher_that_stands_still_is_ended_with_its_words(launcher, network):
    assert launch_watch.LAUNCH_LIMIT_S < 30
    launcher(STANDS_STILL)
    start = time.monotonic()
    with pytest.raises(SimulationError, match=r"0 of 2 processes had started.*\n.*no host resol"):
        cb.simulate_mli(network, engine=cb.Neuron(ranks=2), duration_ms=5.0, progress=False)
    assert time.monotonic() - start < 10


def test_ranks_that_do_not_connect_are_ended_with_the_words_of_the_launcher(launcher, network):
    launcher(
        "cd $6; echo 'error: no route to host'\n"
        "for p in 1 2; do touch started-$p joining-$p; done; sleep 60 & sleep 60"
    )
    with pytest.raises(SimulationError, match=r"0 of 2 processes had connected.*\n.*no route"):
        cb.simulate_mli(network, engine=cb.Neuron(ranks=2), duration_ms=5.0, progress=False)


def test_a_launcher_that_loses_its_processes_is_ended(launcher, network, monkeypatch):
    launcher("exec sleep 60")
    monkeypatch.setattr(launch_watch, "LAUNCH_LIMIT_S", 30.0)
    with pytest.raises(SimulationError, match="processes that the MPI launcher started have ended"):
        cb.simulate_mli(network, engine=cb.Neuron(ranks=2), duration_ms=5.0, progress=False)


def test_doctor_does_not_wait_for_a_launcher_that_stands_still(launcher):
    launcher(STANDS_STILL)
    check = diagnosis.tried(
        "MPI", partial(diagnosis._check_mpi, molecular_layer_mechanisms()), needed=False
    )
    assert not check.ok
    assert "0 of 2 processes had started" in check.found


@pytest.mark.mpi
def test_ranks_finalize_mpi_before_they_end(tmp_path):
    """Otherwise the launcher of Open MPI calls a saved run a failure."""
    script = tmp_path / "script.py"
    script.write_text(
        "import ctypes, os\n"
        "from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms\n"
        "from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms\n"
        "from cerebella.neuron_backend.session import end_process, start_neuron\n"
        "neuron = start_neuron(ensure_mechanisms(molecular_layer_mechanisms()))\n"
        "def leave(status, leave=os._exit):\n"
        "    flag = ctypes.c_int()\n"
        "    ctypes.CDLL(None).MPI_Finalized(ctypes.byref(flag))\n"
        "    os.write(1, b'finalized %d\\n' % flag.value)\n"
        "    leave(status)\n"
        "os._exit = leave\n"
        "end_process(neuron)\n"
    )
    done = subprocess.run(
        [find_mpiexec(), "-n", "2", sys.executable, script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "finalized 1" in done.stdout


@pytest.fixture
def machine(monkeypatch):
    """A machine of two cores and 4 GB; no test starts more ranks than two."""
    monkeypatch.setattr(ranks, "count_cores", lambda: 2)
    monkeypatch.setattr(ranks, "available_memory_MB", lambda: 4000.0)

    def start(*_arguments, **_keywords):
        raise AssertionError("ranks were started")

    monkeypatch.setattr(workers, "run_to_log", start)


@pytest.mark.parametrize(
    ("engine", "message"),
    [
        (cb.CoreNeuron(ranks=9), "`ranks` is 9, but the number of cores is 2. Give at most 8"),
        (cb.Neuron(ranks=10**6), "`ranks` is 1000000, but the number of cores is 2"),
        (
            cb.CoreNeuron(ranks=41, oversubscribe=True),
            r"take about 4.1 GB of memory, but 4 GB are available. Give at most 40",
        ),
    ],
)
def test_more_ranks_than_the_machine_can_run_are_refused(machine, network, engine, message):
    with pytest.raises(InputError, match=message):
        cb.simulate_mli(network, engine=engine, duration_ms=5.0, progress=False)


def test_more_ranks_than_cores_are_started_if_asked_for(machine, network):
    with pytest.raises(AssertionError, match="ranks were started"):
        cb.simulate_mli(
            network, engine=cb.Neuron(ranks=9, oversubscribe=True), duration_ms=5.0, progress=False
        )


def test_a_sweep_on_this_machine_refuses_too_many_ranks_before_it_starts(machine, tmp_path):
    model = cb.SyncModel(cb.generate_network(seed=3, scale=0.1))
    with pytest.raises(InputError, match="`ranks` is 9"):
        cb.sweep_cf_synchrony(tmp_path / "out", model, levels=[0], trials=[1], ranks=9)
    assert not (tmp_path / "out").exists()


@pytest.mark.mpi
@pytest.mark.parametrize("engine", ["coreneuron", "neuron"])
def test_the_neuron_of_the_caller_is_restored_under_mpi(small_network, tmp_path, engine):
    """A cell of the caller fires as before a simulation on the ranks of its script."""
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\n"
        "from neuron import coreneuron, h\n"
        "h.load_file('stdrun.hoc')\n"
        "h.cvode.active(1)\n"
        "soma = h.Section(name='soma'); soma.insert('hh')\n"
        "clamp = h.IClamp(soma(0.5)); clamp.amp, clamp.dur = 10, 100\n"
        "v = h.Vector().record(soma(0.5)._ref_v)\n"
        "def peak():\n"
        "    h.finitialize(-65); h.continuerun(5)\n"
        "    return v.max(), h.celsius, coreneuron.enable, h.cvode.active()\n"
        "before = peak()\n"
        "import cerebella as cb\n"
        "cb.simulate_mli(cb.load_network(sys.argv[1]), duration_ms=5, engine=sys.argv[2])\n"
        "after = peak()\n"
        "assert after == before, (before, after)\n"
        "print('restored', flush=True)\n"
    )
    done = subprocess.run(
        [find_mpiexec(), "-n", "2", sys.executable, script, small_network, engine],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.count("restored") == 2, done.stderr


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"', r'CXX=" is not a command \(No closing quotation\)'),
        ("x86_64-conda-linux-gnu-c++", "names the C\\+\\+ compiler x86_64-conda.* was not found"),
    ],
)
def test_a_compiler_that_the_environment_names_and_is_absent_is_the_cause(
    monkeypatch, tmp_path, network, value, message
):
    monkeypatch.setenv("CXX", value)
    monkeypatch.setenv("CEREBELLA_CACHE", str(tmp_path / "cache"))
    with pytest.raises(MachineError, match=message + ".*`unset CXX`"):
        cb.simulate_mli(network, duration_ms=5.0, engine="coreneuron", progress=False)


@pytest.mark.parametrize("recorded", ["8.2.6", None])
def test_another_neuron_on_pythonpath_is_named(tmp_path, recorded):
    package = tmp_path / "old" / "neuron"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('broken')\n")
    if recorded:
        metadata = tmp_path / "old" / f"neuron-{recorded}.dist-info" / "METADATA"
        metadata.parent.mkdir()
        metadata.write_text(f"Metadata-Version: 2.1\nName: neuron\nVersion: {recorded}\n")
    done = subprocess.run(
        [*CEREBELLA, "doctor"],
        env={
            **os.environ,
            "PYTHONPATH": str(package.parent),
            "CEREBELLA_CACHE": str(tmp_path / "cache"),
            "COLUMNS": "300",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    version = recorded or "of unknown version"
    assert f"imports NEURON {version} from {package}, but cerebella requires 9.0.2" in done.stdout
    assert "PYTHONPATH names its folder" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_other_mechanisms_named_in_the_environment_are_not_loaded(monkeypatch, tmp_path, network):
    monkeypatch.setenv("NRN_NMODL_PATH", str(tmp_path))
    monkeypatch.setenv("NEURONHOME", str(tmp_path))
    run = cb.simulate_mli(network, duration_ms=5.0, engine="coreneuron", progress=False)
    assert run.duration_ms == 5.0


def test_an_environment_in_a_folder_with_spaces_is_the_cause(monkeypatch, tmp_path, network):
    from cerebella.neuron_backend import toolchain

    monkeypatch.setattr(toolchain, "check_neuron", lambda: tmp_path / "My Project" / "neuron")
    with pytest.raises(MachineError, match=r"My Project/neuron; its compiler .* spaces"):
        toolchain.find_nrnivmodl()
