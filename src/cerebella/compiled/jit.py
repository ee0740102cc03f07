"""How functions are compiled, and the cache of the result.

Numba keeps compiled code in the folder ``__pycache__`` beside the source or, if that cannot be
written to, in the user's cache folder; ``NUMBA_CACHE_DIR`` names another one. Files are written
under temporary names and renamed, so that no process reads half a file. The index of a function,
however, is read, extended and written without a lock: two processes that compile the same function
for different processors or arguments could give both results the same file name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from numba import njit
from numba.core import event
from numba.core.caching import FunctionCache

from cerebella.compiled import lane_functions  # noqa: F401, functions that kernels call
from cerebella.compiled.compilation import about_to_compile
from cerebella.compiled.source_key import source_key
from cerebella.results.locks import locked_file

Function = Callable[..., Any]
_LOCK_FILE = "cerebella.lock"


def cached_jit(files: Iterable[Path]) -> Callable[..., Any]:
    """Return a decorator that compiles without the GIL and caches the result where possible.

    Numba's cache notices a change in the file of a function, but not in those of the functions
    that it calls. The name under which the result is kept therefore represents all files, and the
    processor, so that machines of a cluster do not share a file.

    Parameters
    ----------
    files : iterable of Path
        Files with compiled code, and with constants that it uses. Those of this room are added.
    """
    files = tuple(files)

    def jit(function: Function, generated: str = "") -> Any:
        """Compile; `generated` is the text of code that is not in the files."""
        digest = source_key(files, generated)[:12]
        function.__qualname__ += f"_{digest}"
        compiled: Any = njit(nogil=True, error_model="numpy")(function)
        # Without a cache if neither the package's folder nor the user's can be written to.
        with suppress(RuntimeError):
            compiled._cache = _LockedCache(function)
        return compiled

    return jit


class _LockedCache(FunctionCache):
    """Numba's cache, to which one process at a time adds code."""

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        """Return the key of a signature; the name of the function represents its code."""
        return sig, codegen.magic_tuple()

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep the code of a signature; on a full disk, the next process compiles it again."""
        folder = Path(self.cache_path)
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with locked_file(folder / _LOCK_FILE, lambda: None):
                super().save_overload(sig, data)


class _Listener(event.Listener):
    """Tells `compilation` of what numba compiles since it is not in its cache."""

    def on_start(self, event: Any) -> None:
        about_to_compile()

    def on_end(self, event: Any) -> None:
        pass


event.register("numba:compile", _Listener())


def inlined(function: Function) -> Any:
    """Compile as a part of the compiled functions that call it.

    A call passes seven numbers for each array, which takes as long as a loop over a few cells.
    Without the wrappers that would make it callable from Python and C, compilation is shorter.
    """
    options: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return njit(nogil=True, error_model="numpy", forceinline=True, **options)(function)


@cache
def kernel_of(function: Function) -> Any:
    """Compile, as `inlined`, a plain function and the functions of its module that it calls."""
    own = {
        name: kernel_of(value)
        for name in function.__code__.co_names
        if isinstance(value := function.__globals__.get(name), FunctionType)
        and value.__module__ == function.__module__
    }
    code, scope = function.__code__, function.__globals__ | own
    copy = FunctionType(code, scope, function.__name__, function.__defaults__)
    return inlined(copy)
