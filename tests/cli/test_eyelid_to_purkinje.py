"""`cerebella experiment eyelid-to-purkinje` as a user meets it."""

from __future__ import annotations

import pytest

from cerebella.morphology.swc import save_morphology

COMMAND = ("experiment", "eyelid-to-purkinje")


@pytest.mark.slow
def test_it_writes_tables_and_a_figure_and_resumes_when_repeated(
    cerebella, cerebella_process, tmp_path, spiny_cell
):
    save_morphology(spiny_cell, tmp_path / "cell.swc", tmp_path / "sections.csv")
    small = ["--isi", 250, "--acquisition", 20, "--seeds", 11, "--trials", 1, "--workers", 1]
    small += ["--morphology", "cell.swc", "--sections", "sections.csv"]
    done = cerebella_process(*COMMAND, "out", *small)
    assert done.returncode == 0, done.stderr
    assert "Preset conditioning" in done.stdout
    assert "Simple spikes before the US (Hz)" in done.stdout
    names = {path.name for path in (tmp_path / "out").iterdir()}
    tables = ("cells", "summary", "cell_curves", "loop_curves", "weights")
    written = {f"{name}.{kind}" for name in tables for kind in ("csv", "json")}
    assert {*written, "eyelid_to_purkinje.png", "runs"} <= names
    again = cerebella(*COMMAND, "out", *small)
    assert again.returncode == 0
    assert again.stdout.splitlines()[-1] == done.stdout.splitlines()[-1]


def test_parameters_of_the_cell_are_shown(cerebella):
    done = cerebella(*COMMAND, "out", "--set", "purkinje.connections.pf_rate_Hz=6", "--show-config")
    assert done.returncode == 0
    assert "pf_rate_Hz: 6" in done.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--isi", 50], "an interval of 50 ms from CS to US is out of range"),
        (["--trials", 100], "100 trials before and after learning cannot be taken"),
        (["--acquisition", 2], "Give an acquisition of 3 trials or more"),
        (["--seeds", "frog"], "--seeds: 'frog' is not an integer"),
        (["--morphology", "nowhere.swc"], "nowhere.swc"),
        (["--set", "mli.connections.pf_rate_Hz=6"], "mli"),
    ],
)
def test_bad_input_gets_one_message_and_leaves_nothing(cerebella, tmp_path, options, message):
    done = cerebella(*COMMAND, "out", *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
