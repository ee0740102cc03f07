"""`cerebella mli run` as a user meets it, good luck and bad."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cerebella.cli.mli import parse_gids
from cerebella.errors import InputError
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.runs.load import load_run

CEREBELLA = [sys.executable, "-m", "cerebella.cli.main"]
ASKED = ("--cf-sync", 8, "--duration", 180)


@pytest.fixture(scope="module", autouse=True)
def _mechanisms():
    ensure_mechanisms(molecular_layer_mechanisms())


@pytest.fixture(scope="module")
def finished(cerebella_process_in, small_network_path, tmp_path_factory):
    """Folder and process of one run, alone in its folder."""
    folder = tmp_path_factory.mktemp("mli")
    done = cerebella_process_in(folder, "mli", "run", small_network_path, "out", *ASKED)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_run_writes_a_run_directory_and_prints_rates(finished):
    folder, done = finished
    assert "MLI2" in done.stdout
    assert "150-155" in done.stdout
    run = load_run(folder / "out")
    assert run.manifest["cf_sync"] == 8
    assert {p.name: len(run.spikes.of(p.name)) > 0 for p in run.spikes.populations} == {
        "MLI1": True,
        "MLI2": True,
        "PF": True,
        "CF": True,
    }
    assert sorted(path.name for path in folder.iterdir()) == ["out"]


def test_same_command_same_bytes(cerebella, small_network_path, finished, tmp_path):
    folder, _ = finished
    assert cerebella("mli", "run", small_network_path, "out", *ASKED).returncode == 0
    a, b = ((place / "out" / "spikes.h5").read_bytes() for place in (folder, tmp_path))
    assert a == b


@pytest.mark.mpi
def test_launched_under_mpiexec_the_ranks_share_one_run(small_network_path, tmp_path, cerebella):
    launcher = [Path(sys.prefix) / "bin" / "mpiexec", "-n", "2"]
    command = [*launcher, *CEREBELLA, "mli", "run", small_network_path, tmp_path / "two"]
    done = subprocess.run(
        [*map(str, command), "--duration", "60"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("rates in Hz") == 1
    assert cerebella("mli", "run", small_network_path, "one", "--duration", 60).returncode == 0
    two, one = load_run(tmp_path / "two"), load_run(tmp_path / "one")
    assert two.manifest["ranks"] == 2
    assert two.spikes == one.spikes


@pytest.mark.mpi
def test_bad_input_under_mpiexec_is_one_message_and_no_hang(small_network_path, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    launcher = [Path(sys.prefix) / "bin" / "mpiexec", "-n", "2"]
    command = [*launcher, *CEREBELLA, "mli", "run", small_network_path, tmp_path / "taken"]
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.count("already exists") == 1


def test_recorded_voltages_are_saved(cerebella, small_network_path, tmp_path):
    done = cerebella(
        "mli", "run", small_network_path, "out", "--duration", 30, "--record-v", "0,20-22"
    )
    assert done.returncode == 0, done.stderr
    assert load_run(tmp_path / "out").traces["voltage"].gids.tolist() == [0, 20, 21, 22]


def test_probes_are_saved_and_drawn(cerebella, small_network_path, tmp_path):
    probes = ("--record", "MLI1[0,3].ik_kv", "--record", "MLI2[1].v@0.1ms")
    done = cerebella("mli", "run", small_network_path, "out", "--duration", 30, *probes)
    assert done.returncode == 0, done.stderr
    traces = load_run(tmp_path / "out").traces
    assert list(traces) == ["probe_ik_kv", "probe_v_0_1ms"]
    assert traces.at("MLI1[3].ik_kv").values.shape == (1201, 1)
    options = ("--figure", "traces", "--place", "MLI1[3]", "--out", "cell.png")
    assert cerebella("plot", "out", *options).returncode == 0
    assert (tmp_path / "cell.png").stat().st_size > 5000


def test_own_cf_spikes_replace_the_level(cerebella, small_network_path, tmp_path):
    cf = tmp_path / "cf.csv"
    first = load_network_cf_gid(small_network_path)
    cf.write_text(f"gid,spiketime\n{first},20\n{first},30.5\n")
    done = cerebella("mli", "run", small_network_path, "out", "--cf-times", cf, "--duration", 60)
    assert done.returncode == 0, done.stderr
    run = load_run(tmp_path / "out")
    assert run.spikes.of("CF").times_ms.tolist() == [20, 30.5]
    assert run.manifest["cf_sync"] is None


def load_network_cf_gid(path):
    from cerebella.network.load import load_network

    return load_network(path).population("CF").first_gid


def test_show_config_can_be_given_back(cerebella, small_network_path, tmp_path):
    shown = cerebella("mli", "run", "--show-config", "--w2", 35)
    (tmp_path / "my.yaml").write_text(shown.stdout)
    again = cerebella("mli", "run", "--show-config", "--config", "my.yaml")
    assert again.stdout == shown.stdout
    assert "mli2_to_mli1_weight_pS: 35.0" in again.stdout


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["--ranks", "0"], "--ranks"),
        (["--duration", "-5"], "--duration is -5"),
        (["--duration", "nan"], "is not a time"),
        (["--cf-sync", "9"], "--cf-sync"),
        (["--cf-sync", "-1"], "--cf-sync"),
        (["--frogs", "3"], "--frogs"),
        (["--engine", "brian"], "brian"),
        (
            ["--engine", "numba", "--ranks", "2"],
            "does not take --ranks. Leave it out, or choose --engine coreneuron or neuron",
        ),
        (["--w2", "-1"], "--w2"),
        (["--record-v", "99999"], "99999"),
        (["--record-v", "x"], "'x'"),
        (["--record", "MLI1[99999].v"], "Its MLI1 are 0 to"),
        (["--record", "MLI1[3].ik"], "There are v, m_na"),
        (["--replay-published", "--published-ranks", "0"], "--published-ranks"),
        (["--published-ranks", "12"], "no published run is replayed"),
        (["--replay-published", "--seed", "3"], "--seed is 3"),
        (["--set", "connections.frogs=3"], "frogs"),
        (["--set", "nothing"], "NAME=VALUE"),
        (["--config", "absent.yaml"], "absent.yaml"),
        (["--cf-times", "absent.csv"], "absent.csv"),
    ],
)
def test_bad_option_is_one_message_and_exit_code_2(
    cerebella, small_network_path, tmp_path, arguments, fragment
):
    done = cerebella("mli", "run", small_network_path, "out", *arguments)
    assert done.returncode == 2, done.stderr
    assert fragment in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_missing_network_is_named(cerebella):
    done = cerebella("mli", "run", "nowhere", "out")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_existing_output_is_kept_without_force(cerebella, small_network_path, finished, tmp_path):
    arguments = ("mli", "run", small_network_path, "out", "--duration", 30)
    shutil.copytree(finished[0] / "out", tmp_path / "out")
    before = (tmp_path / "out" / "run.json").read_bytes()
    refused = cerebella(*arguments)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (tmp_path / "out" / "run.json").read_bytes() == before
    assert cerebella(*arguments, "--force").returncode == 0
    assert (tmp_path / "out" / "run.json").read_bytes() != before


def test_output_below_a_file_is_refused_before_the_simulation(
    cerebella, small_network_path, tmp_path
):
    (tmp_path / "file").write_text("in the way")
    done = cerebella("mli", "run", small_network_path, "file/out")
    assert done.returncode == 2
    assert "file" in done.stderr
    assert "cannot be made" in done.stderr
    assert (tmp_path / "file").read_text() == "in the way"


def test_missing_compiler_is_exit_code_1_with_a_remedy(
    cerebella_process, small_network_path, tmp_path
):
    done = cerebella_process(
        "mli",
        "run",
        small_network_path,
        "out",
        "--engine",
        "neuron",
        PATH=str(tmp_path / "empty"),
        CEREBELLA_CACHE=str(tmp_path / "cache"),
    )
    assert done.returncode == 1
    assert "apt install g++ make" in done.stderr
    assert not (tmp_path / "out").exists()


def test_mpiexec_missing_is_exit_code_1_with_a_remedy(monkeypatch):
    from cerebella.errors import MachineError
    from cerebella.neuron_backend import toolchain

    monkeypatch.setattr(toolchain.shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(toolchain.sys, "prefix", "/nowhere")
    with pytest.raises(MachineError, match="pip install mpich") as caught:
        toolchain.find_mpiexec()
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_run_ends_its_children_and_leaves_nothing(
    cerebella, small_network_path, tmp_path, number, status
):
    process = start_long_run(small_network_path, tmp_path)
    worker = wait_for_child(process.pid)
    process.send_signal(number)
    assert process.wait(20) == status
    assert_gone(worker)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_killed_run_takes_its_children_along_and_the_next_run_works(
    cerebella, small_network_path, tmp_path
):
    process = start_long_run(small_network_path, tmp_path)
    worker = wait_for_child(process.pid)
    process.kill()
    process.wait(20)
    assert_gone(worker)
    assert not (tmp_path / "out").exists()
    done = cerebella("mli", "run", small_network_path, "out", "--duration", 30)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_compiled_code_leaves_nothing(
    small_network_path, tmp_path, wait_until, number, status
):
    process = start_long_run(small_network_path, tmp_path, "numba")
    maps = Path(f"/proc/{process.pid}/maps")
    compiled_code = re.compile(r"r-xp \S+ 00:00 0 *$|llvmlite", re.MULTILINE)
    wait_until(lambda: compiled_code.search(maps.read_text()), patience_s=60)
    process.send_signal(number)
    assert process.wait(60) == status
    assert list(tmp_path.iterdir()) == []


def start_long_run(network, folder, engine="coreneuron"):
    arguments = ["mli", "run", str(network), "out", "--duration", "60000", "--engine", engine]
    return subprocess.Popen(
        [*CEREBELLA, *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # Python inherits an ignored SIGINT from shells that run it in the background.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for_child(pid, patience_s=20):
    """Process id of the worker, once it is there."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            time.sleep(0.5)
            return int(children[0])
        time.sleep(0.05)
    raise AssertionError("no worker was started")


def assert_gone(pid, patience_s=10):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return
        if state == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} is still there")


@pytest.fixture
def mount(tmp_path):
    """Mount a small file system with the given options; skips where this user may not."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = []

    def tmpfs(options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)]
        try:
            done = subprocess.run(command, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            done = False
        if not done:
            pytest.skip("this user may not mount a small file system")
        mounted.append(disk)
        return disk

    yield tmpfs
    for place in mounted:
        subprocess.run(["umount", str(place)], check=True)


def test_full_disk_leaves_no_run(cerebella, small_network_path, mount):
    disk = mount("size=16k")
    done = cerebella("mli", "run", small_network_path, disk / "out", "--duration", 300)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    [("mli", "run", "NETWORK"), ("network", "convert", "--to", "csv", "NETWORK"), ("demo",)],
)
def test_output_on_a_read_only_disk_is_one_message(
    cerebella_process, small_network_path, mount, command
):
    arguments = [small_network_path if part == "NETWORK" else part for part in command]
    done = cerebella_process(*arguments, mount("ro") / "out")
    assert done.returncode == 2
    assert done.stderr.count("error:") == 1
    assert "Choose a writable folder" in done.stderr


@pytest.mark.parametrize(
    ("text", "gids"), [("", []), ("3", [3]), ("5,0", [0, 5]), ("1-3,2,9-9", [1, 2, 3, 9])]
)
def test_gids_are_read_as_numbers_and_ranges(text, gids):
    assert parse_gids(text) == gids


def test_gids_that_are_none_are_refused():
    with pytest.raises(InputError, match="'a-3'"):
        parse_gids("a-3")


def test_run_json_describes_the_run(finished):
    manifest = json.loads((finished[0] / "out" / "run.json").read_text())
    assert manifest["parameters"]["connections"]["pf_rate_Hz"] == 4.0
    assert {"seed", "engine", "ranks", "timings_s", "versions", "mechanisms", "cite"} <= set(
        manifest
    )
