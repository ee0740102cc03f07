"""Procedures of compiled code: compiled once on a machine, and then loaded without numba."""

from __future__ import annotations

import hashlib
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from cerebella.compiled.arguments import TupleKind, format_of, unpack
from cerebella.compiled.compilation import about_to_compile
from cerebella.compiled.object_code import ObjectCode, caller_of_address, load
from cerebella.files.cache_folder import cache_folder, check_owner, make_private
from cerebella.results.atomic import atomic_file
from cerebella.results.locks import locked_file

_LOADING = threading.RLock()
"""One thread at a time loads and compiles. Two that import numba at once could wait forever: Python
resolves import locks that wait for each other by handing out half a module."""


class Procedure:
    """A function of compiled code.

    At its first call for arguments of some types, it is loaded from the cache folder of the user,
    or compiled by numba and kept there. It has no cache if there is no such folder.

    Parameters
    ----------
    name : str
        Part of the names of files.
    make : callable
        Returns the function, as for `compile_procedure`; called for compilation only, so that it
        can import numba.
    key : callable
        Returns a text that differs for other functions; see `source_key`.
    """

    def __init__(
        self, name: str, make: Callable[[Any], Callable[[int], Any]], key: Callable[[], str]
    ) -> None:
        self._name, self._make, self._key = name, make, key
        self._addresses: dict[TupleKind, int] = {}
        self._called: dict[TupleKind, tuple[struct.Struct, Callable[[bytes], int]]] = {}

    def __call__(self, *arguments: Any) -> int:
        """Call with tuples, contiguous arrays and numbers; see `unpack`.

        Returns
        -------
        int
            The result, 0 if there is none.
        """
        numbers: list[Any] = []
        kinds = TupleKind(tuple, tuple([unpack(argument, numbers) for argument in arguments]))
        found = self._called.get(kinds)
        if found is None:
            call = caller_of_address(self.address_for(kinds))
            found = self._called[kinds] = struct.Struct(format_of(kinds)), call
        structure, call = found
        return call(structure.pack(*numbers))

    def address_for(self, kinds: TupleKind) -> int:
        """Return the address of the function for arguments of some types; see `caller_of`."""
        with _LOADING:
            if kinds not in self._addresses:
                self._addresses[kinds] = load(self._code_for(kinds))
            return self._addresses[kinds]

    def _code_for(self, kinds: TupleKind) -> ObjectCode:
        """Return the code, from the cache or compiled."""
        text = f"{self._name} {self._key()} {kinds}"
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        folder = cache_folder()
        file = folder / f"{name}-{self._name}.code"
        try:
            make_private(folder)
            found = _read(file)
            if found is not None:
                return found
            with locked_file(folder / f"{name}.lock", lambda: None):
                found = _read(file)  # another process may have compiled it in the meantime
                if found is None:
                    found = self._compiled(kinds)
                    _write(file, found)
                return found
        except OSError:
            return self._compiled(kinds)

    def _compiled(self, kinds: TupleKind) -> ObjectCode:
        about_to_compile()
        from cerebella.compiled.compile_procedure import compile_procedure

        return compile_procedure(self._make, kinds)


def _read(file: Path) -> ObjectCode | None:
    """Return code, or None if the file is missing or damaged.

    Raises
    ------
    MachineError
        Another user can have changed the file.
    """
    try:
        check_owner(file)
        digest, content = file.read_bytes().split(b"\n", 1)
        symbol, needs, code = content.split(b"\n", 2)
    except (FileNotFoundError, ValueError):
        return None
    if hashlib.sha256(content).hexdigest().encode() != digest:
        return None
    return ObjectCode(symbol.decode(), tuple(needs.decode().split()), code)


def _write(file: Path, compiled: ObjectCode) -> None:
    """Keep code; on a full disk, the next process compiles it again."""
    lines = (compiled.symbol.encode(), " ".join(compiled.needs).encode(), compiled.code)
    content = b"\n".join(lines)
    with suppress(OSError):
        with atomic_file(file) as temporary:
            temporary.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        file.chmod(0o600)
