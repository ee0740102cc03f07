"""How the functions of this engine are compiled."""

from __future__ import annotations

from pathlib import Path

from cerebella.compiled.jit import cached_jit

_HERE = Path(__file__).parent

jit = cached_jit(
    [*sorted(_HERE.glob("*.py")), _HERE.parent / "channels.py", _HERE.parent / "kinetic_schemes.py"]
)
