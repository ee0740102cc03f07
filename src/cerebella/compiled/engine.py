"""The engine of compiled code, as a value."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, ClassVar

from cerebella.errors import InputError

_MOST_THREADS = 2
_PRECISIONS = ("mixed", "double")


@dataclass(frozen=True)
class Numba:
    """The engine of this package, compiled by numba, for all levels.

    Parameters
    ----------
    threads : int, optional
        Threads of the loop, 1 or 2; by default one per core. The results are the same. The
        molecular layer and the Purkinje cell use one.
    precision : {"mixed", "double"}
        Precision of the dendrites of the Purkinje cell: changes of states in single precision and
        states with the remainders of rounding, or double precision throughout, which takes twice
        as long. Everything else is in double precision.

    Raises
    ------
    InputError
        The number of threads or the precision is not one of these.

    Examples
    --------
    >>> cb.Numba(threads=1).settings()
    {'threads': 1}
    """

    threads: int | None = None
    precision: str = "mixed"

    name: ClassVar[str] = "numba"
    cite: ClassVar[tuple[str, ...]] = ("numba", "numpy2020")
    extra: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Check number of threads and precision."""
        if self.threads is not None and not 1 <= self.threads <= _MOST_THREADS:
            raise InputError(
                f"`threads` is {self.threads}: engine {self.name} uses 1 or {_MOST_THREADS}",
                remedy=f"Give 1 or {_MOST_THREADS}",
            )

        if self.precision not in _PRECISIONS:
            raise InputError(
                f"`precision` is {self.precision!r}", remedy=f"Give {' or '.join(_PRECISIONS)}"
            )

    def versions(self) -> dict[str, str]:
        """Return the versions of numba and numpy."""
        return {name: version(name) for name in ("numba", "numpy")}

    def is_available(self) -> bool:
        """Return whether numba is installed."""
        return find_spec("numba") is not None

    def settings(self) -> dict[str, Any]:
        """Return the number of threads in use."""
        return {"threads": self.threads or min(_MOST_THREADS, os.cpu_count() or 1)}
