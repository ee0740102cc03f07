"""Compiled mechanisms are code: checked before use, built again once if damaged, private."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys

import pytest

from cerebella.errors import MachineError
from cerebella.files import cache_folder as folders
from cerebella.files.cache_folder import cache_folder, make_private
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend import library_stamp, mechanisms_cache
from cerebella.neuron_backend.mechanism_sets import MechanismSet
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms

TINY = MechanismSet({"tiny.mod": "NEURON { SUFFIX tiny RANGE g }\nPARAMETER { g = 1 }\n"})
SUFFIX = mechanisms_cache._SUFFIX


@pytest.fixture
def builds(tmp_path, monkeypatch):
    """Use a script in place of NEURON's compiler; returns a function that counts its calls."""
    script, log = tmp_path / "nrnivmodl", tmp_path / "builds"
    log.touch()
    script.write_text(
        f'#!/bin/sh\necho built >> "{log}"\nmkdir arch\n'
        f"for name in nrnmech corenrnmech; do echo library > arch/lib$name{SUFFIX}; done\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(mechanisms_cache, "find_nrnivmodl", lambda: script)
    return lambda: len(log.read_text().splitlines())


def replace_by_file(folder):
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    folder.write_text("a file")


DAMAGES = {
    "a library is missing": (
        lambda folder: (folder / f"libnrnmech{SUFFIX}").unlink(),
        f"libnrnmech{SUFFIX} is missing",
    ),
    "the library of CoreNEURON is missing": (
        lambda folder: (folder / f"libcorenrnmech{SUFFIX}").unlink(),
        f"libcorenrnmech{SUFFIX} is missing",
    ),
    "a library is cut": (
        lambda folder: (folder / f"libnrnmech{SUFFIX}").write_text("libr"),
        f"libnrnmech{SUFFIX} has 4 bytes, not 8",
    ),
    "a library is altered": (
        lambda folder: (folder / f"libnrnmech{SUFFIX}").write_text("Library\n"),
        f"libnrnmech{SUFFIX} was changed",
    ),
    "the folder is empty": (
        lambda folder: [file.unlink() for file in folder.iterdir()],
        "stamp.json is missing",
    ),
    "the stamp is damaged": (
        lambda folder: (folder / "stamp.json").write_text('{"libnrnmech'),
        "stamp.json is damaged",
    ),
    "the stamp is deep": (
        lambda folder: (folder / "stamp.json").write_text("[" * 100_000),
        "stamp.json is damaged",
    ),
    "a file is in place of the folder": (replace_by_file, "it is not a folder"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_library_is_named_and_built_again_once(cache, builds, damage):
    first = ensure_mechanisms(TINY)
    do, named = DAMAGES[damage]
    do(first.folder)
    announced: list[str] = []
    healed = ensure_mechanisms(TINY, announce=announced.append)
    assert announced[0].startswith(
        f"The compiled mechanisms in {first.folder} are damaged: {named}"
    )
    assert healed.neuron.read_text() == healed.coreneuron.read_text() == "library\n"
    assert ensure_mechanisms(TINY).build_s is None
    assert builds() == 2
    assert list(cache.glob(".building-*")) == []


def test_a_library_that_may_not_be_read_is_built_again(cache, builds, monkeypatch):
    """Root may read everything, hence the error of the operating system is a fake."""
    library = ensure_mechanisms(TINY)
    hash_of = library_stamp._hash

    def refuse_first_build(file):
        if builds() == 1:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        return hash_of(file)

    monkeypatch.setattr(library_stamp, "_hash", refuse_first_build)
    announced: list[str] = []
    assert ensure_mechanisms(TINY, announce=announced.append).build_s is not None
    assert f"{library.neuron} cannot be read (Permission denied)" in announced[0]


def test_a_library_that_stays_damaged_is_an_error_not_a_loop(cache, builds, monkeypatch):
    monkeypatch.setattr(mechanisms_cache, "find_damage", lambda folder, names: "it is broken")
    with pytest.raises(MachineError, match="could not be read again: it is broken"):
        ensure_mechanisms(TINY)
    assert builds() == 1


def test_a_left_over_lock_does_not_stop_a_build(cache, builds):
    make_private(cache)
    (cache / f"{mechanisms_cache.mechanism_key(TINY)}.lock").write_text("process 12345")
    assert ensure_mechanisms(TINY).build_s is not None


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_file_system_without_locks_is_named_and_used(cache, builds, monkeypatch, number):
    def refuse(handle, operation):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    announced: list[str] = []
    assert ensure_mechanisms(TINY, announce=announced.append).neuron.is_file()
    assert announced[0] == f"{cache} is on a file system without locks"


def test_of_two_builds_without_locks_the_first_is_used(cache, builds, monkeypatch):
    """A second process finishes while this one compiles."""
    compile_ = mechanisms_cache._compile

    def compile_twice(mechanisms, folder):
        monkeypatch.setattr(mechanisms_cache, "_compile", compile_)
        mechanisms_cache._build(
            mechanisms, cache / mechanisms_cache.mechanism_key(TINY), alone=False
        )
        return compile_(mechanisms, folder)

    monkeypatch.setattr(mechanisms_cache, "_compile", compile_twice)
    assert ensure_mechanisms(TINY).neuron.read_text() == "library\n"
    assert builds() == 2


def test_folders_are_for_their_owner_only(cache, builds):
    old = os.umask(0)
    try:
        library = ensure_mechanisms(TINY)
    finally:
        os.umask(old)
    for folder in (cache, library.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("place", ["cache", "library", "file"])
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_cache_to_which_others_may_write_is_refused(cache, builds, place, mode):
    library = ensure_mechanisms(TINY)
    {"cache": cache, "library": library.folder, "file": library.neuron}[place].chmod(mode)
    with pytest.raises(MachineError, match=r"other users may write to .*chmod go-w"):
        ensure_mechanisms(TINY)
    assert builds() == 1


def test_a_cache_of_another_user_is_refused(cache, builds, monkeypatch):
    ensure_mechanisms(TINY)
    if os.geteuid() == 0:
        os.chown(cache, 12345, -1)
    else:
        monkeypatch.setattr(folders.os, "geteuid", lambda: 12345)
    with pytest.raises(MachineError, match="belongs to another user"):
        ensure_mechanisms(TINY)


def test_a_folder_of_another_user_is_refused_before_the_build(cache, builds, monkeypatch):
    cache.mkdir()
    monkeypatch.setattr(folders.os, "geteuid", lambda: 12345)
    if os.geteuid() == 12345 and cache.stat().st_uid == 0:
        os.chown(cache, 54321, -1)  # of root, it would be accepted
    with pytest.raises(MachineError, match="belongs to another user"):
        ensure_mechanisms(TINY)
    assert builds() == 0


def test_the_place_of_the_cache_may_be_relative_or_below_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CEREBELLA_CACHE", "mine")
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CEREBELLA_CACHE", "~/mine")
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.setenv("CEREBELLA_CACHE", "~nobody-of-this-name/mine")
    with pytest.raises(MachineError, match="has no such user"):
        cache_folder()


@pytest.mark.parametrize("name", ["müller", "with space, 細胞"])
def test_a_library_is_loaded_from_a_folder_of_any_name(name, tmp_path):
    """The real library, copied; NEURON takes only ASCII letters."""
    library = ensure_mechanisms(molecular_layer_mechanisms())
    copy = tmp_path / name / library.key
    copy.parent.mkdir(mode=0o700)
    subprocess.run(["cp", "-r", library.folder, copy], check=True)
    code = """
import cerebella as cb
network = cb.generate_network(seed=3, scale=0.1)
run = cb.simulate_mli(network, duration_ms=5.0, engine="coreneuron", progress=False)
print(run.manifest["mechanisms"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "CEREBELLA_CACHE": str(copy.parent), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == f"{library.key}\n", done.stderr
