"""Procedures of compiled code: compiled once on a machine, and then loaded without numba."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cerebella.compiled.arguments import TupleKind, kind_of, packed
from cerebella.compiled.compilation import about_to_compile, import_numba
from cerebella.compiled.object_code import loaded
from cerebella.files.cache_folder import cache_folder, check_owner, make_private
from cerebella.results.atomic import atomic_file
from cerebella.results.locks import locked_file

_LOADING = threading.RLock()


class Procedure:
    """A function of compiled code that returns nothing.

    At its first call for arguments of some types, it is loaded from the cache folder of the user,
    or compiled by numba and kept there.

    Parameters
    ----------
    name : str
        Part of the names of files.
    make : callable
        Returns the function, as for `compile_procedure`; called for compilation only, so that it
        can import numba.
    key : str
        Differs for other functions; see `source_key`.
    """

    def __init__(self, name: str, make: Callable[[Any], Callable[[int], None]], key: str) -> None:
        self._name, self._make, self._key = name, make, key
        self._loaded: dict[TupleKind, Callable[[int], None]] = {}

    def __call__(self, *arguments: Any) -> None:
        """Call with tuples, contiguous arrays and numbers; see `kind_of`."""
        kinds = kind_of(arguments)
        assert isinstance(kinds, TupleKind)
        with _LOADING:
            call = self._loaded.get(kinds)
            if call is None:
                call = self._loaded[kinds] = self._load(kinds)
        words = packed(arguments)
        call(words.ctypes.data)

    def _load(self, kinds: TupleKind) -> Callable[[int], None]:
        """Return the code for arguments of some types, from the cache or compiled."""
        name = hashlib.sha256(f"{self._key} {kinds}".encode()).hexdigest()[:16]
        folder = cache_folder()
        try:
            make_private(folder)
        except OSError:  # there is no cache
            return loaded(*self._compiled(kinds))
        file = folder / f"{name}-{self._name}.code"
        found = _read(file)
        if found is None:
            with suppress(OSError), locked_file(folder / f"{name}.lock", lambda: None):
                found = _read(file)  # another process may have compiled it in the meantime
                if found is None:
                    found = self._compiled(kinds)
                    _write(file, *found)
        return loaded(*(found or self._compiled(kinds)))

    def _compiled(self, kinds: TupleKind) -> tuple[str, bytes]:
        about_to_compile()
        import_numba()
        from cerebella.compiled.compile_procedure import compile_procedure

        return compile_procedure(self._make, kinds)


def _read(file: Path) -> tuple[str, bytes] | None:
    """Return the name of a function and its code, or None if the file is missing or damaged.

    Raises
    ------
    MachineError
        Another user can have changed the file.
    """
    try:
        check_owner(file)
        symbol, digest, code = file.read_bytes().split(b"\n", 2)
    except (OSError, ValueError):
        return None
    if hashlib.sha256(code).hexdigest() != digest.decode("ascii", "replace"):
        return None
    return symbol.decode(), code


def _write(file: Path, symbol: str, code: bytes) -> None:
    """Keep code; on a full disk, the next process compiles it again."""
    with suppress(OSError), atomic_file(file) as temporary:
        content = (symbol.encode(), hashlib.sha256(code).hexdigest().encode(), code)
        temporary.write_bytes(b"\n".join(content))
    with suppress(OSError):
        file.chmod(0o600)
