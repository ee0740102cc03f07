"""Object files of Linux on x86-64, read and checked.

Only what the compiler emits for procedures is known here, which excludes variables of threads, for
example.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from cerebella.errors import MachineError

WRITABLE, LOADED, EXECUTABLE = 1, 2, 4
"""Flags of sections."""
_FLAGS_OF_LINKERS = 0x10 | 0x20 | 0x40 | 0x200
"""Flags of sections that linkers may join."""
_BITS, _SYMBOLS, _RELOCATIONS, _NOTES, _ZEROS, _UNWINDING = 1, 2, 4, 7, 8, 0x70000001
"""Types of sections. Notes are not loaded, and neither are tables for exceptions of C++."""

UNDEFINED, ABSOLUTE, COMMON = 0, 0xFFF1, 0xFFF2
"""Numbers of sections of symbols: of another library, a number, and memory to be reserved."""
_ORDINARY_SYMBOLS = range(4)
"""Types of symbols: unspecified, object, function and section; others are computed at runtime."""

ADDRESS, OFFSET, CALL = 1, 2, 4
OFFSETS_OF_SLOTS = (9, 41, 42)
"""Kinds of relocations: 64 bits, and 32 bits relative to their own place, to a symbol, a function,
and to memory that contains the address of a symbol."""
_BYTES_OF = {ADDRESS: 8, OFFSET: 4, CALL: 4} | dict.fromkeys(OFFSETS_OF_SLOTS, 4)

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QIIq")
_IDENTIFICATION = b"\x7fELF\2\1\1"
"""64 bits, least significant byte first, first version of the format."""
_OBJECT, _X86_64 = 1, 62


class UnknownCodeError(Exception):
    """An object file contains what this package does not know; LLVM may."""


class Section(NamedTuple):
    """A section; `content` is empty if it consists of zeros."""

    type: int
    flags: int
    content: memoryview
    size: int
    alignment: int
    link: int
    info: int

    @property
    def is_loaded(self) -> bool:
        """Whether running code needs it."""
        return bool(self.flags & LOADED) and self.type not in (_NOTES, _UNWINDING)


class Symbol(NamedTuple):
    """A name for a place in a section; `value` is the alignment of memory to be reserved."""

    name: str
    section: int
    value: int
    size: int


class Relocation(NamedTuple):
    """A place in a section that depends on where a symbol is."""

    section: int
    offset: int
    kind: int
    symbol: int
    addend: int


class ObjectFile(NamedTuple):
    """A checked file: everything is inside of its section, which exists."""

    sections: list[Section]
    symbols: list[Symbol]
    relocations: list[Relocation]


def read_elf(code: bytes) -> ObjectFile:
    """Read an object file.

    Raises
    ------
    UnknownCodeError
        The file is for another machine, or contains what is not known here.
    MachineError
        The file is damaged.
    """
    sections = _sections_of(memoryview(code))
    for section in sections:
        flags = section.flags & ~_FLAGS_OF_LINKERS & ~(WRITABLE | LOADED | EXECUTABLE)
        if section.is_loaded and (section.type not in (_BITS, _ZEROS) or flags):
            raise UnknownCodeError(f"section of type {section.type}, flags {section.flags}")
    symbols = _symbols_of(sections)
    return ObjectFile(sections, symbols, list(_relocations_of(sections, len(symbols))))


def _sections_of(code: memoryview) -> list[Section]:
    if bytes(code[: len(_IDENTIFICATION)]) != _IDENTIFICATION:
        raise UnknownCodeError("not an ELF file of 64 bits")
    header = _HEADER.unpack(_part(code, 0, _HEADER.size))
    kind, machine, offset, entry_size, n_sections = (header[i] for i in (1, 2, 6, 11, 12))
    if (kind, machine, entry_size) != (_OBJECT, _X86_64, _SECTION.size):
        raise UnknownCodeError("not an object file for x86-64")
    sections = []
    for fields in _SECTION.iter_unpack(_part(code, offset, n_sections * _SECTION.size)):
        _, kind, flags, _, offset, size, link, info, alignment, _ = fields
        content = code[:0] if kind in (0, _ZEROS) else _part(code, offset, size)
        sections.append(Section(kind, flags, content, size, max(alignment, 1), link, info))
    return sections


def _symbols_of(sections: list[Section]) -> list[Symbol]:
    tables = [section for section in sections if section.type == _SYMBOLS]
    if len(tables) != 1:
        refuse(f"{len(tables)} tables of symbols")
    names = bytes(_section(sections, tables[0].link).content)
    symbols = []
    for name, info, _, number, value, size in _rows(_SYMBOL, tables[0]):
        end = names.find(b"\0", name)
        if end < 0:
            refuse("a name outside of the file")
        kind = info % 16
        if number not in (UNDEFINED, ABSOLUTE, COMMON):
            if kind not in _ORDINARY_SYMBOLS:
                raise UnknownCodeError(f"symbol of type {kind}")
            if value > _section(sections, number).size:
                refuse("a symbol outside of its section")
        symbols.append(Symbol(names[name:end].decode(errors="replace"), number, value, size))
    return symbols


def _relocations_of(sections: list[Section], n_symbols: int) -> Iterator[Relocation]:
    for table in sections:
        if table.type != _RELOCATIONS or not _section(sections, table.info).is_loaded:
            continue
        n_bytes = len(sections[table.info].content)
        for offset, kind, symbol, addend in _rows(_RELOCATION, table):
            if kind not in _BYTES_OF:
                raise UnknownCodeError(f"relocation {kind}")
            if offset + _BYTES_OF[kind] > n_bytes:
                refuse("a relocation outside of its section")
            if symbol >= n_symbols:
                refuse("a relocation without symbol")
            yield Relocation(table.info, offset, kind, symbol, addend)


def _rows(form: struct.Struct, table: Section) -> Iterator[tuple[Any, ...]]:
    if len(table.content) % form.size:
        refuse("a table that ends within a row")
    return form.iter_unpack(table.content)


def _section(sections: list[Section], number: int) -> Section:
    return sections[number] if number < len(sections) else refuse("a section is missing")


def _part(code: memoryview, offset: int, size: int) -> memoryview:
    if offset + size > len(code):
        refuse("it is too short")
    return code[offset : offset + size]


def refuse(reason: str) -> NoReturn:
    """Raise MachineError for a damaged file."""
    raise MachineError(
        f"compiled code in the cache folder is damaged: {reason}. Remove it by "
        "`cerebella doctor --clean`"
    )
