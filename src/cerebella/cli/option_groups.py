"""Options that several commands share: one argument of a command stands for all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

Command = Callable[..., None]


def with_group(name: str) -> Callable[[Command], Command]:
    """Give a command the fields of a dataclass as options.

    Parameters
    ----------
    name : str
        Argument of the command that receives the dataclass, which its annotation names. The fields
        of the dataclass are annotated as arguments of commands are.
    """

    def decorate(command: Command) -> Command:
        group = inspect.signature(command, eval_str=True).parameters[name].annotation
        options = inspect.signature(group, eval_str=True).parameters.values()
        return with_options(command, name, list(options), lambda given: group(**given))

    return decorate


def with_options(
    command: Command,
    name: str,
    options: Sequence[inspect.Parameter],
    collect: Callable[[Mapping[str, Any]], Any],
) -> Command:
    """Return a command with options in place of one of its arguments.

    Parameters
    ----------
    command : function
        The command.
    name : str
        The argument that is replaced.
    options : sequence of inspect.Parameter
        Options, annotated as arguments of commands are.
    collect : function
        The argument from the values of the options, a mapping by name.
    """
    shown = []
    for own in inspect.signature(command, eval_str=True).parameters.values():
        shown += options if own.name == name else [own]
    by_name = {one.name: one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in shown}

    @wraps(command)
    def run(**arguments: Any) -> None:
        given = {option.name: arguments.pop(option.name) for option in options}
        command(**arguments, **{name: collect(given)})

    run.__signature__ = inspect.Signature([*by_name.values()])  # type: ignore[attr-defined]
    run.__annotations__ = {one: option.annotation for one, option in by_name.items()}
    return run
