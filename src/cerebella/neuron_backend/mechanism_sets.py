"""Sets of mechanisms and compiler options: one library for each level of the circuit."""

from __future__ import annotations

import hashlib
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import indent

from cerebella.neuron_backend.calcium_pool import POOLS, calcium_mechanism
from cerebella.neuron_backend.ladder_scheme import Ladder, ladder_locals, ladder_step

MECHANISMS = Path(__file__).parent / "mechanisms"

# BK: k calcium ions are bound at level k; rates in 1/ms, rounded as by the published tool chain.
_MSLO = Ladder(
    left=[f"c{k}" for k in range(5)],
    right=[f"o{k}" for k in range(5)],
    up_left=[f"{4 - k}*bind" for k in range(4)],
    down_left=[f"{k + 1}*leave_c" for k in range(4)],
    up_right=[f"{4 - k}*bind" for k in range(4)],
    down_right=[f"{k + 1}*leave_o" for k in range(4)],
    across=[f"{f}*open" for f in ("0.00239", "0.0054918", "0.0246205", "0.142455", "0.211022")],
    back=[f"{b}*shut" for b in ("3.936", "0.687325", "0.234588", "0.10322", "0.0116581")],
)

# Resurgent sodium: five closed states and the open state; six inactivated states.
_NARSG = Ladder(
    left=["c1", "c2", "c3", "c4", "c5", "o"],
    right=["i1", "i2", "i3", "i4", "i5", "i6"],
    up_left=[*(f"{4 - k}*forward" for k in range(4)), "opening"],
    down_left=[*(f"{k + 1}*backward" for k in range(4)), "closing"],
    up_right=[*(f"{4 - k}*forward_i" for k in range(4)), "opening"],
    down_right=[*(f"{k + 1}*backward_i" for k in range(4)), "closing"],
    across=[*(f"{150 ** (k / 4):.15g}*inward" for k in range(5)), "on"],
    back=[*(f"{0.01 ** (k / 4):.15g}*outward" for k in range(5)), "off"],
    top_loss="block*kept",
    top_gain="unblock*kept*b",
)

_LADDERS = {"pc_mslo.mod": _MSLO, "pc_narsg.mod": _NARSG}
_CALCIUM = "calcium.mod"

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
    """

    texts: Mapping[str, str]
    options: tuple[str, ...] = ()
    compile_s: int = 20
    coreneuron: bool = True


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
    files = (file for folder in folders for file in folder.iterdir())
    texts = {file.name: file.read_text() for file in files if file.suffix in (".mod", ".inc")}
    return MechanismSet(dict(sorted(texts.items())), options)


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


@cache
def molecular_layer_mechanisms() -> MechanismSet:
    """Return the mechanisms of the molecular layer interneurons.

    They are compiled without additional options, so that NEURON and CoreNEURON yield bitwise
    identical results.
    """
    return mechanisms_in(MECHANISMS / "shared", MECHANISMS / "molecular_layer")


@cache
def purkinje_mechanisms() -> MechanismSet:
    """Return the mechanisms of the Purkinje cell, with options for this processor."""
    source = mechanisms_in(MECHANISMS / "shared", MECHANISMS / "purkinje").texts
    texts = {
        name: _with_step(text, _LADDERS[name]) if name in _LADDERS else text
        for name, text in source.items()
        if name != _CALCIUM
    }
    texts |= {f"{p.mechanism}.mod": calcium_mechanism(source[_CALCIUM], p) for p in POOLS}
    return MechanismSet(dict(sorted(texts.items())), processor_options(), compile_s=60)


def _with_step(text: str, ladder: Ladder) -> str:
    """Substitute $ladder_locals and $ladder, each of which is alone on its line."""
    parts = {
        "ladder_locals": ",\n".join(ladder_locals(len(ladder.left))),
        "ladder": "\n".join(ladder_step(ladder)),
    }
    return re.sub(
        r"^( *)\$(\w+)$", lambda at: indent(parts[at[2]], at[1]), text, flags=re.MULTILINE
    )


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
