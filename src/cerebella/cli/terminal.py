"""Standard streams that print any text, whatever their encoding."""

from __future__ import annotations

import codecs
import sys
import unicodedata
from io import TextIOWrapper

_ASCII = {
    "μ": "u",
    "→": "->",
    "←": "<-",
    "−": "-",
    "–": "-",
    "—": "-",
    "×": "x",
    "·": ".",
    "…": "...",
    "≤": "<=",
    "≥": ">=",
    "±": "+-",
    "°": " deg ",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "⁄": "/",
    "∫": "integral",
    "Ω": "Ohm",
    "─": "-",
    "│": "|",
    "├": "|",
    "└": "|",
}
"""Characters of units, tables and messages that have no decomposition to ASCII."""

_HANDLER = "cerebella-terminal"


def adapt_streams() -> None:
    """Replace characters that a terminal, file or pipe cannot encode, instead of failing."""
    codecs.register_error(_HANDLER, _replace)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    """Return a replacement in ASCII for the characters that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(character: str) -> str:
    """Return a character in ASCII: µ as u, é as e, δ as delta, unknown ones as a question mark."""
    parts = unicodedata.normalize("NFKD", character)
    plain = "".join(_ASCII.get(part, part) for part in parts).encode("ascii", "ignore").decode()
    name = unicodedata.name(character, "")
    return plain or (name.split()[-1].lower() if name.startswith("GREEK") else "?")
