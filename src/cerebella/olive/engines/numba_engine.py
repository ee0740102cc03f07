"""The engine of compiled code."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

from cerebella.errors import InputError

if TYPE_CHECKING:
    from cerebella.olive.engines.engine import Model
    from cerebella.olive.engines.numba_integrator import NumbaIntegrator
    from cerebella.olive.state import State

_MOST_THREADS = 2


@dataclass(frozen=True)
class Numba:
    """The fast engine of the olivocerebellar loop, compiled by numba.

    Parameters
    ----------
    threads : int, optional
        Number of threads, 1 or 2; by default one per core. The results are the same.

    Raises
    ------
    InputError
        The number of threads is neither 1 nor 2.

    Examples
    --------
    >>> cb.Numba(threads=1).settings()
    {'threads': 1}
    """

    threads: int | None = None

    name: ClassVar[str] = "numba"
    cite: ClassVar[tuple[str, ...]] = ("numba", "numpy2020")

    def __post_init__(self) -> None:
        """Check the number of threads."""
        if self.threads is not None and not 1 <= self.threads <= _MOST_THREADS:
            raise InputError(
                f"`threads` is {self.threads}: engine {self.name} uses 1 or {_MOST_THREADS}",
                remedy=f"Give 1 or {_MOST_THREADS}",
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

    def integrator(self, model: Model, state: State) -> NumbaIntegrator:
        """Return an integrator of a model that starts from a state, which it copies."""
        from cerebella.olive.engines.numba_integrator import NumbaIntegrator

        return NumbaIntegrator(model, state, **self.settings())
