"""`cerebella purkinje run` as a user meets it, with wrong input above all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from cerebella.network.generate import generate_network
from cerebella.network.load import save_network
from cerebella.results.published_csv import write_published_spikes
from cerebella.results.spikes import SpikeTrains

CEREBELLA = [sys.executable, "-m", "cerebella.cli.main"]


@pytest.fixture(scope="module")
def network():
    """A network of 21 MLI1 and 6 MLI2."""
    return generate_network(seed=3, scale=0.1)


@pytest.fixture
def tables(network, tmp_path):
    """A folder with its tables, and spikes of all its cells in 30 ms, as published."""
    save_network(network, tmp_path / "net", format="csv")
    draw = np.random.default_rng(2)
    gids = np.arange(sum(network.cell_counts.values()))
    times = 0.025 * draw.integers(1, 1200, len(gids))
    spikes = SpikeTrains(times, gids, network.populations, 30.0)
    write_published_spikes(spikes, tmp_path / "spk.csv")
    return tmp_path


def test_published_spikes_with_a_cells_table_make_a_run(cerebella, cerebella_process, tables):
    """The folder needs to hold nothing but the cells table."""
    for file in (tables / "net").iterdir():
        if not file.name.startswith("cells_"):
            file.unlink()
    done = cerebella_process(
        *("purkinje", "run", "spk.csv", "out", "--network", "net", "--duration", "2"),
        *("--record", "soma_v,v", "--record", "spiny[random 2].ik_kv3@0.02ms"),
        *("--record-dt", "0.04", "--trial", "4", "--cf-time", "1"),
    )
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tables / "out" / "run.json").read_text())
    assert manifest["traces"] == ["soma_v", "v", "probe_ik_kv3_0_02ms"]
    assert (manifest["trial"], manifest["cf_time_ms"], manifest["duration_ms"]) == (4, 1.0, 2.0)
    again = cerebella("purkinje", "run", "spk.csv", "out", "--network", "net")
    assert again.returncode == 2
    assert "--force" in again.stderr


def test_a_tracing_by_others_runs_with_prepare(cerebella_process, tables):
    trunk, branch = "2 3 0 8 0 2 1\n3 3 0 40 0 2 2", "4 3 30 70 0 0.5 3\n5 3 -30 70 0 0.5 3"
    (tables / "raw.swc").write_text(f"1 1 0 0 0 8 -1\n{trunk}\n{branch}\n")
    command = ("purkinje", "run", "spk.csv", "out", "--network", "net", "--duration", "2")
    refused = cerebella_process(*command, "--morphology", "raw.swc")
    assert refused.returncode == 2
    assert "prepare the cell" in refused.stderr
    done = cerebella_process(*command, "--morphology", "raw.swc", "--prepare")
    assert done.returncode == 0, done.stderr
    assert "axon initial" in done.stderr
    assert json.loads((tables / "out" / "run.json").read_text())["morphology"]["n_sections"] == 5


def run(cerebella, *arguments):
    return cerebella("purkinje", "run", *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "out"], ["nowhere", "no such run"]),
        (["spk.csv", "out"], ["do not specify the cells", "--network"]),
        (["spk.csv", "out", "--network", "empty"], ["empty", "cells_"]),
        (["spk.csv", "out", "--network", "net", "--pf-scale", "-3"], ["--pf-scale is -3"]),
        (["spk.csv", "out", "--network", "net", "--cf-time", "-3"], ["--cf-time is -3"]),
        (["spk.csv", "out", "--network", "net", "--record", "soma"], ["'soma'", "soma_v, calcium"]),
        (["spk.csv", "out", "--network", "net", "--record", "axon.v"], ["'axon'", "soma, ais"]),
        (["spk.csv", "out", "--network", "net", "--record", "soma.w"], ["--record", "v, calcium"]),
        (["spk.csv", "out", "--network", "net", "--record-dt", "0.03"], ["0.03", "0.02"]),
        (["spk.csv", "out", "--network", "net", "--duration", "-1"], ["--duration is -1"]),
        (["spk.csv", "out", "--network", "net", "--duration", "99"], ["99", "30"]),
        (["spk.csv", "out", "--network", "net", "--pf-table", "no.csv"], ["no.csv"]),
        (["spk.csv", "out", "--network", "net", "--sections", "s.csv"], ["--morphology"]),
        (["spk.csv", "out", "--network", "net", "--prepare"], ["--morphology"]),
        (["spk.csv", "out", "--network", "net", "--set", "cell.q=1"], ["cell.q", "Did you mean"]),
        (["spk.csv", "empty/../spk.csv/x", "--network", "net"], ["spk.csv"]),
        (["spk.csv"], ["SPIKES and OUT"]),
        (["spk.csv", "out", "--trails", "2"], ["--trails"]),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, tables, arguments, words):
    (tables / "empty").mkdir()
    done = run(cerebella, *arguments)
    assert done.returncode == 2
    assert all(word in done.stderr for word in words), done.stderr
    assert "Traceback" not in done.stderr
    assert not (tables / "out").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("time,gid", ["row 1", "time"]),
        ("nan,3", ["row 1", "nan"]),
        ("3.5", ["row 1"]),
        ("3.5,99999", ["row 1", "99999"]),
    ],
)
def test_a_wrong_line_of_a_spike_file_is_named(cerebella, tables, line, words):
    file = tables / "spk.csv"
    file.write_text(f"{line}\n{file.read_text()}")
    done = run(cerebella, "spk.csv", "out", "--network", "net")
    assert done.returncode == 2
    assert all(word in done.stderr for word in ["spk.csv", *words]), done.stderr


def test_spikes_of_a_larger_network_are_refused(cerebella, tables):
    (cells,) = (tables / "net").glob("cells_*.csv")
    (tables / "smaller").mkdir()
    lines = cells.read_text().splitlines(keepends=True)
    (tables / "smaller" / cells.name).write_text("".join(lines[:-1]))
    done = run(cerebella, "spk.csv", "out", "--network", "smaller")
    assert done.returncode == 2
    assert f"gid {len(lines) - 2}" in done.stderr
    assert "spk.csv" in done.stderr


def test_show_config_prints_parameters_that_can_be_given_back(cerebella, tables):
    shown = run(cerebella, "--show-config", "--set", "connections.pf_scale=7")
    assert shown.returncode == 0
    (tables / "my.yaml").write_text(shown.stdout)
    again = run(cerebella, "--show-config", "--config", "my.yaml")
    assert again.stdout == shown.stdout
    assert "pf_scale: 7" in shown.stdout


def test_ctrl_c_ends_children_and_leaves_nothing(tables, is_running, wait_until):
    command = [*CEREBELLA, "purkinje", "run", "spk.csv", "out", "--network", "net"]
    command += ["--engine", "coreneuron"]
    process = subprocess.Popen(command, cwd=tables, stderr=subprocess.DEVNULL)
    children = []

    def started():
        children[:] = subprocess.run(
            ["pgrep", "-P", str(process.pid)], capture_output=True, text=True, check=False
        ).stdout.split()
        return bool(children)

    wait_until(started)
    time.sleep(0.5)
    os.kill(process.pid, 2)
    assert process.wait(20) == 130
    wait_until(lambda: not any(is_running(int(child)) for child in children))
    assert not (tables / "out").exists()
