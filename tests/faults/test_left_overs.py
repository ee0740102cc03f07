"""A kill at any moment leaves a folder that the same command accepts, and nothing stays."""

from __future__ import annotations

from pathlib import Path

import pytest

import cerebella as cb
from cerebella.results.atomic import atomic_directory

SMALL = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}


def simulate(path: Path, **options) -> cb.Run:
    return cb.simulate_olive(SMALL, duration_ms=100.0, out=path, progress=False, **options)


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


COMPLETE = ["run.json", "spikes.h5", "voltage.h5", "weights.h5"]


@pytest.mark.parametrize("option", [{}, {"resume": True}, {"force": True}])
@pytest.mark.parametrize("left", [[], ["lock"], ["lock", ".configuration-ab_12345.json"]])
def test_a_run_killed_before_its_configuration_was_written_starts(tmp_path, option, left):
    (tmp_path / "run" / "partial").mkdir(parents=True)
    for name in left:
        (tmp_path / "run" / "partial" / name).touch()
    simulate(tmp_path / "run", **option)
    assert names_in(tmp_path / "run") == COMPLETE
    assert names_in(tmp_path) == ["run"]


def test_a_forced_run_killed_before_its_configuration_was_written_leaves_nothing(tmp_path):
    simulate(tmp_path / "run")
    (tmp_path / "run" / "partial").mkdir()
    with pytest.raises(cb.OutputExistsError):
        simulate(tmp_path / "run")
    assert simulate(tmp_path / "run", resume=True).duration_ms == 100.0
    assert names_in(tmp_path / "run") == COMPLETE


def test_temporary_files_of_an_interrupted_run_do_not_stay_in_the_finished_one(tmp_path):
    class InterruptedRunError(Exception):
        pass

    def interrupt(fraction: float) -> None:
        raise InterruptedRunError

    with pytest.raises(InterruptedRunError):
        cb.simulate_olive(SMALL, duration_ms=100.0, out=tmp_path / "run", progress=interrupt)
    (tmp_path / "run" / ".weights-ab_12345.h5").touch()  # as older versions left it
    (tmp_path / "run" / "spikes.h5").touch()
    simulate(tmp_path / "run", resume=True)
    assert names_in(tmp_path / "run") == COMPLETE


def test_abandoned_temporary_folders_are_removed_and_others_are_not(tmp_path):
    for name in (".run-ab_12345.cerebella", ".run-mybackup", ".run2-ab_12345.cerebella"):
        (tmp_path / name).mkdir()
    with atomic_directory(tmp_path / "run") as one:
        with atomic_directory(tmp_path / "run"):
            assert one.is_dir()  # in use, so not abandoned
        (tmp_path / "run").rmdir()
    assert names_in(tmp_path) == [".run-mybackup", ".run2-ab_12345.cerebella", "run"]
