"""References of runs, as keys of ``references.bib``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cerebella.errors import InputError
from cerebella.runs.level import LEVELS, level_of, resolve

if TYPE_CHECKING:
    from pybtex.backends import BaseBackend
    from pybtex.database import BibliographyData, Entry, Person

Manifest = Mapping[str, Any]
Format = Literal["text", "bibtex"]

PACKAGE_KEY = "cerebella"

LEVEL_KEYS: dict[str, tuple[str, ...]] = {
    "mli": (
        *("park2026", "ma2020", "solinas2007", "molineux2005", "kozareva2021", "lackey2024"),
        *("rowan2018", "gaffield2018"),
    ),
    "purkinje": (
        *("zang2018", "park2026", "anwar2012", "schmidt2003", "maeda1999", "nagerl2000"),
        "zang2021",
    ),
    "olive": (
        *("cbmsim", "kakumanu_code", "medinamauk2000", "halverson2022", "maukdonegan1997"),
        *("medinamauk1999", "armstrong1979", "zhou2014"),
    ),
}
"""Keys of every run of a level."""

CHANNEL_KEYS: dict[str, tuple[str, ...]] = {
    "narsg_S_per_cm2": ("khaliq2003", "ramanbean2001", "akemann2006"),
    "nap_S_per_cm2": ("baker2005", "kay1998"),
    "kv3_S_per_cm2": ("akemann2009", "martina2007"),
    "kv1_S_per_cm2": ("akemann2006", "zerr1998", "otsu2014"),
    "kv4_fast_S_per_cm2": ("sacco2002", "gunay2008", "otsu2014"),
    "kv4_slow_S_per_cm2": ("sacco2002", "gunay2008", "otsu2014"),
    "ih_S_per_cm2": ("angelo2007", "khaliq2003"),
    "cap_cm_per_s": ("benton2009",),
    "cat31_cm_per_s": ("iftinca2006",),
    "mslo_S_per_cm2": ("cox1997", "womack2002"),
    "abbk_S_per_cm2": ("jaffe2011", "benton2013"),
    "sk2_S_per_cm2": ("hirschberg1998", "solinas2007"),
}
"""Keys of the channels of the Purkinje cell, by the parameter that is their density."""

_TRACED_CELL = {"n_sections": 1137, "n_compartments": 2475}


def _value(manifest: Manifest, path: str, default: Any = None) -> Any:
    """Return a value of the parameters of a run; older runs may lack it."""
    part: Any = manifest.get("parameters") or {}
    for name in path.split("."):
        if not isinstance(part, Mapping) or name not in part:
            return default
        part = part[name]
    return part


def _kinetics(manifest: Manifest, synapse: str) -> tuple[Any, Any]:
    path = f"connections.{synapse}"
    return _value(manifest, f"{path}.tau_rise_ms"), _value(manifest, f"{path}.tau_decay_ms")


def _network(manifest: Manifest) -> Mapping[str, Any]:
    network = manifest.get("network")
    return network if isinstance(network, Mapping) else {}


def _has_gap_junctions(manifest: Manifest) -> bool:
    conductance = _value(manifest, "connections.gap_conductance_nS", 1)
    return bool(_network(manifest).get("n_gap_junctions", 1)) and conductance > 0


def _has_climbing_fibers(manifest: Manifest) -> bool:
    return bool((_network(manifest).get("cell_counts") or {}).get("CF", 1))


def _is_traced(manifest: Manifest) -> bool:
    """Return whether the cell is the traced one; the numbers of compartments differ otherwise."""
    morphology = manifest.get("morphology") or {}
    return all(morphology.get(name) == number for name, number in _TRACED_CELL.items())


def _is_plastic(manifest: Manifest) -> bool:
    return _value(manifest, "plasticity.rule") != "off"


def _is_conjunctive(manifest: Manifest) -> bool:
    return _value(manifest, "plasticity.rule") in ("conjunctive", "judged")


class Part(NamedTuple):
    """A part of a level that a run may use.

    Attributes
    ----------
    level : str
        The level.
    keys : tuple of str
        Keys of its papers.
    is_used : callable
        Whether a run used it, given the manifest.
    """

    level: str
    keys: tuple[str, ...]
    is_used: Callable[[Manifest], bool]


PARTS: tuple[Part, ...] = (
    Part(
        "mli",
        ("destexhe1994", "hugmc1992"),
        lambda m: _value(m, "cell.calva_S_per_cm2", 1) > 0,
    ),
    Part("mli", ("hausserroth1997",), lambda m: _kinetics(m, "pf") == (0.28, 1.23)),
    Part("mli", ("kondomarty1998",), lambda m: _kinetics(m, "inhibition") == (0.6, 5.9)),
    Part("mli", ("alcami2013", "mannmetzer1999"), _has_gap_junctions),
    Part("mli", ("szapiro2007", "coddington2013", "armstrong1979"), _has_climbing_fibers),
    Part("purkinje", ("rothhausser2001",), _is_traced),
    Part("olive", ("itokano1982", "coesmans2004"), _is_plastic),
    Part("olive", ("deschutter1995", "fernandez2025"), _is_plastic),
    Part("olive", ("wang2000", "suvrathan2016"), _is_conjunctive),
    Part(
        "olive",
        ("best2009", "medina2002", "bengtsson2006"),
        lambda m: _value(m, "synapses.dcn_io.weight_per_ms", 1) > 0,
    ),
    Part("olive", ("long2002",), lambda m: _value(m, "drive.gap_per_ms", 1) > 0),
    Part(
        "olive",
        ("lewisrinzel2003", "ostojic2009"),
        lambda m: _value(m, "drive.gap_spike_area_mV_ms", 0) > 0,
    ),
)
"""Parts that a run may do without, and their papers."""


def _channel_keys(manifest: Manifest) -> Iterable[str]:
    for density, keys in CHANNEL_KEYS.items():
        values = (_value(manifest, f"cell.{r}.{density}", 0) for r in _REGIONS)
        if any(value > 0 for value in values):
            yield from keys


def _engine_keys(level: str, name: str) -> tuple[str, ...]:
    """Return the keys of the program that integrated, given the name of the engine."""
    engines = resolve(level_of(level).engines) if level in LEVELS else ()
    return next((engine.cite for engine in engines if engine.name == name), ())


_REGIONS = ("soma", "ais", "smooth", "spiny")


def citation_keys(manifest: Manifest) -> list[str]:
    """Return the keys of the references of a run.

    Parameters
    ----------
    manifest : mapping
        The manifest of a run, or one in the making: its ``kind``, ``engine`` and ``parameters``,
        and ``network`` or ``morphology``.

    Returns
    -------
    list of str
        Keys of ``references.bib``, each once: those of the level first, then those of the parts
        that were used, then those of the engine.

    Examples
    --------
    >>> from cerebella.citations import citation_keys
    >>> manifest = {"kind": "olive", "engine": "numpy", "parameters": {}}
    >>> citation_keys(manifest)[:2]
    ['cbmsim', 'kakumanu_code']
    >>> citation_keys(manifest)[-1]
    'numpy2020'
    """
    level = str(manifest.get("kind"))
    keys = list(LEVEL_KEYS.get(level, ()))
    for part in PARTS:
        if part.level == level and part.is_used(manifest):
            keys += part.keys
    if level == "purkinje":
        keys += _channel_keys(manifest)
    keys += _engine_keys(level, str(manifest.get("engine")))
    return list(dict.fromkeys(keys))


def cite(*runs: Any, format: Format = "text") -> str:
    """Return the references of runs; without any, those of the package and its models.

    Parameters
    ----------
    *runs : path, run or mapping
        Run directories, runs, or their manifests.
    format : {"text", "bibtex"}
        One line for each reference, or BibTeX.

    Returns
    -------
    str
        The references, that of cerebella first.

    Raises
    ------
    InputError
        A run cannot be read, or `format` is unknown.

    Examples
    --------
    >>> print(cb.cite().splitlines()[0])
    The cerebella developers. cerebella: simulation of the cerebellar circuit. Software. [cerebella]
    >>> cb.cite(format="bibtex").count("@article{zang2018,")
    1
    """
    if format not in ("text", "bibtex"):
        raise InputError(f"format {format!r} is unknown", remedy="Give text or bibtex")
    if runs:
        keys = [key for run in runs for key in keys_of_run(run)]
    else:
        keys = [key for level in LEVEL_KEYS.values() for key in level]
    bibliography = load_references()
    entries = {key: bibliography.entries[key] for key in dict.fromkeys([PACKAGE_KEY, *keys])}
    if format == "bibtex":
        return "\n".join(entry.to_string("bibtex") for entry in entries.values()).rstrip()
    return "\n".join(reference_as_text(key, entry) for key, entry in entries.items())


def keys_of_run(run: Any) -> list[str]:
    """Return the keys recorded by a run, or current ones if it recorded none."""
    manifest: Manifest = run if isinstance(run, Mapping) else _manifest_of(run)
    recorded = manifest.get("cite") or []
    # Runs of early versions hold the text of two references, or nothing, in place of keys.
    if not recorded or any(" " in str(key) for key in recorded):
        return citation_keys(manifest)
    known = known_keys()
    unknown = [key for key in recorded if key not in known]
    if unknown:
        raise InputError(
            f"the run cites {unknown[0]!r}, which this version of cerebella does not know",
            remedy="Read it with the version of cerebella that wrote it, or a later one",
        )
    return list(recorded)


def _manifest_of(run: Any) -> Manifest:
    from cerebella.runs.manifest import load_manifest

    if not isinstance(run, str | Path):
        return run.manifest
    path = Path(run)
    if not (path / "run.json").is_file():
        raise InputError(
            "is not a run directory (it holds no run.json)",
            file=path,
            remedy="Give the directory that a run was written to",
        )
    return load_manifest(path / "run.json")


@cache
def known_keys() -> frozenset[str]:
    """Return the keys of the bibliography of the package, without parsing its entries.

    Examples
    --------
    >>> from cerebella.citations import known_keys
    >>> "zang2018" in known_keys()
    True
    """
    return frozenset(re.findall(r"^@\w+\{([^,\s]+),", _bibtex(), re.MULTILINE))


def _bibtex() -> str:
    return (files("cerebella") / "references.bib").read_text(encoding="utf-8")


@cache
def load_references() -> BibliographyData:
    """Return the bibliography of the package.

    Returns
    -------
    pybtex.database.BibliographyData
        Its entries by key.

    Examples
    --------
    >>> from cerebella.citations import load_references
    >>> load_references().entries["zang2018"].fields["year"]
    '2018'
    """
    from pybtex.database import parse_string

    return parse_string(_bibtex(), "bibtex")


def reference_as_text(key: str, entry: Entry) -> str:
    """Return one reference as a line; unknown fields are omitted."""
    fields: dict[str, str] = dict(entry.fields or {})
    year = f" ({fields['year']})" if "year" in fields else ""
    doi = f"https://doi.org/{fields['doi']}" if "doi" in fields else ""
    parts = [
        f"{', '.join(_names(entry))}{year}".strip(),
        _plain(fields.get("title", "")),
        _place(fields),
        doi,
        _plain(fields.get("howpublished", "").removeprefix("\\url")),
        _plain(fields.get("note", "")),
    ]
    return ". ".join(part.rstrip(".") for part in parts if part) + f". [{key}]"


def _place(fields: Mapping[str, str]) -> str:
    """Return journal, volume and pages, as ``"Neuron 84:137–151"``, or the publisher."""
    place = _plain(fields.get("journal") or fields.get("publisher", ""))
    if "volume" in fields:
        place += f" {fields['volume']}"
    if "pages" in fields:
        place += f":{fields['pages']}" if "volume" in fields else f" {fields['pages']}"
    return place.replace("--", "–")


def _names(entry: Entry) -> Iterable[str]:
    persons: dict[str, list[Person]] = dict(entry.persons or {})
    for person in persons.get("author", []):
        last = [*(person.prelast_names or ()), *(person.last_names or ())]
        given = [*(person.first_names or ()), *(person.middle_names or ())]
        initials = "".join(part[0] for part in given)
        name = f"{' '.join(map(_plain, last))} {initials}".strip()
        yield "et al." if name == "others" else name


def _plain(latex: str) -> str:
    from pybtex.richtext import Text

    return Text.from_latex(latex).render(_plain_text()).replace("--", "–")


@cache
def _plain_text() -> BaseBackend:
    """Return pybtex's backend of plain text, which it would search for at each call."""
    from pybtex.backends.plaintext import Backend

    return Backend()
