"""Options for single parameters, from the table of shortcuts of a level."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.markup import escape

from cerebella.cli.option_groups import Command, with_options
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.shortcuts import Shortcut, describe_shortcut
from cerebella.parameters.times import parse_time_ms


def with_shortcuts(defaults: Parameters, table: Sequence[Shortcut]) -> Callable[[Command], Command]:
    """Give a command one option for each row of a table of shortcuts.

    The command receives the given values in its argument `shortcuts`, a dict by name. Help
    texts and defaults come from the parameters.

    Parameters
    ----------
    defaults : Parameters
        Default parameters of the level.
    table : sequence of Shortcut
        Shortcuts of the level.
    """
    options = [_option(defaults, row) for row in table]

    def values_of(given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _parsed(name, text) for name, text in given.items() if text is not None}

    return lambda command: with_options(command, "shortcuts", options, values_of)


def _option(defaults: Parameters, row: Shortcut) -> inspect.Parameter:
    about = describe_shortcut(defaults, row.path)
    is_time = row.name.endswith("_ms")
    meaning = about.meaning.removesuffix(", in ms") if is_time else about.meaning
    option = typer.Option(
        row.option,
        metavar="TIME" if is_time else "VALUE",
        help=escape(f"{meaning[:1].upper()}{meaning[1:]}."),
        show_default=f"{about.default}ms" if is_time else about.default,
    )
    return inspect.Parameter(
        row.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, option],
    )


def _parsed(name: str, text: str) -> Any:
    """Return the value that an option gives: a time, a number, or text."""
    if name.endswith("_ms"):
        return parse_time_ms(text)
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # also for thousands of digits, or of brackets
        return text
