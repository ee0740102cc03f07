"""The cache of compiled mechanisms: built once, atomically, with clear errors."""

from __future__ import annotations

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cerebella.errors import MachineError, MechanismBuildError
from cerebella.files.cache_folder import clean_cache
from cerebella.neuron_backend import mechanisms_cache
from cerebella.neuron_backend.mechanism_sets import mechanisms_in
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms, mechanism_key

TINY = "NEURON { SUFFIX tiny RANGE g }\nPARAMETER { g = 1 }\n"
SUFFIX = mechanisms_cache._SUFFIX

# In a separate process, with another program in place of nrnivmodl.
ENSURE = """
import sys
from pathlib import Path
from cerebella.neuron_backend import mechanisms_cache
from cerebella.neuron_backend.mechanism_sets import mechanisms_in
mechanisms_cache.find_nrnivmodl = lambda: Path(sys.argv[2])
library = mechanisms_cache.ensure_mechanisms(mechanisms_in(Path(sys.argv[1])))
print(library.neuron.exists(), library.build_s is not None)
"""


@pytest.fixture
def mechanisms(tmp_path):
    """A folder with one mechanism that does nothing."""
    folder = tmp_path / "mechanisms"
    folder.mkdir()
    (folder / "tiny.mod").write_text(TINY)
    return folder


@pytest.fixture
def compiler(tmp_path, monkeypatch):
    """Put a script in the place of nrnivmodl, which takes 8 s; it counts its runs in `builds`.

    Returns a function that adds shell commands to the script, before the libraries are made.
    """
    script, builds = tmp_path / "nrnivmodl", tmp_path / "builds"
    builds.touch()

    def write(commands=":"):
        script.write_text(
            f'#!/bin/sh\nset -e\necho $$ >> "{builds}"\n{commands}\nmkdir arch\n'
            f"touch arch/libnrnmech{SUFFIX} arch/libcorenrnmech{SUFFIX}\n"
        )
        script.chmod(0o755)
        return script

    write()
    monkeypatch.setattr(mechanisms_cache, "find_nrnivmodl", lambda: script)
    return write


@pytest.fixture
def builds(tmp_path, compiler):
    """Process ids of the builds so far."""
    return lambda: [int(line) for line in (tmp_path / "builds").read_text().split()]


def test_built_once_then_taken_from_the_cache(cache, mechanisms, builds):
    announced = []
    first = ensure_mechanisms(mechanisms_in(mechanisms), announce=announced.append)
    second = ensure_mechanisms(mechanisms_in(mechanisms), announce=announced.append)
    assert len(builds()) == 1
    assert first.build_s is not None
    assert second.build_s is None
    assert second.folder == first.folder == cache / first.key
    assert first.neuron.is_file()
    assert first.coreneuron.is_file()
    assert announced == ["Compiling the mechanisms (once, about 20 s)"]


@pytest.mark.parametrize("change", ["edit", "add", "rename"])
def test_built_anew_when_a_mechanism_changes(cache, mechanisms, builds, change):
    first = ensure_mechanisms(mechanisms_in(mechanisms))
    if change == "edit":
        (mechanisms / "tiny.mod").write_text(TINY.replace("1", "2"))
    elif change == "add":
        (mechanisms / "other.mod").write_text(TINY)
    else:
        (mechanisms / "tiny.mod").rename(mechanisms / "smaller.mod")
    assert ensure_mechanisms(mechanisms_in(mechanisms)).folder != first.folder
    assert len(builds()) == 2
    assert first.neuron.exists()


def test_built_anew_for_another_neuron(cache, mechanisms, monkeypatch):
    before = mechanism_key(mechanisms_in(mechanisms))
    monkeypatch.setattr(mechanisms_cache, "version", lambda package: "9.9.9")
    assert mechanism_key(mechanisms_in(mechanisms)) != before


def test_two_processes_at_once_build_once(cache, mechanisms, compiler, builds):
    command = [sys.executable, "-c", ENSURE, mechanisms, compiler("sleep 1.5")]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    outcomes = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outcomes
    assert sorted(out for out, _ in outcomes) == ["True False\n", "True True\n"]
    assert len(builds()) == 1


def test_a_killed_build_is_not_taken_for_complete(
    cache, mechanisms, compiler, builds, wait_until, is_running
):
    command = [sys.executable, "-c", ENSURE, mechanisms, compiler("exec sleep 60")]
    process = subprocess.Popen(command)
    try:
        wait_until(builds)
    finally:
        process.kill()
        process.wait()
    (building,) = cache.glob(".building-*")
    if sys.platform == "linux":
        (pid,) = builds()
        wait_until(lambda: not is_running(pid))
    else:
        os.kill(builds()[0], signal.SIGKILL)
    compiler()
    library = ensure_mechanisms(mechanisms_in(mechanisms))
    assert library.build_s is not None
    assert len(builds()) == 2
    assert not building.exists()
    assert list(cache.glob(".building-*")) == []


def test_an_interrupted_build_leaves_nothing(cache, mechanisms, compiler, monkeypatch):
    def interrupt(*_arguments, folder, **_options):
        (folder / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(mechanisms_cache, "run_to_log", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ensure_mechanisms(mechanisms_in(mechanisms))
    assert [path.suffix for path in cache.iterdir()] == [".lock"]


def test_a_failed_build_names_its_log_and_leaves_no_library(cache, mechanisms, compiler):
    compiler("echo 'tiny.mod:3: error: what is this'; exit 3")
    with pytest.raises(MechanismBuildError, match=r"status 3.*\n.*what is this") as caught:
        ensure_mechanisms(mechanisms_in(mechanisms))
    log = Path(re.search(r"the log is (\S+);", str(caught.value))[1])
    assert "what is this" in log.read_text()
    assert {path.suffix for path in cache.iterdir()} == {".lock", ".log"}


def test_a_build_without_its_product_is_a_failure(cache, mechanisms, compiler):
    compiler("echo all is well; exit 0")
    with pytest.raises(MechanismBuildError, match="all is well"):
        ensure_mechanisms(mechanisms_in(mechanisms))


def test_a_mechanism_that_neurons_compiler_refuses_is_named(cache, mechanisms):
    (mechanisms / "tiny.mod").write_text("NEURON { SUFFIX tiny }\nBREAKPOINT { SOLVE nothing }\n")
    with pytest.raises(MechanismBuildError, match="the log is") as caught:
        ensure_mechanisms(mechanisms_in(mechanisms))
    log = Path(re.search(r"the log is (\S+);", str(caught.value))[1])
    assert "tiny.mod" in log.read_text()


@pytest.mark.parametrize(
    ("missing", "remedy"),
    [
        ("g++", "apt install g\\+\\+ make"),
        ("make", "apt install make"),
        ("perl", "apt install perl"),
    ],
)
def test_a_missing_tool_is_named_with_its_remedy(
    cache, mechanisms, compiler, builds, tmp_path, monkeypatch, missing, remedy
):
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in {"g++", "make", "perl"} - {missing}:
        (tools / tool).symlink_to(shutil.which(tool))
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(MachineError, match=remedy) as caught:
        ensure_mechanisms(mechanisms_in(mechanisms))
    assert not isinstance(caught.value, MechanismBuildError)
    assert not cache.exists()
    assert builds() == []


def test_no_tool_is_missed_when_the_library_is_there(cache, mechanisms, compiler, monkeypatch):
    built = ensure_mechanisms(mechanisms_in(mechanisms))
    monkeypatch.setenv("PATH", "")
    assert ensure_mechanisms(mechanisms_in(mechanisms)).folder == built.folder


@pytest.mark.parametrize("chosen", [None, "c++ -DMINE"])
def test_the_build_uses_the_compiler_that_was_found(
    cache, mechanisms, compiler, tmp_path, monkeypatch, chosen
):
    """Instead of the compiler that built Python, the default of nrnivmodl."""
    if chosen:
        monkeypatch.setenv("CXX", chosen)
    else:
        monkeypatch.delenv("CXX", raising=False)
    compiler(f'echo "$CXX" > "{tmp_path}/used"')
    ensure_mechanisms(mechanisms_in(mechanisms))
    expected = chosen or str(mechanisms_cache.find_compiler())
    assert (tmp_path / "used").read_text() == f"{expected}\n"


@pytest.mark.parametrize("place", ["in_the_way", "in_the_way/cache"])
def test_a_cache_folder_that_cannot_be_made_is_named(
    mechanisms, compiler, tmp_path, monkeypatch, place
):
    (tmp_path / "in_the_way").write_text("a file")
    monkeypatch.setenv("CEREBELLA_CACHE", str(tmp_path / place))
    with pytest.raises(MachineError, match=f"{place} cannot be used.*set CEREBELLA_CACHE"):
        ensure_mechanisms(mechanisms_in(mechanisms))
    assert (tmp_path / "in_the_way").read_text() == "a file"


@pytest.fixture
def full_disk(small_disk, monkeypatch):
    """A cache folder with room for 256 kB."""
    folder = small_disk("size=256k,mode=700")
    monkeypatch.setenv("CEREBELLA_CACHE", str(folder))
    return folder


def test_a_full_disk_is_named_and_works_again_with_room(full_disk, mechanisms, compiler):
    compiler("head -c 1000000 /dev/zero > object")
    with pytest.raises(MachineError, match=r"No space left.*Free some disk space"):
        ensure_mechanisms(mechanisms_in(mechanisms))
    assert [path.suffix for path in full_disk.iterdir()] == [".lock"]
    compiler()
    assert ensure_mechanisms(mechanisms_in(mechanisms)).neuron.is_file()


def test_cleaning_removes_ours_and_nothing_else(cache, mechanisms, compiler):
    library = ensure_mechanisms(mechanisms_in(mechanisms))
    (cache / ".building-0123456789abcdef-x").mkdir()
    (cache / "0123456789abcdef.log").touch()
    (cache / "0123456789abcdef-mli-start.code").touch()
    (cache / ".0123456789abcdef-mli-start-x1_y.code").touch()  # of a process that was killed
    foreign = [cache / "mine", cache / "0123456789abcdef0", cache / "notes.log"]
    for path in foreign:
        path.mkdir()
        (path / "kept").touch()
    removed = clean_cache()
    assert library.folder in removed
    assert len(removed) == 6  # with its lock
    assert sorted(cache.iterdir()) == sorted(foreign)
    assert all((path / "kept").exists() for path in foreign)
    assert clean_cache() == []
    assert ensure_mechanisms(mechanisms_in(mechanisms)).build_s is not None


def test_cleaning_without_a_cache_does_not_fail(cache):
    assert clean_cache() == []


def test_neuron_loads_a_real_build_and_nothing_from_the_current_folder(
    cache, mechanisms, tmp_path, monkeypatch
):
    """NEURON automatically loads x86_64/ of the current folder, and fails on a second `tiny`."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    library = ensure_mechanisms(mechanisms_in(Path("../mechanisms")))
    assert list(here.iterdir()) == []
    assert sorted(path.name for path in library.folder.iterdir()) == sorted(
        ["build.log", "stamp.json", library.neuron.name, library.coreneuron.name]
    )
    decoy = here / platform.machine()
    decoy.mkdir()
    shutil.copy(library.neuron, decoy)
    code = """
import sys
from pathlib import Path
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import start_neuron
h, pc = start_neuron(MechanismLibrary(Path(sys.argv[1]), key=""))
section = h.Section()
section.insert("tiny")
print(section(0.5).tiny.g)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, library.folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "1.0"
