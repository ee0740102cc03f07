"""`cerebella experiment cf-synchrony` as a user meets it, good luck and bad."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
import yaml

from cerebella.cli.sweep_options import Circuit, parse_numbers, parse_range
from cerebella.errors import InputError
from cerebella.experiments.configuration import CortexParameters
from cerebella.morphology.morphology import REGIONS
from cerebella.morphology.swc import save_morphology

COMMAND = ("experiment", "cf-synchrony")


@pytest.mark.parametrize(
    ("text", "numbers"), [("1-3", [1, 2, 3]), ("0,4, 8", [0, 4, 8]), ("0,2-3", [0, 2, 3])]
)
def test_lists_and_ranges_of_numbers(text, numbers):
    assert parse_range(text, "--trials") == numbers


@pytest.mark.parametrize("text", ["", "a", "1-", "-1", "3-1", "1,,2", "1.5"])
def test_other_texts_are_refused_with_an_example(text):
    with pytest.raises(InputError, match="--trials"):
        parse_range(text, "--trials")


@pytest.mark.parametrize("text", ["a", "-1", "nan", "inf"])
def test_weights_are_numbers_of_0_or_more(text):
    assert parse_numbers("", "--w2") == []
    assert parse_numbers("0, 35.5", "--w2") == [0.0, 35.5]
    with pytest.raises(InputError, match="--w2"):
        parse_numbers(text, "--w2")


def test_a_tracing_by_others_is_prepared_for_the_experiment(tmp_path, small_network_path, capfd):
    rows = ["1 1 0 0 0 8 -1", "2 3 0 8 0 2 1", "3 3 0 60 0 2 2"]
    (tmp_path / "raw.swc").write_text("".join(f"{row}\n" for row in rows))
    circuit = Circuit(small_network_path, tmp_path / "raw.swc", None, None, True, 200.0, 0)
    model = circuit.build(circuit.load_network(), CortexParameters())
    assert [len(model.morphology.sections_of(region)) for region in REGIONS] == [1, 1, 1, 0]
    assert "smooth dendrite" in capfd.readouterr().err
    with pytest.raises(InputError, match="no axon initial segment"):
        circuit._replace(prepare=False).build(circuit.load_network(), CortexParameters())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--trials", "5-1"), "is reversed. Give 1-5"),
        (("--set", "mli.connections.pf_rate=6"), "Did you mean mli.connections.pf_rate_Hz"),
        (("--set", "purkinje.connections.pf_scale=-1"), "purkinje.connections.pf_scale is -1"),
        (("--network", "net"), "there is no synaptic_connections_bad.csv"),
        (("--scheduler", "tcp://127.0.0.1:1"), "executor processes takes no scheduler"),
        (("--prepare",), "--prepare without a morphology. Also give --morphology"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(cerebella, tmp_path, arguments, message):
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "cells_bad.csv").write_text("IN1,IN2\n")
    done = cerebella(*COMMAND, "out", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_one_file_configures_both_levels_and_single_parameters_override_it(cerebella, tmp_path):
    (tmp_path / "my.yaml").write_text(
        "mli: {connections: {pf_rate_Hz: 6}}\npurkinje: {connections: {pf_scale: 20}}\n"
    )
    options = ("--config", "my.yaml", "--set", "mli.connections.pf_rate_Hz=8", "--show-config")
    shown = yaml.safe_load(cerebella(*COMMAND, "out", *options).stdout)
    assert shown["mli"]["connections"]["pf_rate_Hz"] == 8
    assert shown["purkinje"]["connections"]["pf_scale"] == 20


def test_an_unreachable_scheduler_is_said_within_ten_seconds(cerebella, small_network_path):
    pytest.importorskip("distributed")
    address = "tcp://127.0.0.1:1"
    done = cerebella(
        *COMMAND,
        "out",
        "--network",
        small_network_path,
        "--executor",
        "dask",
        "--scheduler",
        address,
    )
    assert done.returncode == 1
    assert f"scheduler {address} does not answer" in done.stderr


def test_a_missing_compiler_is_reported_before_the_first_run(
    cerebella_process, small_network_path, tmp_path
):
    done = cerebella_process(
        *COMMAND, "out", "--network", small_network_path, "--engine", "coreneuron",
        PATH="/nowhere", CXX="", CEREBELLA_CACHE=tmp_path / "cache",
    )  # fmt: skip
    assert done.returncode == 1
    assert "compiler" in done.stderr
    assert not list(tmp_path.glob("out/runs/*"))


def test_a_small_experiment_from_network_to_figure(
    cerebella_process, small_network_path, spiny_cell, tmp_path
):
    save_morphology(spiny_cell, tmp_path / "cell.swc", tmp_path / "sections.csv")
    circuit = ("--network", small_network_path, "--morphology", "cell.swc")
    circuit += ("--sections", "sections.csv", "--duration", "182ms")
    asked = ("--levels", "0,8", "--trials", 1, "--workers", 1)
    done = cerebella_process(*COMMAND, "out", *circuit, *asked)
    assert done.returncode == 0, done.stderr
    assert "Mean spiny calcium" in done.stdout
    names = {"cf_synchrony.png", "runs.csv", "summary.csv", "summary.json", "sweep.json"}
    assert names <= {path.name for path in (tmp_path / "out").iterdir()}
    rows = json.loads((tmp_path / "out" / "summary.json").read_text())
    peak = {row["cf_sync"]: row["mean"] for row in rows if row["measure"] == "MLI2_peak_Hz"}
    assert peak[8] > peak[0]


def test_ctrl_c_ends_at_once_and_leaves_no_half_run(small_network_path, tmp_path):
    out = tmp_path / "out"
    arguments = ["--network", str(small_network_path), "--levels", "0", "--trials", "1-50"]
    command = [sys.executable, "-m", "cerebella.cli.main", *COMMAND, str(out), *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + 60
    while not list(out.glob("runs/[!.]*")):
        assert time.monotonic() < end
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert not list(out.glob("runs/.*"))
