"""Compilation while a block runs: announced, or refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from cerebella.compiled.engine import Numba

_ACTIONS: list[Callable[[], None]] = []
"""What the blocks that run now have asked for."""


class NotCachedError(Exception):
    """Code is not in the cache, and compilation was refused."""


def announcing_compilation(
    engine: Any, announce: Callable[[str], None], what: str
) -> AbstractContextManager[None]:
    """Return a context that announces the first compilation for an engine.

    Parameters
    ----------
    engine : Engine
        Nothing is announced for engines other than `Numba`.
    announce : callable
        Called with a line of text.
    what : str
        What is simulated, such as ``"molecular layer"``.
    """
    if not isinstance(engine, Numba):
        return nullcontext()
    said: list[float] = []

    def say_once() -> None:
        if not said:
            said.append(time.monotonic())
            announce(f"Compiling the code of the {what} (once, up to a minute)")

    return _at_compilation(say_once)


def refusing_compilation() -> AbstractContextManager[None]:
    """Return a context in which code that is not in the cache raises NotCachedError."""

    def refuse() -> None:
        raise NotCachedError

    return _at_compilation(refuse)


def about_to_compile() -> None:
    """Announce or refuse the compilation of a function that is not in the cache."""
    for action in tuple(_ACTIONS):
        action()


@contextmanager
def _at_compilation(action: Callable[[], None]) -> Iterator[None]:
    """Call `action` before a function is compiled that is not in the cache."""
    _ACTIONS.append(action)
    try:
        yield
    finally:
        _ACTIONS.remove(action)
