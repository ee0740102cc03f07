"""Outputs that cannot be written are refused before the work, or named in one message."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

import cerebella as cb
from cerebella.errors import InputError
from cerebella.plots.save import save_figure
from cerebella.runs.directory import check_output

CEREBELLA = [sys.executable, "-m", "cerebella.cli.entry"]


def shell(command, folder):
    """Run a command line in which $cerebella is the program; return status and output."""
    done = subprocess.run(
        ["sh", "-c", command.replace("$cerebella", " ".join(CEREBELLA))],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.mark.parametrize("name", ["n" * 250, "n" * 300, "µ" * 120, "below/" + "n" * 250])
def test_a_name_that_is_too_long_is_refused_before_the_simulation(name, tmp_path):
    with pytest.raises(InputError, match=r"has \d+ bytes. Give at most 215 bytes") as caught:
        check_output(tmp_path / name)
    assert len(str(caught.value)) < 200


def test_a_path_that_is_too_long_is_refused_before_the_simulation(tmp_path):
    with pytest.raises(InputError, match=r"the path .* bytes. Choose a shorter path"):
        check_output(tmp_path.joinpath(*["n" * 200] * 25))


@pytest.mark.parametrize("name", ["one", "one/run"])
def test_an_output_below_a_circle_of_links_is_refused_before_the_simulation(name, tmp_path):
    (tmp_path / "one").symlink_to("other")
    (tmp_path / "other").symlink_to("one")
    with pytest.raises(InputError, match="links on the way lead in a circle"):
        check_output(tmp_path / name)


@pytest.fixture
def full_disk(small_disk):
    """A folder with room for 4 kB."""
    return small_disk("size=4k")


@pytest.mark.parametrize("suffix", [".pdf", ".svg", ".png"])
def test_a_figure_on_a_full_disk_is_one_message_and_no_file(suffix, full_disk):
    figure = Figure()
    figure.subplots().plot(range(100))
    with pytest.raises(InputError, match=r"cannot be written .No space left on device"):
        save_figure(figure, full_disk / f"figure{suffix}")
    assert list(full_disk.iterdir()) == []


def test_standard_output_on_a_full_disk_is_one_message(tmp_path):
    done = shell("$cerebella parameters > /dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: standard output cannot be written (No space left")
    assert len(done.stderr.splitlines()) == 1


def test_closed_streams_do_not_fail_and_are_not_written_into_results(small_network, tmp_path):
    done = shell("$cerebella mli run net run --duration 20 <&- >&- 2>&-", tmp_path)
    assert done.returncode == 0
    assert len(cb.load_run(tmp_path / "run").spikes.times_ms) > 0


@pytest.mark.parametrize("duration_ms", [5.0, 165.0])
def test_runs_too_short_for_their_measures_are_refused_before_the_work(duration_ms, tmp_path):
    model = cb.SyncModel(cb.generate_network(seed=3, scale=0.1), duration_ms=duration_ms)
    with pytest.raises(InputError, match=f"`duration_ms` is {duration_ms:g}, .* until 170 ms"):
        cb.sweep_cf_synchrony(tmp_path / "out", model, levels=[0], trials=[1])
    assert not (tmp_path / "out").exists()
