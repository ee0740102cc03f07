"""Differences between two configurations, as text for messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def describe_difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Describe the differences between two configurations.

    Parameters
    ----------
    before : mapping
        Configuration read from a JSON file.
    now : mapping
        Configuration, compared in its JSON form.

    Returns
    -------
    str
        Text such as "seed was 0, now 1; trials …"; empty if they are equal.
    """
    old, new = _flat(before), _flat(json.loads(json.dumps(now)))
    names = [name for name in old | new if old.get(name) != new.get(name)]
    return "; ".join(f"{name} was {old.get(name)!r}, now {new.get(name)!r}" for name in names)


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return {"a.b": value} for nested mappings."""
    if not isinstance(value, Mapping):
        return {name: value}
    return {
        inner_name: inner
        for key, part in value.items()
        for inner_name, inner in _flat(part, f"{name}.{key}" if name else key).items()
    }
