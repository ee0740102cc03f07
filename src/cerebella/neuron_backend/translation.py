"""Translation of NMODL of the user by NEURON's tools: quick, and without a C++ compiler.

It finds errors in a file before a minute of compilation, and what CoreNEURON cannot run.
"""

from __future__ import annotations

import re
import tempfile
from functools import cache
from pathlib import Path

from cerebella.errors import InputError
from cerebella.neuron_backend.launcher import environment_of_own_processes
from cerebella.neuron_backend.own_mechanisms import OwnMechanisms
from cerebella.neuron_backend.processes import run_to_log
from cerebella.neuron_backend.toolchain import (
    environment_of_translators,
    find_nmodl,
    find_nocmodl,
)

_AT_ROW = re.compile(r"at line (\d+) in file")
_UNDEFINED = re.compile(r"Warning: (\w+) undefined")
_REASON = re.compile(r"what\(\):\s*(.*)|\[NMODL\] \[(?:error|critical)\] ::\s*(.*)")
_FOR_CORENEURON = ("host", "--c", "passes", "--inline")
"""Options with which nrnivmodl calls the translator."""

_REMEDY = "Correct the file; nothing was compiled"


def check_translation(own: OwnMechanisms) -> None:
    """Translate all mechanisms for NEURON.

    Raises
    ------
    InputError
        A file is not valid NMODL, or uses a name that it does not declare; with file and row.
    MachineError
        NEURON is missing.
    """
    for file in own.files:
        log, status = _translated(find_nocmodl(), (), file, tuple(own.texts.items()))
        if status:
            row = _AT_ROW.search(log)
            raise InputError(
                _first_words(log),
                file=own.folder / file,
                row=int(row[1]) if row else None,
                remedy=_REMEDY,
            )
        undefined = _UNDEFINED.search(log)
        if undefined and "VERBATIM" not in own.texts[file]:
            raise InputError(
                f"{undefined[1]} is used, but not declared",
                file=own.folder / file,
                row=_row_of(undefined[1], own.texts[file]),
                remedy="Declare it in PARAMETER, ASSIGNED or LOCAL",
            )


def why_not_coreneuron(own: OwnMechanisms) -> str:
    """Return what in which file CoreNEURON cannot run; empty if there is nothing.

    Parameters
    ----------
    own : OwnMechanisms
        Mechanisms that `check_translation` has accepted.
    """
    if own.not_coreneuron:
        return own.not_coreneuron
    for file in own.files:
        log, status = _translated(find_nmodl(), _FOR_CORENEURON, file, tuple(own.texts.items()))
        if status:
            return f"{file}: {_reason(log)}"
    return ""


@cache
def _translated(
    program: Path, options: tuple[str, ...], file: str, texts: tuple[tuple[str, str], ...]
) -> tuple[str, int]:
    """Return the output and the exit status of a translation, which leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="cerebella-") as name:
        folder = Path(name)
        for one, text in texts:
            (folder / one).write_text(text)
        log = folder / "log"
        status = run_to_log(
            [program, file, "-o", "translated", *options],
            log,
            folder=folder,
            environment=environment_of_own_processes() | environment_of_translators(),
        )
        return log.read_text(errors="replace"), status


def _first_words(log: str) -> str:
    """Return the problem that NEURON names, without the names of files that do not remain."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    wrong = [line for line in lines if not line.startswith(("Translating", "Notice", "Thread"))]
    return "; ".join(dict.fromkeys(_AT_ROW.split(line)[0].rstrip(" ") for line in wrong[:4]))


def _row_of(name: str, text: str) -> int | None:
    found = re.search(rf"\b{name}\b", text)
    return 1 + text.count("\n", 0, found.start()) if found else None


def _reason(log: str) -> str:
    found = [of or other for of, other in _REASON.findall(log)]
    return found[-1].strip() if found else "its translator nmodl fails"
