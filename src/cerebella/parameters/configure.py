"""Reading and writing of parameters as YAML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import yaml

from cerebella.errors import InputError
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.settings import apply_settings, flatten, set_values

P = TypeVar("P", bound=Parameters)


def apply_file(parameters: P, file: Path | str) -> P:
    """Return a copy with the values of a YAML file, which may be incomplete.

    Raises
    ------
    InputError : the file cannot be read, is not YAML, or names or values cannot be used.
    """
    file = Path(file)
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"cannot be read ({getattr(error, 'strerror', None) or error})", file=file
        ) from error
    except yaml.YAMLError as error:
        raise InputError(f"is not valid YAML ({error})", file=file) from error
    if not isinstance(content, Mapping):
        raise InputError(
            "is not a mapping of names to values",
            file=file,
            remedy="Write NAME: VALUE on each line, and indent the lines of a section",
        )
    try:
        values = flatten(content, parameters)
        return set_values(parameters, values, remedy="Correct the value in this file")
    except InputError as error:
        raise InputError(error.problem, file=file, remedy=error.remedy) from error


def configured(parameters: P, file: Path | None, settings: Iterable[str]) -> P:
    """Return a copy with the values of a YAML file, if given, and then of settings."""
    return apply_settings(apply_file(parameters, file) if file else parameters, settings)


def as_yaml(parameters: Parameters) -> str:
    """Return a parameter set as YAML that `apply_file` reads back."""
    return yaml.safe_dump(parameters.model_dump(mode="json"), sort_keys=False)
