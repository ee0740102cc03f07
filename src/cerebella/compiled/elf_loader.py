"""Object files of Linux on x86-64, loaded without LLVM, whose library takes 50 MB of memory.

A file is one piece of memory, so that offsets of 32 bits reach everything in it. Functions of other
libraries are called through stubs inside of it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from typing import NamedTuple

from cerebella.compiled.elf import (
    ADDRESS,
    CALL,
    COMMON,
    EXECUTABLE,
    LOADED,
    OFFSETS_OF_SLOTS,
    UNDEFINED,
    WRITABLE,
    ObjectFile,
    Relocation,
    Symbol,
    UnknownCodeError,
    read_elf,
    refuse,
)
from cerebella.errors import MachineError

_READ, _WRITE, _EXECUTE, _PRIVATE, _ANONYMOUS = 1, 2, 4, 0x02, 0x20
"""Numbers of Linux for memory."""
_PROTECTION = {
    LOADED | EXECUTABLE: _READ | _EXECUTE,
    LOADED: _READ,
    LOADED | WRITABLE: _READ | _WRITE,
}
"""What is allowed in each kind of memory, in their order. Nothing is writable and executable."""
_MOST_BYTES = 1 << 26

_STUB, _SLOT = struct.Struct("<2sQ3s3x"), struct.Struct("<Q")
"""``mov r11, address`` and ``jmp r11``, a register that calls may change; and an address."""
_SECTION = "section"
_Key = tuple[str, int]
"""Purpose of a piece of memory, with the number of its section or symbol."""


class _Piece(NamedTuple):
    kind: int
    size: int
    alignment: int


class _Image(NamedTuple):
    """A file in memory, with the offsets of its pieces, and where each kind of memory ends.

    `own` has the offsets of addresses that are relative to the image until its place is known.
    """

    file: ObjectFile
    places: dict[_Key, int]
    ends: list[int]
    content: bytearray
    own: list[int]


def is_loaded_in_one_piece(functions: Iterable[str]) -> bool:
    """Return whether `load_elf` can load code for this machine that calls functions.

    Parameters
    ----------
    functions : iterable of str
        Names of functions of other libraries.
    """
    is_known = sys.platform == "linux" and platform.machine() == "x86_64"
    return is_known and all(_address_of(name) is not None for name in functions)


def load_elf(code: bytes, function: str) -> int:
    """Return the address of a function, which is in memory until the process ends.

    Parameters
    ----------
    code : bytes
        An object file.
    function : str
        Name of the function.

    Raises
    ------
    UnknownCodeError
        The file is for another machine, or contains what is not known here.
    MachineError
        The file is damaged, or memory is not granted.
    """
    image = _linked(read_elf(code))
    entry = _entry(image, function)
    size, library = len(image.content), _libraries()[0]
    library.mmap.restype = ctypes.c_void_p
    allowed, shared = _READ | _WRITE, _PRIVATE | _ANONYMOUS
    # Without an owner in Python, it also outlives threads that run it while Python ends.
    start = library.mmap(None, ctypes.c_size_t(size), allowed, shared, -1, ctypes.c_long(0))
    if start == ctypes.c_void_p(-1).value:
        _refuse_memory()
    for place in image.own:
        (target,) = _SLOT.unpack_from(image.content, place)
        _SLOT.pack_into(image.content, place, start + target)
    ctypes.memmove(start, bytes(image.content), size)
    first = 0
    for end, allowed in zip(image.ends, _PROTECTION.values(), strict=True):
        place, length = ctypes.c_void_p(start + first), ctypes.c_size_t(end - first)
        if length.value and library.mprotect(place, length, allowed):
            _refuse_memory()
        first = end
    return start + entry


def _linked(file: ObjectFile) -> _Image:
    """Return an image in which only its own addresses are not known."""
    places, ends = _places_of(_pieces_of(file))
    image = _Image(file, places, ends, bytearray(ends[-1]), [])
    for (purpose, number), place in places.items():
        if purpose == _SECTION:
            content = file.sections[number].content
            image.content[place : place + len(content)] = content
        elif purpose == "stub":
            address = _external(file.symbols[number])
            _STUB.pack_into(image.content, place, b"\x49\xbb", address, b"\x41\xff\xe3")
        elif purpose == "slot":
            _put_address(image, place, number, 0)
    for one in file.relocations:
        place = places[_SECTION, one.section] + one.offset
        if one.kind == ADDRESS:
            _put_address(image, place, one.symbol, one.addend)
            continue
        key = _key_of(one, file.symbols[one.symbol])
        target = _place_of(image, one.symbol) if key is None else places[key]
        try:
            struct.pack_into("<i", image.content, place, target + one.addend - place)
        except struct.error:
            refuse("an offset of more than 32 bits")
    return image


def _pieces_of(file: ObjectFile) -> dict[_Key, _Piece]:
    pieces: dict[_Key, _Piece] = {}
    for number, section in enumerate(file.sections):
        if section.is_loaded:
            kind = section.flags & (LOADED | EXECUTABLE | WRITABLE)
            pieces[_SECTION, number] = _Piece(kind, section.size, section.alignment)
    for one in file.relocations:
        symbol = file.symbols[one.symbol]
        key = _key_of(one, symbol)
        if key is not None and key[0] == "stub":
            pieces[key] = _Piece(LOADED | EXECUTABLE, _STUB.size, _STUB.size)
        elif key is not None:
            pieces[key] = _Piece(LOADED, _SLOT.size, _SLOT.size)
        if symbol.section == COMMON:
            piece = _Piece(LOADED | WRITABLE, symbol.size, symbol.value)
            pieces["common", one.symbol] = piece
    return pieces


def _key_of(relocation: Relocation, symbol: Symbol) -> _Key | None:
    """Return the piece of memory that stands for a symbol, if any."""
    if relocation.kind in OFFSETS_OF_SLOTS:
        return "slot", relocation.symbol
    if relocation.kind == CALL and symbol.section == UNDEFINED:
        return "stub", relocation.symbol
    return None


def _places_of(pieces: dict[_Key, _Piece]) -> tuple[dict[_Key, int], list[int]]:
    """Return the offsets of pieces, and where each kind of memory ends, at full pages."""
    page, end = os.sysconf("SC_PAGESIZE"), 0
    places: dict[_Key, int] = {}
    ends: list[int] = []
    for kind, _, alignment in pieces.values():
        if kind not in _PROTECTION or alignment.bit_count() != 1 or alignment > page:
            raise UnknownCodeError(f"memory of kind {kind} aligned to {alignment}")
    for kind in _PROTECTION:
        for key, piece in pieces.items():
            if piece.kind == kind:
                places[key] = end + -end % piece.alignment
                end = places[key] + piece.size
        end += -end % page
        ends.append(end)
    if not 0 < end < _MOST_BYTES:
        refuse(f"{end} bytes of memory")
    return places, ends


def _put_address(image: _Image, place: int, number: int, addend: int) -> None:
    symbol = image.file.symbols[number]
    if symbol.section == UNDEFINED:
        _SLOT.pack_into(image.content, place, (_external(symbol) + addend) % 2**64)
        return
    target = _place_of(image, number) + addend
    if not 0 <= target <= len(image.content):
        refuse("an address outside of its section")
    _SLOT.pack_into(image.content, place, target)
    image.own.append(place)


def _place_of(image: _Image, number: int) -> int:
    """Return the offset of a symbol of the file."""
    symbol = image.file.symbols[number]
    if symbol.section == COMMON:
        return image.places["common", number]
    place = image.places.get((_SECTION, symbol.section))
    if place is None:
        raise UnknownCodeError(f"{symbol.name} in section {symbol.section}")
    return place + symbol.value


def _entry(image: _Image, function: str) -> int:
    sections = image.file.sections
    for number, symbol in enumerate(image.file.symbols):
        section = sections[symbol.section] if 0 < symbol.section < len(sections) else None
        if symbol.name == function and section is not None and section.flags & EXECUTABLE:
            return _place_of(image, number)
    return refuse("its function is missing")


def _external(symbol: Symbol) -> int:
    """Return the address of a function of the libraries of C."""
    address = _address_of(symbol.name)
    if address is None:
        raise UnknownCodeError(f"function {symbol.name}")
    return address


def _address_of(name: str) -> int | None:
    for library in _libraries():
        with suppress(AttributeError):
            address = ctypes.cast(library[name], ctypes.c_void_p).value
            if address:
                return address
    return None


@cache
def _libraries() -> tuple[ctypes.CDLL, ...]:
    found = [ctypes.CDLL(None, use_errno=True)]
    with suppress(OSError):  # libraries of C other than glibc have no such file
        found.append(ctypes.CDLL("libm.so.6"))
    return tuple(found)


def _refuse_memory() -> None:
    raise MachineError(
        f"no memory for compiled code: {os.strerror(ctypes.get_errno())}. Executable memory must "
        "be allowed"
    )
