"""`--force` replaces complete runs and networks of ours only, at the end and in one step."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cerebella as cb
from cerebella.cli.main import app
from cerebella.results import atomic
from cerebella.results.atomic import atomic_directory, atomic_file
from cerebella.runs.directory import check_output

SMALL = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}


def loop(path: Path, duration_ms: float = 100.0, **options) -> cb.Run:
    return cb.simulate_olive(SMALL, duration_ms=duration_ms, out=path, progress=False, **options)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.is_file()}


def command(*arguments: object) -> str:
    """Run a command that must be refused with exit code 2, and return its message."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert isinstance(result.exception, cb.InputError), result
    assert result.exception.exit_code == 2
    return str(result.exception)


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("finished") / "loop"
    loop(path)
    return path


@pytest.fixture
def run(finished, tmp_path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "loop"))


class InterruptedRunError(Exception):
    pass


def interrupt(fraction: float) -> None:
    raise InterruptedRunError


def test_a_forced_run_that_is_interrupted_keeps_the_finished_one(run):
    before = bytes_of(run)
    with pytest.raises(InterruptedRunError):
        cb.simulate_olive(SMALL, duration_ms=2000.0, out=run, force=True, progress=interrupt)
    assert bytes_of(run) == before
    assert cb.load_run(run).duration_ms == 100.0
    # The interrupted one can be resumed, and then takes the place of the finished one.
    assert loop(run, 2000.0, resume=True).duration_ms == 2000.0
    assert not (run / "partial").exists()
    assert [file.name for file in run.parent.iterdir()] == ["loop"]


def test_an_interrupted_forced_run_can_be_started_again(run):
    with pytest.raises(InterruptedRunError):
        cb.simulate_olive(SMALL, duration_ms=2000.0, out=run, force=True, progress=interrupt)
    with pytest.raises(cb.InputError, match="there is an interrupted run"):
        loop(run, 300.0)
    with pytest.raises(cb.InputError, match="partial to keep the finished run"):
        loop(run, 100.0, resume=True)
    assert loop(run, 300.0, force=True).duration_ms == 300.0
    assert not (run / "partial").exists()


@pytest.mark.parametrize("place", ["notes.txt", "partial/notes.txt"])
def test_a_folder_with_other_files_is_not_replaced_and_they_are_named(run, place):
    (run / place).parent.mkdir(exist_ok=True)
    (run / place).write_text("precious")
    with pytest.raises(cb.InputError, match=f"contains '{place}'.*would be lost"):
        loop(run, force=True)
    assert (run / place).read_text() == "precious"
    assert cb.load_run(run).duration_ms == 100.0


def test_a_file_that_comes_while_a_run_is_simulated_is_not_lost(run):
    def write_notes(fraction: float) -> None:
        (run / "notes.txt").write_text("precious")

    with pytest.raises(cb.InputError, match=r"contains 'notes.txt'"):
        cb.simulate_olive(SMALL, duration_ms=200.0, out=run, force=True, progress=write_notes)
    assert (run / "notes.txt").read_text() == "precious"
    (run / "notes.txt").unlink()
    assert loop(run, 200.0, resume=True).duration_ms == 200.0


def test_another_run_is_not_put_in_place_of_an_interrupted_one(run):
    with pytest.raises(InterruptedRunError):
        cb.simulate_olive(SMALL, duration_ms=2000.0, out=run, force=True, progress=interrupt)
    with pytest.raises(cb.InputError, match="contains 'partial'"):
        check_output(run, force=True)


def test_a_folder_with_a_run_json_of_another_program_is_not_replaced(tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "run.json").write_text('{"scripts": {}}')
    with pytest.raises(cb.InputError, match=r"run\.json"):
        loop(tmp_path / "other", force=True)
    assert (tmp_path / "other" / "run.json").exists()


def test_pipes_and_devices_are_never_replaced(tmp_path):
    """`/dev/null` was moved aside and removed; a named pipe stands for it here."""
    pipe = tmp_path / "pipe.swc"
    os.mkfifo(pipe)
    link = tmp_path / "link.swc"
    link.symlink_to(pipe)
    network = cb.generate_network(seed=1, scale=0.1)
    for path in (pipe, link):
        with pytest.raises(cb.InputError, match="a device, pipe or socket"):
            check_output(path, force=True)
        with pytest.raises(cb.InputError, match="a device, pipe or socket"):
            loop(path, force=True)
        with pytest.raises(cb.InputError, match="a device, pipe or socket"):
            cb.save_network(network, path, overwrite=True)
        with (
            pytest.raises(cb.InputError, match="a device, pipe or socket"),
            atomic_directory(path, replaceable=lambda folder: None),
        ):
            pytest.fail("the body was entered")
        with pytest.raises(cb.InputError, match="a device, pipe or socket"), atomic_file(path):
            pytest.fail("the body was entered")
        assert "a device, pipe or socket" in command("morphology", "generate", path, "--force")
        assert path.is_fifo()


def test_only_a_complete_network_is_replaced(tmp_path):
    network = cb.generate_network(seed=1, scale=0.1)
    path = cb.save_network(network, tmp_path / "net")
    cb.save_network(network, path, overwrite=True)
    (path / "nodes.h5").unlink()
    with pytest.raises(cb.InputError, match="not a complete network"):
        cb.save_network(network, path, overwrite=True)
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "cf_times_43_sync_1.csv").write_text("gid,spiketime\n")
    with pytest.raises(cb.InputError, match="not a complete network"):
        cb.save_network(network, tmp_path / "tables", format="csv", overwrite=True)


def test_an_output_is_never_an_input(run, tmp_path):
    network = cb.save_network(cb.generate_network(seed=1, scale=0.1), tmp_path / "net")
    link = tmp_path / "link"
    link.symlink_to(run)
    both = "is both input and output"
    assert both in command("purkinje", "run", run, run, "--force")
    assert both in command("purkinje", "run", link, run, "--force")
    assert both in command("purkinje", "run", run, link, "--force")
    assert both in command("mli", "run", network, network, "--force")
    assert both in command("network", "convert", network, network, "--to", "csv", "--force")
    assert both in command("network", "build", network, "--from", network, "--force")
    (run / "model.yaml").write_text("time_step_ms: 1")
    config = ("--config", run / "model.yaml")
    assert "contains input" in command("olive", "run", run, *config, "--force")
    with pytest.raises(cb.InputError, match=both):
        cb.load_run(run).save(link, force=True)


def test_an_export_does_not_replace_its_source(tmp_path):
    network = cb.generate_network(seed=1, scale=0.1)
    cells = cb.simulate_mli(network, duration_ms=5.0, out=tmp_path / "sync8", progress=False)
    (file,) = cells.level.export(cells, "csv", tmp_path)
    before = file.read_bytes()
    message = command("export", file, tmp_path, "--to", "csv", "--force")
    assert "is both input and output" in message
    assert file.read_bytes() == before


def test_a_kill_between_the_steps_of_a_replacement_leaves_one_of_both(tmp_path):
    """Each step of the replacement is the last one of a process; OUT is complete after all."""
    for n_steps in range(1, 4):
        path = tmp_path / str(n_steps) / "out"
        with atomic_directory(path) as folder:
            (folder / "old").touch()
        if not (child := os.fork()):
            _die_after_calls(n_steps)
            with atomic_directory(path, replaceable=lambda folder: None) as folder:
                (folder / "new").touch()
            os._exit(0)
        os.waitpid(child, 0)
        assert [file.name for file in path.iterdir()] in (["old"], ["new"])
        with atomic_directory(path, replaceable=lambda folder: None) as folder:
            (folder / "newer").touch()
        assert [file.name for file in path.parent.iterdir()] == ["out"]  # no left-overs


def _die_after_calls(n_calls: int) -> None:
    """Kill this process after some of the calls that change the file system."""
    calls = 0

    def counted(function):
        def call(*arguments, **options):
            nonlocal calls
            result = function(*arguments, **options)
            calls += 1
            if calls == n_calls:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call

    atomic.exchange = counted(atomic.exchange)
    atomic._temporary_folder = counted(atomic._temporary_folder)
    shutil.rmtree = counted(shutil.rmtree)


def test_without_exchange_a_replacement_is_undone_if_it_fails(tmp_path, monkeypatch):
    """File systems such as NFS have no exchange of two names."""
    monkeypatch.setattr(atomic, "exchange", lambda one, other: False)
    path = tmp_path / "out"
    for name in ("old", "new"):
        with atomic_directory(path, replaceable=lambda folder: None) as folder:
            (folder / name).touch()
    assert [file.name for file in path.iterdir()] == ["new"]
    assert [file.name for file in tmp_path.iterdir()] == ["out"]
    path.rename(tmp_path / ".out-replaced")  # as after a kill between the two renames
    with (
        pytest.raises(cb.InputError, match=r"its content is in .*out-replaced"),
        atomic_directory(path),
    ):
        pytest.fail("the body was entered")
