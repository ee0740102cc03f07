"""Changes to a parameter set: by path and value, such as ``--set name=value``, or as a mapping."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from cerebella.errors import InputError
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.refusal import RefusedValueError, unknown_parameter
from cerebella.parameters.renamed import current_path, current_value

P = TypeVar("P", bound=Parameters)


def apply_settings(parameters: P, settings: Iterable[str]) -> P:
    """Return a copy with the settings applied, each of the form ``name=value``.

    Parameters
    ----------
    parameters : Parameters
        The set to start from.
    settings : iterable of str
        Names of parameters within a part have dots: ``cell.temperature_C=32``. Values are JSON
        (``3``, ``0.5``, ``[0, 1]``); anything else is taken as text. Names and values of older
        versions (`cerebella.parameters.renamed`) are accepted.

    Returns
    -------
    same type as the argument
        The validated copy.

    Raises
    ------
    InputError
        A setting has another form, or its name or value cannot be used.
    """
    pairs = [_split(setting) for setting in settings]
    try:
        return set_values(parameters, pairs, remedy="Correct this value")
    except InputError as error:
        raise InputError(f"`parameters`: {error.problem}", remedy=error.remedy) from None


def set_values(
    parameters: P,
    values: Iterable[tuple[str, Any]],
    *,
    label: Callable[[str], str] = str,
    remedy: str | None = None,
) -> P:
    """Return a copy with changed values.

    Parameters
    ----------
    parameters : Parameters
        The set to start from.
    values : iterable of (str, object)
        Path of a parameter, with dots between its parts, and its value.
    label : callable
        Name of a parameter in an error message, given its path.
    remedy : str
        Remedy in an error message.

    Returns
    -------
    same type as the argument
        The validated copy.

    Raises
    ------
    InputError
        A path is unknown, or a value is outside the range of its parameter.
    """
    content: dict[str, Any] = parameters.model_dump()
    for path, value in values:
        path = current_path(path)
        _put(content, path, current_value(path, value), type(parameters))
    try:
        return type(parameters).model_validate(content)
    except RefusedValueError as error:
        problem = f"{label(error.path)} is {error.value!r}: {error.reason}"
        raise InputError(problem, remedy=remedy) from None
    except InputError as error:
        raise InputError(error.problem, remedy=error.remedy or remedy) from None


def parameters_from(
    kind: type[P], given: P | Mapping[str, Any] | None, *, base: P | None = None
) -> P:
    """Return a parameter set from any accepted form.

    Parameters
    ----------
    kind : type
        The class of the set.
    given : Parameters, mapping or None
        A set of that class; or a mapping, nested as `model_dump` returns it, of the values that
        differ from the default; or None for the default.
    base : instance of `kind`, optional
        The default, if it is not that of the class.

    Returns
    -------
    instance of `kind`
        The validated set.

    Raises
    ------
    InputError
        A name is unknown, or a value is outside the range of its parameter.
    """
    if isinstance(given, kind):
        return given
    base = base or kind()
    if given is None:
        return base
    if not isinstance(given, Mapping):
        raise InputError(
            f"{given!r} is not a set of parameters",
            remedy=f"Give {kind.__name__}(...) or a dict of values",
        )
    return set_values(base, flatten(given, base))


def flatten(
    content: Mapping[str, Any],
    parameters: Parameters | dict[str, Any] | None = None,
    prefix: str = "",
) -> Iterator[tuple[str, Any]]:
    """Yield path and value of each entry of a nested mapping.

    Parameters
    ----------
    content : mapping
        Nested values by name.
    parameters : Parameters
        The set that the mapping describes: a parameter whose own value is a mapping is then kept
        whole, unless the entries are those that it has.
    prefix : str
        Path of the mapping, with a dot at its end.
    """
    for name, value in content.items():
        own_name = current_path(f"{prefix}{name}").rpartition(".")[2]
        if isinstance(parameters, dict):
            part = parameters.get(own_name)
        else:
            part = getattr(parameters, own_name, None)
        is_whole = isinstance(part, dict) and not (part and set(value) <= set(part))
        if isinstance(value, Mapping) and not is_whole:
            known = part if isinstance(part, Parameters | dict) else None
            yield from flatten(value, known, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _split(setting: str) -> tuple[str, Any]:
    name, equals, text = setting.partition("=")
    if not equals or not name.strip():
        raise InputError(
            f"`parameters`: {setting!r} is not of the form NAME=VALUE", remedy="Try n_cf=30"
        )
    return name.strip(), _parsed(text.strip())


def _put(values: dict[str, Any], name: str, value: Any, kind: type[Parameters]) -> None:
    """Set one value of a set of class `kind` in place, following the dots of its name."""
    *parts, last = name.split(".")
    part = values
    for i, key in enumerate([*parts, last]):
        if key not in part and not (i == len(parts) and _takes_any_name(kind, parts)):
            raise unknown_parameter(".".join(parts[:i]), key, list(part))
        if i < len(parts):
            part = part[key]
            if not isinstance(part, dict):
                raise InputError(f"parameter {'.'.join(parts[: i + 1])} has no parts")
    if isinstance(part.get(last), dict) and not isinstance(value, dict):
        raise InputError(
            f"{name} is a group of parameters", remedy=f"Set one of {', '.join(part[last])}"
        )
    part[last] = value


def _takes_any_name(kind: type[Parameters], parts: list[str]) -> bool:
    """Return whether the whole set, rather than a part of it, knows the names in that part."""
    fields: Any = kind
    for part in parts:
        fields = type(getattr(getattr(fields, "model_fields", {}).get(part), "default", None))
    return getattr(fields, "model_config", {}).get("extra") == "allow"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # also for thousands of digits, or of brackets
        return text
