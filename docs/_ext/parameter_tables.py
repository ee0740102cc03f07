"""Tables of all parameters with unit, meaning and source, from the classes that declare them."""

from __future__ import annotations

import re

from cerebella.citations import known_keys, load_references, reference_as_text
from cerebella.parameters.models import MODELS, default_parameters
from cerebella.parameters.provenance import ParameterRow, format_value, parameter_rows

REGIONS = ("soma", "ais", "smooth", "spiny")


def pages() -> dict[str, str]:
    """Return the text of each page by its name."""
    tables = {f"parameters_{level}.md": _tables(level) for level in MODELS}
    return {**tables, "densities.md": _densities(), "references.md": _references()}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _linked(text: str) -> str:
    """Return a text in which each key of the bibliography is a link to its entry."""
    keys = known_keys()
    return re.sub(
        r"\b[a-z]+(?:_code|\d{4})?\b",
        lambda word: f"[{word[0]}](#ref-{word[0]})" if word[0] in keys else word[0],
        _cell(text),
    )


def _source(row: ParameterRow) -> str:
    return _linked(row.source + (f"; {row.remark}" if row.remark else ""))


def _tables(level: str) -> str:
    """Return a table for each part of a parameter set; regions of the cell have their own page."""
    parts: dict[str, list[ParameterRow]] = {}
    for row in parameter_rows(default_parameters(level)):
        words = row.name.split(".")
        if words[0] == "cell" and words[1] in REGIONS:
            continue
        part = ".".join(words[:2]) if len(words) > 2 else words[0] if len(words) > 1 else ""
        parts.setdefault(part, []).append(row)
    lines = []
    for part, rows in parts.items():
        if part:
            lines += [f"**`{part}`**", ""]
        lines += ["| parameter | value | unit | meaning | source |", "|---|--:|---|---|---|"]
        lines += [_row(row) for row in rows] + [""]
    return "\n".join(lines)


def _row(row: ParameterRow) -> str:
    name = row.name.rpartition(".")[2]
    value = _cell(format_value(row.value))
    return f"| `{name}` | {value} | {row.unit} | {_cell(row.meaning)} | {_source(row)} |"


def _densities() -> str:
    """Return the table of the Purkinje cell: quantities by regions."""
    quantities: dict[str, dict[str, ParameterRow]] = {}
    for row in parameter_rows(default_parameters("purkinje")):
        part, _, rest = row.name.removeprefix("cell.").partition(".")
        if part in REGIONS:
            quantities.setdefault(rest, {})[part] = row
    lines = ["| parameter of `cell` | unit | " + " | ".join(REGIONS) + " | source |"]
    lines += ["|---|---|" + "--:|" * len(REGIONS) + "---|"]
    for name, by_region in quantities.items():
        first = next(iter(by_region.values()))
        values = (format_value(by_region[region].value) for region in REGIONS)
        shown = " | ".join("–" if value == "0" else value for value in values)
        lines.append(f"| `{name}` | {first.unit} | {shown} | {_source(first)} |")
    return "\n".join(lines) + "\n"


def _references() -> str:
    entries = load_references().entries
    lines = ["# References", ""]
    lines += ["Keys as in `src/cerebella/references.bib`, with which parameters, runs"]
    lines += ["(`cerebella cite RUN`) and pages name their sources.", ""]
    for key in sorted(entries):
        text = reference_as_text(key, entries[key]).removesuffix(f" [{key}]")
        lines += [f"(ref-{key})=", f"**{key}**: {_cell(text)}", ""]
    return "\n".join(lines)
