"""Engines: values that say which program integrates a model, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Protocol, runtime_checkable

from cerebella.errors import InputError


@runtime_checkable
class Engine(Protocol):
    """An engine; immutable, so that equal engines give equal runs.

    Attributes
    ----------
    name : str
        Name on the command line and in manifests.
    cite : tuple of str
        Keys of references.bib.
    """

    name: ClassVar[str]
    cite: ClassVar[tuple[str, ...]]

    def versions(self) -> dict[str, str]:
        """Return the versions of the libraries that integrate, by name."""
        ...

    def is_available(self) -> bool:
        """Return whether these libraries are installed."""
        ...


def engine_of(
    asked: Engine | str, engines: Mapping[type[Engine], object], **settings: Any
) -> Engine:
    """Return the engine that was requested by value or by name.

    Parameters
    ----------
    asked : Engine or str
        An engine, or the name of one.
    engines : mapping
        Table of the engines of a level, by their type.
    **settings
        Settings of an engine requested by name, such as ``ranks=2``; those that are None keep
        their default.

    Raises
    ------
    InputError
        The level has no such engine, or the engine has no such setting.
    """
    by_name = {engine.name: engine for engine in engines}
    given = {name: value for name, value in settings.items() if value is not None}
    if isinstance(asked, str) and asked in by_name:
        known = {field.name for field in fields(by_name[asked])}  # type: ignore[arg-type]
        unknown = [name for name in given if name not in known]
        if unknown:
            raise InputError(
                f"engine {asked!r} has no setting `{unknown[0]}`",
                remedy=f"Its settings are {', '.join(sorted(known))}" if known else "Leave it out",
            )
        return by_name[asked](**given)
    if type(asked) in engines:
        return asked  # type: ignore[return-value]
    shown = repr(asked) if isinstance(asked, str) else type(asked).__name__
    raise InputError(
        f"`engine` {shown} cannot simulate this level", remedy=f"Choose from {', '.join(by_name)}"
    )
