"""Reading and writing of parameters as YAML."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

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
    from cerebella.files.yaml_file import read_yaml

    file = Path(file)
    content = read_yaml(file)
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
    import yaml

    return yaml.safe_dump(parameters.model_dump(mode="json"), sort_keys=False)
