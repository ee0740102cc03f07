"""Compiled code of the engine of this package, for each level that has it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cerebella.compiled.compilation import (
    NotCachedError,
    announcing_compilation,
    refusing_compilation,
)
from cerebella.compiled.engine import Numba
from cerebella.runs.level import LEVELS, Level, level_of, resolve


def levels_with_code() -> list[Level]:
    """Return the levels whose engines include `Numba`."""
    levels = map(level_of, LEVELS)
    return [level for level in levels if Numba in resolve(level.engines)]


def compile_code(level: Level, announce: Callable[[str], None]) -> None:
    """Load the code of a level, and compile what is not in the cache.

    Parameters
    ----------
    level : Level
        The level.
    announce : callable
        Called with a line of text before a compilation.
    """
    with announcing_compilation(Numba(), announce, level.title):
        level.warm_up()


def is_compiled(level: Level) -> bool:
    """Load the code of a level, and return whether all of it is in the cache."""
    try:
        with refusing_compilation():
            level.warm_up()
    except NotCachedError:
        return False
    return True


def describe_code(level: Level, announce: Callable[[str], None], *, compile: bool) -> str:
    """Load the code of a level, and say how long that took or that it is not compiled.

    Parameters
    ----------
    level : Level
        The level.
    announce : callable
        Called with a line of text before a compilation.
    compile : bool
        Compile what is not in the cache.

    Returns
    -------
    str
        Text for the diagnosis of a machine.
    """
    start, state = time.perf_counter(), "ready, loaded"
    if not is_compiled(level):
        if not compile:
            return "not compiled yet; the first run or `cerebella doctor --compile` does it"
        compile_code(level, announce)
        state = "compiled"
    return f"{state} in {time.perf_counter() - start:.1f} s"
