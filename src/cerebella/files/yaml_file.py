"""Reading of YAML files: numbers, text, lists and mappings only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cerebella.errors import InputError
from cerebella.files.text import read_text

_MOST_BYTES = 200_000
_MOST_NODES = 20_000
_DEEPEST = 60
_KINDS = ("null", "bool", "int", "float", "str", "seq", "map")


class _PlainLoader(yaml.SafeLoader):
    """Loader without dates, sets, binary values and other types that JSON lacks."""


_PlainLoader.yaml_constructors = {
    tag: yaml.SafeLoader.yaml_constructors[tag]
    for tag in (*(f"tag:yaml.org,2002:{kind}" for kind in _KINDS), None)
}


def read_yaml(file: Path) -> Mapping[Any, Any]:
    """Read a YAML file with one mapping.

    Parameters
    ----------
    file : Path
        The file.

    Returns
    -------
    mapping
        Numbers, text, True, False and None, in lists and mappings.

    Raises
    ------
    InputError
        The file cannot be read, is larger than 0.2 MB, is not YAML, contains values of other
        types, or references that make it large or infinite.
    """
    content = read_yaml_value(file)
    if not isinstance(content, Mapping):
        raise InputError(
            "is not a mapping of names to values",
            file=file,
            remedy="Write NAME: VALUE on each line, and indent the lines of a section",
        )
    return content


def read_yaml_value(file: Path) -> Any:
    """Read a YAML file with a mapping, a list or a single value; see `read_yaml`."""
    text = read_text(file, kind="file of parameters", most_bytes=_MOST_BYTES)
    try:
        loader = _PlainLoader(text)
        node = loader.get_single_node()
        n_nodes = _expanded_size(node, {}, _DEEPEST)
        if n_nodes > _MOST_NODES:
            raise InputError(
                f"has more than {_MOST_NODES} values, or refers to itself", file=file, remedy=_PLAIN
            )
        return None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise InputError(
            f"is not valid YAML ({error.problem or error.context})",
            file=file,
            row=None if mark is None else mark.line + 1,
            remedy=_PLAIN,
        ) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        problem = str(error).partition("\n")[0]
        raise InputError(f"is not valid YAML ({problem})", file=file, remedy=_PLAIN) from error


_PLAIN = "Write NAME: VALUE on each line, with numbers, text or lists as values"


def _expanded_size(node: yaml.Node | None, known: dict[yaml.Node, int], deepest: int) -> int:
    """Return the number of nodes, with those behind references counted each time.

    Nodes that contain themselves, and those below the depth `deepest`, count as too many.
    """
    if node is None or deepest == 0:
        return 0 if node is None else _MOST_NODES + 1
    if node not in known and isinstance(node, yaml.CollectionNode):
        known[node] = _MOST_NODES + 1  # while it is counted, it contains itself if met again
        parts = node.value if isinstance(node, yaml.SequenceNode) else sum(node.value, ())
        known[node] = 1 + sum(_expanded_size(part, known, deepest - 1) for part in parts)
    return known.get(node, 1)
