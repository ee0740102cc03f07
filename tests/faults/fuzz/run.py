"""Read damaged files within limits of time and memory, and count what holds.

Usage: python -m tests.faults.fuzz.run READER N_FILES FOLDER

A file holds if it is read or refused with an `InputError` whose message has fewer than 600
characters (apart from the path), within 10 s and 1 GB. The process that reads is ended by the
kernel if it does not return; the file that it read last is then the culprit.
"""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings

from cerebella.errors import InputError
from tests.faults.fuzz.command_line import command_lines, problem_of_line
from tests.faults.fuzz.damage import Damage, damages
from tests.faults.fuzz.readers import READERS, Reader, restore, write_valid_files

MOST_S, MOST_BYTES, MOST_CHARACTERS = 10, 10**9, 600

_PATIENCE_S = 60
"""Time after which the kernel ends the process, also within a library; the machine may be busy."""


def problem_of(reader: Reader, folder: Path, found: Counter[str]) -> str | None:
    """Read the file, and return what does not hold."""
    start = time.process_time()
    try:
        reader.read(folder)
        found["accepted"] += 1
    except InputError as error:
        found["refused"] += 1
        n_characters = len(str(error).replace(str(folder), ""))
        if n_characters >= MOST_CHARACTERS:
            return f"message of {n_characters} characters"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)
        own = [
            f"{Path(one.filename).name}:{one.lineno}"
            for one in place
            if "cerebella" in one.filename
        ]
        return f"{type(error).__name__} at {' '.join(own[-3:])}: {str(error)[:80]}"
    took_s = time.process_time() - start
    return f"took {took_s:.0f} s" if took_s > MOST_S else None


def damaged(content: bytes, some: list[Damage]) -> bytes:
    """Return a file after some damages."""
    for damage in some:
        content = damage(content)
    return content


def limit_memory() -> None:
    """Refuse more memory than 1 GB beyond what the process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def prepare(folder: Path) -> None:
    """Write valid files, and a copy of them to be damaged."""
    for name in ("valid", "damaged"):
        (folder / name).mkdir()
        write_valid_files(folder / name)


def examples(n: int) -> settings:
    """Return settings for a number of examples, always the same ones."""
    return settings(
        max_examples=n,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def count_problems(name: str, n_files: int, folder: Path) -> Counter[str]:
    """Read damaged files, and return how often each problem occurred.

    Parameters
    ----------
    name : str
        Name of a reader, or "command line".
    n_files : int
        Number of files, or of command lines.
    folder : Path
        Prepared folder; files that did not hold remain there.
    """
    found: Counter[str] = Counter()
    valid, own = folder / "valid", folder / "damaged"

    def note(problem: str | None, content: bytes, suffix: str) -> None:
        signal.alarm(0)
        if problem is not None:
            if problem not in found:
                (folder / f"culprit_{len(found)}{suffix}").write_bytes(content)
            found[problem] += 1

    @examples(n_files)
    @given(command_lines())
    def call(words: list[str]) -> None:
        signal.alarm(_PATIENCE_S)
        (folder / "last").write_text(repr(words))
        note(problem_of_line(words, found), repr(words).encode(), ".txt")

    if name == "command line":
        with contextlib.chdir(own):
            call()
        return found
    reader = READERS[name]
    content = restore(own, valid, reader)
    reader.read(own)  # the valid file is accepted

    @examples(n_files)
    @given(damages(reader.form))
    def read(some: list[Damage]) -> None:
        signal.alarm(_PATIENCE_S)
        file = own / reader.file
        file.write_bytes(damaged(content, some))
        note(problem_of(reader, own, found), file.read_bytes(), file.suffix)

    read()
    restore(own, valid, reader)
    return found


if __name__ == "__main__":
    reader_name, number, place = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    prepare(place)
    limit_memory()
    print(json.dumps(count_problems(reader_name, number, place)))
