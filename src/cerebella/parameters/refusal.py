"""Conversion of Pydantic's validation errors to a single message for users."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from cerebella.errors import InputError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError


class RefusedValueError(InputError):
    """An invalid value of a parameter.

    Attributes
    ----------
    path : str
        Name of the parameter, with dots between the parts that it belongs to.
    value : object
        The value that was refused.
    reason : str
        The limit that it breaks.
    """

    def __init__(self, path: str, value: object, reason: str) -> None:
        self.path, self.value, self.reason = path, value, reason
        super().__init__(f"{path} is {value!r}: {reason}")


def explain_refusal(error: ValidationError, model: type[BaseModel]) -> InputError:
    """Return the first problem of a report as an error with parameter, value and limit.

    Parameters
    ----------
    error : pydantic.ValidationError
        The report.
    model : type of pydantic.BaseModel
        The parameter set that refused the values.

    Returns
    -------
    InputError
        The error to raise.
    """
    first = error.errors()[0]
    place = first["loc"]
    if first["type"] == "extra_forbidden":
        *parts, name = (str(part) for part in place)
        return unknown_parameter(".".join(parts), name, _names_in(model, parts))
    if first["type"] == "missing":
        return InputError(f"{'.'.join(map(str, place))} is missing")
    problem = first["msg"].removeprefix("Value error, ")
    value = first["input"]
    if not place or isinstance(value, dict):  # several values together; the problem names them
        raised = first.get("ctx", {}).get("error")
        return raised if isinstance(raised, InputError) else InputError(problem)
    reason = problem.replace("Input should be", "it must be")
    return RefusedValueError(".".join(map(str, place)), value, reason)


def unknown_parameter(group: str, name: str, known: list[str]) -> InputError:
    """Return an error for a parameter that does not exist, with similar names.

    Parameters
    ----------
    group : str
        Path of the part that was asked for it; empty for the whole set.
    name : str
        The unknown name.
    known : list of str
        The names that exist there.

    Returns
    -------
    InputError
        The error to raise.
    """
    prefix = f"{group}." if group else ""
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or known
    suggestions = ", ".join(prefix + one for one in close)
    return InputError(
        f"unknown parameter {prefix + name!r}",
        remedy=f"Did you mean {suggestions}?" if suggestions else None,
    )


def _names_in(model: type[BaseModel], parts: list[str]) -> list[str]:
    fields: dict[str, Any] = model.model_fields
    for part in parts:
        default = getattr(fields.get(part), "default", None)
        fields = getattr(type(default), "model_fields", {})
    return list(fields)
