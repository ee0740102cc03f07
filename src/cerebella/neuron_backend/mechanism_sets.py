"""Sets of mechanisms and compiler options: one library for each level of the circuit."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MECHANISMS = Path(__file__).parent / "mechanisms"
SHARED = _MECHANISMS / "shared"
"""Folder of the mechanisms of all levels."""
GAP_JUNCTIONS = _MECHANISMS / "gap_junctions"
"""Folder of gap junctions."""

_AVX2 = frozenset({"avx2", "fma", "bmi2"})
_VECTORS = (_AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}, _AVX2)


@dataclass(frozen=True)
class MechanismSet:
    """Mechanisms that are compiled into one library.

    Attributes
    ----------
    texts : mapping of str to str
        NMODL by file name, including include files.
    options : tuple of str
        Options of the C++ compiler, in addition to those of NEURON.
    compile_s : int
        Approximate time of compilation in s, for messages.
    coreneuron : bool
        Whether to build a library for CoreNEURON as well.
    own : tuple of str
        Names of the files that are the user's.
    """

    texts: Mapping[str, str]
    options: tuple[str, ...] = ()
    compile_s: int = 20
    coreneuron: bool = True
    own: tuple[str, ...] = ()


def mechanisms_in(*folders: Path, options: tuple[str, ...] = ()) -> MechanismSet:
    """Collect the mechanisms in folders, unchanged.

    Parameters
    ----------
    *folders : Path
        Folders with ``.mod`` and ``.inc`` files.
    options : tuple of str
        Options of the C++ compiler.

    Returns
    -------
    MechanismSet
    """
    texts = {name: text for folder in folders for name, text in texts_in(folder).items()}
    return MechanismSet(dict(sorted(texts.items())), options)


def texts_in(folder: Path) -> dict[str, str]:
    """Return the NMODL in a folder, by name of the file."""
    files = (file for file in folder.iterdir() if file.suffix in (".mod", ".inc"))
    return {file.name: file.read_text() for file in files}


def source_hash(mechanisms: MechanismSet) -> str:
    """Return a hash of the equations: the same on every machine, and for other comments.

    Parameters
    ----------
    mechanisms : MechanismSet
        Nothing of it is compiled.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    found = hashlib.sha256()
    for name, text in sorted(mechanisms.texts.items()):
        code = _without_comments(text)
        found.update(f"{name} {len(code)}\n{code}".encode())
    return found.hexdigest()[:16]


def _without_comments(text: str) -> str:
    """Return NMODL without titles, comments and blank lines; text with C code as it is."""
    if "VERBATIM" in text:
        return text
    text = re.sub(r"^TITLE\b.*$|^COMMENT\b[\s\S]*?^ENDCOMMENT\b", "", text, flags=re.MULTILINE)
    lines = (re.sub(r"[:?].*", "", line).rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def processor_options() -> tuple[str, ...]:
    """Return compiler options that vectorize loops over compartments on this processor.

    They select AVX-512 with a vector width of 256 bits if available, otherwise AVX2; on other
    processors, the default of the compiler. Fast mathematics is required to vectorize
    exponentials.

    Returns
    -------
    tuple of str
    """
    options = ("-ffast-math", "-ftree-vectorize", "-fno-math-errno")
    flags = _processor_flags()
    chosen = [option for option in _VECTORS if option <= flags][:1]
    # Listed individually, since compilers before 2021 do not support x86-64-v3 and v4.
    vectors = [f"-m{flag}" for option in chosen for flag in sorted(option)]
    halves = ["-mprefer-vector-width=256"] if "-mavx512f" in vectors else []
    return (*vectors, *halves, *options)


def _processor_flags() -> frozenset[str]:
    """Return the processor's feature flags as named by Linux; empty if unknown."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return frozenset()
    found = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    return frozenset(found[1].split()) if found and platform.machine() == "x86_64" else frozenset()
