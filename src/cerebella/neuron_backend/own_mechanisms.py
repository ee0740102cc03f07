"""NMODL files of the user: what they declare, and which engines can run them.

The text of the files is read once and travels with a request. A run keeps it for the record;
nothing compiles the text in a run directory or in a file of parameters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from cerebella.errors import InputError
from cerebella.files.text import read_text
from cerebella.neuron_backend.mechanism_sets import MechanismSet
from cerebella.parameters.own_mechanisms import OwnMechanism

_MOST_FILES, _MOST_BYTES = 100, 1_000_000
_FILE = re.compile(r"[A-Za-z]\w*\.(mod|inc)")
_LISTS = ("RANGE", "POINTER", "BBCOREPOINTER", "EXTERNAL")
_KINDS = ("SUFFIX", "POINT_PROCESS", "ARTIFICIAL_CELL", "JUNCTION_PROCESS")
_OTHER_WORDS = (
    *("GLOBAL", "USEION", "READ", "WRITE", "VALENCE", "REPRESENTS", "NONSPECIFIC_CURRENT"),
    *("ELECTRODE_CURRENT", "THREADSAFE", "RANDOM"),
)
_OF_NEURON = ("morphology", "capacitance", "pas", "fastpas", "hh", "extracellular")
_COMPILE_S = 5
_C_CODE = re.compile(r"\bVERBATIM\b.*?(?:\bENDVERBATIM\b|\Z)", re.DOTALL)
_COMMENT = re.compile(
    r"^[ \t]*TITLE\b[^\n]*|^[ \t]*COMMENT\b.*?(?:\bENDCOMMENT\b|\Z)|[:?][^\n]*",
    re.DOTALL | re.MULTILINE,
)
_DECLARED = re.compile(
    r"([A-Za-z]\w*)\s*(\[[^\]]*\])?\s*(?:=\s*[-+]?[\d.]+(?:[eE][-+]?\d+)?)?\s*(?:\(([^()]*)\))?"
)
_UNCONNECTED = {
    "POINTER": "nothing connects a pointer",
    "BBCOREPOINTER": "nothing connects a pointer",
    "EXTERNAL": "no other mechanism provides a variable",
    "FUNCTION_TABLE": "nothing fills a table",
}
"""Statements without which NEURON would stop, and why."""

_NOT_CORENEURON = {
    "VERBATIM": "C code (VERBATIM)",
    "LONGITUDINAL_DIFFUSION": "LONGITUDINAL_DIFFUSION",
    "LINEAR": "a LINEAR block",
    "NONLINEAR": "a NONLINEAR block",
}
"""Statements that CoreNEURON cannot run, or not in any case."""


class OwnMechanisms(NamedTuple):
    """Mechanisms of the user.

    Attributes
    ----------
    texts : dict of str to str
        Text by name of the file, with include files.
    described : dict of str to OwnMechanism
        Density mechanisms by name, their SUFFIX.
    left_out : dict of str to str
        Kind of mechanisms that are not used, by name of the file.
    not_coreneuron : str
        What CoreNEURON cannot run, and where; empty if there is nothing.
    folder : Path
        Where the files are, for messages.
    """

    texts: dict[str, str]
    described: dict[str, OwnMechanism]
    left_out: dict[str, str]
    not_coreneuron: str
    folder: Path = Path()

    @property
    def files(self) -> list[str]:
        """Files of the mechanisms, without include files."""
        return [one.file for one in self.described.values()]


NONE = OwnMechanisms({}, {}, {}, "")

Mechanisms = OwnMechanisms | Path | str | Mapping[str, str] | None
"""What `read_mechanisms` takes."""


def read_mechanisms(given: Mechanisms) -> OwnMechanisms:
    """Read the NMODL files of the user.

    Parameters
    ----------
    given : Path, str, mapping of str to str, OwnMechanisms or None
        A folder with ``.mod`` and ``.inc`` files, texts by name of the file, or what this function
        has returned.

    Returns
    -------
    OwnMechanisms
        Without a folder, nothing.

    Raises
    ------
    InputError
        A file cannot be read or used; the message says why.

    Examples
    --------
    >>> from cerebella.neuron_backend.own_mechanisms import read_mechanisms
    >>> text = '''
    ... NEURON { SUFFIX shunt  NONSPECIFIC_CURRENT i  RANGE g, i }
    ... PARAMETER { g = 0 (S/cm2) }
    ... ASSIGNED { v (mV)  i (mA/cm2) }
    ... BREAKPOINT { i = g*(v + 60) }
    ... '''
    >>> shunt = read_mechanisms({"shunt.mod": text}).described["shunt"]
    >>> shunt.parameters, shunt.quantities
    ({'g': 'S/cm2'}, {'i': 'mA/cm2'})
    """
    if given is None:
        return NONE
    if isinstance(given, OwnMechanisms):
        return given
    if isinstance(given, Mapping):
        folder, texts = Path(), dict(sorted(given.items()))
    else:
        folder = Path(given)
        texts = _texts_in(folder)
    for name in texts:
        _check_name(name, folder)
    described: dict[str, OwnMechanism] = {}
    left_out: dict[str, str] = {}
    limits = []
    for file in (name for name in texts if name.endswith(".mod")):
        code = _code(file, texts)
        kind, name = _kind_of(folder / file, code)
        if kind != "SUFFIX":
            left_out[file] = kind
            continue
        if name in described:
            other = described[name].file
            raise InputError(
                f"has the SUFFIX {name} of {other}", file=folder / file, remedy="Change one"
            )
        described[name] = _describe(folder / file, code, texts)
        limits += [(file, why) for word, why in _NOT_CORENEURON.items() if _has(word, code)]
    if not described:
        raise InputError(
            "there is no density mechanism (a .mod file with a SUFFIX) in `mechanisms`"
            + "".join(f"; {file} is a {kind}" for file, kind in left_out.items()),
            remedy="Give the folder with your NMODL files",
        )
    used = {file: text for file, text in texts.items() if file not in left_out}
    limited = "; ".join(f"{file}: {why}" for file, why in limits)
    return OwnMechanisms(used, described, left_out, limited, folder)


def add_mechanisms(ours: MechanismSet, own: OwnMechanisms, *, coreneuron: bool) -> MechanismSet:
    """Return the mechanisms of a level with those of the user.

    Parameters
    ----------
    ours : MechanismSet
        Mechanisms of the package.
    own : OwnMechanisms
        Those of the user; without any, nothing changes.
    coreneuron : bool
        Whether CoreNEURON is to run them.

    Raises
    ------
    InputError
        A file or mechanism has the name of another one.
    """
    if not own.described:
        return ours
    taken = {
        _kind_of(Path(file), text)[1] for file, text in ours.texts.items() if file.endswith(".mod")
    }
    for name, one in own.described.items():
        if name in taken or name in _OF_NEURON or name.endswith("_ion"):
            of = "the package" if name in taken else "NEURON"
            raise InputError(
                f"{name} is also the name of a mechanism of {of}",
                file=one.file,
                remedy="Change its SUFFIX",
            )
    for file in own.texts:
        if file in ours.texts:
            raise InputError("the package has a file of this name", file=file, remedy="Rename it")
    return replace(
        ours,
        texts=dict(sorted({**ours.texts, **own.texts}.items())),
        compile_s=ours.compile_s + _COMPILE_S * len(own.described),
        coreneuron=coreneuron,
        own=tuple(own.texts),
    )


def _texts_in(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        problem = "is a file" if folder.exists() else "no such folder"
        raise InputError(problem, file=folder, remedy="Give the folder with your NMODL files")
    try:
        files = sorted(file for file in folder.iterdir() if file.suffix in (".mod", ".inc"))
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", file=folder, remedy="Check its permissions"
        ) from error
    size = sum(file.stat().st_size for file in files if file.is_file())
    if len(files) > _MOST_FILES or size > _MOST_BYTES:
        raise InputError(
            f"has {len(files)} NMODL files of {size / 1e6:.1f} MB; at most {_MOST_FILES} and "
            f"{_MOST_BYTES / 1e6:g} MB are read",
            file=folder,
            remedy="Give a folder with the mechanisms that the cell needs",
        )
    return {file.name: read_text(file, kind="NMODL file", most_bytes=_MOST_BYTES) for file in files}


def _check_name(name: str, folder: Path) -> None:
    if not _FILE.fullmatch(name):
        raise InputError(
            "an NMODL file cannot have this name",
            file=folder / name,
            remedy="NEURON makes C names of it: use letters, digits and _, and .mod or .inc",
        )


def _blank(match: re.Match[str]) -> str:
    """Return the line endings of a comment, so that rows are kept."""
    return "\n" * match[0].count("\n")


def _code(file: str, texts: Mapping[str, str]) -> str:
    """Return the text of a file without comments; of C code, the word VERBATIM remains."""
    text = _COMMENT.sub(_blank, texts[file])
    return _C_CODE.sub(lambda match: f" VERBATIM {_blank(match)} ", text)


def _has(word: str, code: str) -> bool:
    return re.search(rf"\b{word}\b", code) is not None


def _row(word: str, code: str) -> int:
    found = re.search(rf"\b{word}\b", code)
    return 1 + code.count("\n", 0, found.start() if found else 0)


def _kind_of(file: Path, code: str) -> tuple[str, str]:
    """Return SUFFIX, or another kind of mechanism, and its name."""
    words = _words(_block("NEURON", code))
    for kind in _KINDS:
        if names := words.get(kind):
            return ("library of functions", "") if names[0] == "nothing" else (kind, names[0])
    raise InputError(
        "has no NEURON block with a SUFFIX", file=file, remedy="Give NMODL of a density mechanism"
    )


def _describe(file: Path, code: str, texts: Mapping[str, str]) -> OwnMechanism:
    included = re.findall(r'\bINCLUDE\s+"([^"]*)"', code)
    for name in included:
        if name not in texts:
            raise InputError(
                f"includes {name}, which is not in the folder",
                file=file,
                row=_row("INCLUDE", code),
                remedy="Put it there",
            )
    names = (file.name, *included)
    whole = "\n".join([code, *(_code(name, texts) for name in included)])
    words = _words(_block("NEURON", code))
    for word, why in _UNCONNECTED.items():
        if words.get(word) or (word not in _LISTS and _has(word, whole)):
            raise InputError(
                f"contains {word}, and {why} of a mechanism that is set by region",
                file=file,
                row=_row(word, code),
                remedy="Write the mechanism without it",
            )
    of_range = words.get("RANGE", [])
    units = {block: dict(_declared(block, whole)) for block in ("PARAMETER", "ASSIGNED", "STATE")}
    # Recorded are states, and what RANGE makes visible.
    visible = units["STATE"] | {
        name: unit for name, unit in units["ASSIGNED"].items() if name in of_range and name != "v"
    }
    return OwnMechanism(
        file=file.name,
        sha256=hashlib.sha256("\0".join(texts[n] for n in names).encode()).hexdigest(),
        parameters={n: unit for n, unit in units["PARAMETER"].items() if n in of_range},
        quantities=visible,
        replaces="",
    )


def _block(name: str, code: str) -> str:
    """Return what stands between the braces of all blocks of a name."""
    return "\n".join(re.findall(rf"\b{name}\s*\{{([^{{}}]*)\}}", code))


def _words(neuron: str) -> dict[str, list[str]]:
    """Return the words after each key word of the block NEURON."""
    found: dict[str, list[str]] = {}
    key = ""
    for word in re.findall(r"[A-Za-z]\w*", neuron):
        if word in (*_KINDS, *_LISTS, *_OTHER_WORDS):
            key = word
        else:
            found.setdefault(key, []).append(word)
    return found


def _declared(block: str, code: str) -> Iterator[tuple[str, str]]:
    """Yield name and unit of the numbers, not the arrays, that a block declares."""
    for name, array, unit in _DECLARED.findall(_block(block, code)):
        if not array:
            yield name, unit.strip() or "1"
