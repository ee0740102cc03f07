"""Settings from the command line: ``--set name=value`` on a parameter set."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from cerebella.errors import InputError
from cerebella.parameters.quantity import Parameters

P = TypeVar("P", bound=Parameters)


def apply_settings(parameters: P, settings: Iterable[str]) -> P:
    """Return a copy with the settings applied, each of the form ``name=value``.

    Names of parameters within a part have dots: ``cell.temperature_C=32``. Values are JSON
    (``3``, ``0.5``, ``[0, 1]``); anything else is taken as text.

    Raises
    ------
    InputError : a setting has no such form, or its name or value cannot be used.
    """
    values: dict[str, Any] = parameters.model_dump()
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals or not name.strip():
            raise InputError(
                f"setting {setting!r} is not of the form NAME=VALUE", remedy="Try --set n_cf=30"
            )
        _put(values, name.strip(), _parsed(text.strip()))
    try:
        return type(parameters).model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        problem = first["msg"].removeprefix("Value error, ")
        is_one = name and not isinstance(
            first["input"], dict
        )  # not a group, whose problem says all
        raise InputError(
            f"{name} = {first['input']!r}: {problem}" if is_one else problem,
            remedy="Correct the value given with --set",
        ) from error


def _put(values: dict[str, Any], name: str, value: Any) -> None:
    """Set one value in place, following the dots of its name."""
    *parts, last = name.split(".")
    part = values
    for i, key in enumerate([*parts, last]):
        if key not in part:
            raise _unknown(name, ".".join(parts[:i]), key, list(part))
        if i < len(parts):
            part = part[key]
            if not isinstance(part, dict):
                raise InputError(f"parameter {'.'.join(parts[: i + 1])} has no parts")
    if isinstance(part[last], dict):
        raise InputError(
            f"{name} is a group of parameters", remedy=f"Set one of {', '.join(part[last])}"
        )
    part[last] = value


def _unknown(name: str, group: str, key: str, known: list[str]) -> InputError:
    close = difflib.get_close_matches(key, known, n=3, cutoff=0.5) or known
    prefix = f"{group}." if group else ""
    return InputError(
        f"unknown parameter {name!r}",
        remedy=f"Did you mean {', '.join(prefix + one for one in close)}?",
    )


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
