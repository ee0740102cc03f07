"""A damaged checkpoint is never resumed: the one before is used, or one message says so."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

import cerebella as cb

SMALL = {"time_step_ms": 1.0, "circuit": {"scale": 0.25}}
DURATION_MS = 5000.0
FILES = ("spikes.h5", "weights.h5", "voltage.h5")


class InterruptedRunError(Exception):
    pass


def simulate(path: Path, **options) -> cb.Run:
    options = {"progress": False} | options
    return cb.simulate_olive(SMALL, duration_ms=DURATION_MS, out=path, **options)


def bytes_of(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def checkpoints(run: Path) -> list[Path]:
    """The checkpoints of a run, the last one first."""
    return sorted((run / "partial").glob("checkpoint-*.npz"), reverse=True)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def alter(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def empty(file: Path) -> None:
    file.write_bytes(b"")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "run"
    simulate(path)
    return path


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory) -> Path:
    """A run interrupted after 4 of 5 s, with a checkpoint after each second."""

    def interrupt(fraction: float) -> None:
        if fraction > 0.7:
            raise InterruptedRunError

    path = tmp_path_factory.mktemp("interrupted") / "run"
    with pytest.raises(InterruptedRunError):
        simulate(path, checkpoint_every_s=0.0, progress=interrupt)
    return path


@pytest.fixture
def run(interrupted, tmp_path) -> Path:
    return Path(shutil.copytree(interrupted, tmp_path / "run"))


def test_the_last_two_checkpoints_are_kept(run):
    steps = [int(file.name.split("-")[1]) for file in checkpoints(run)]
    assert steps == [4000, 3000]


@pytest.mark.parametrize("damage", [cut, alter, empty])
def test_a_damaged_checkpoint_is_named_and_the_one_before_gives_the_same_bytes(run, whole, damage):
    last = checkpoints(run)[0]
    damage(last)
    with pytest.warns(RuntimeWarning, match=f"{last.name} is damaged.*at step 3000"):
        simulate(run, resume=True)
    assert bytes_of(run) == bytes_of(whole)


@pytest.mark.parametrize("damage", [cut, alter, empty, Path.unlink])
@pytest.mark.parametrize("name", ["IO.steps", "weights.mean"])
def test_damaged_recordings_are_never_part_of_a_run(run, whole, damage, name):
    """The end of a file belongs to the last checkpoint only; the rest belongs to both."""
    damage(run / "partial" / name)
    with pytest.raises(cb.InputError, match=f"no checkpoint can be used.*{name} is") as caught:
        simulate(run, resume=True)
    assert caught.value.exit_code == 2
    assert "`force`" in str(caught.value)
    simulate(run, force=True)
    assert bytes_of(run) == bytes_of(whole)


def test_recordings_that_lost_their_end_are_resumed_from_the_checkpoint_before(run, whole):
    file = run / "partial" / "IO.steps"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.warns(RuntimeWarning, match=r"since IO.steps is cut.*at step 3000"):
        simulate(run, resume=True)
    assert bytes_of(run) == bytes_of(whole)


def test_if_both_checkpoints_are_damaged_one_message_says_what_is_usable(run):
    cut(checkpoints(run)[0])
    alter(checkpoints(run)[1])
    with pytest.raises(cb.InputError, match="settings of the run are intact") as caught:
        simulate(run, resume=True)
    assert str(caught.value).count("is damaged") == 2
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"seed": 0}', "[" * 100_000, "\0"])
def test_a_damaged_configuration_is_one_message(run, content):
    (run / "partial" / "configuration.json").write_text(content)
    with pytest.raises(cb.InputError, match=r"configuration.json.*damaged") as caught:
        simulate(run, resume=True)
    assert len(str(caught.value)) < 600


def test_an_altered_configuration_is_shown_as_a_difference(run):
    file = run / "partial" / "configuration.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"seed": 5}))
    with pytest.raises(cb.InputError, match="seed was 5, now 0"):
        simulate(run, resume=True)


def test_a_checkpoint_of_an_older_version_is_named(run):
    for file in checkpoints(run):
        file.rename(file.with_name("checkpoint.npz"))
    with pytest.raises(cb.InputError, match=r"checkpoint.npz.*another version of cerebella"):
        simulate(run, resume=True)
