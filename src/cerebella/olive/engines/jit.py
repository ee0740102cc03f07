"""How the functions of this engine are compiled."""

from __future__ import annotations

from pathlib import Path

from cerebella.compiled.jit import cached_jit

_OLIVE = Path(__file__).parent.parent

jit = cached_jit(
    [
        *sorted((_OLIVE / "engines").glob("*.py")),
        _OLIVE / "random_drive.py",
        _OLIVE / "rules" / "events.py",
    ]
)
