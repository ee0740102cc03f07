"""NEURON and CoreNEURON as engines."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any, ClassVar

from cerebella.errors import InputError


@dataclass(frozen=True)
class Neuron:
    """NEURON, on one process or several under MPI.

    Spikes do not depend on the number of ranks.

    Parameters
    ----------
    ranks : int
        MPI processes to start. Under an MPI launcher, the ranks that it started are used.
    oversubscribe : bool
        Allow more than four ranks per core.

    Examples
    --------
    >>> cb.Neuron(ranks=2)
    Neuron(ranks=2)
    """

    name: ClassVar[str] = "neuron"
    cite: ClassVar[tuple[str, ...]] = ("nrnbook",)
    extra: ClassVar[str] = "neuron"

    ranks: int = 1
    oversubscribe: bool = field(default=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.ranks < 1:
            raise InputError(f"`ranks` is {self.ranks}", remedy="Give 1 or more")

    def versions(self) -> dict[str, str]:
        """Return the version of NEURON."""
        return {"neuron": version("neuron")}

    def is_available(self) -> bool:
        """Return whether NEURON is installed."""
        return find_spec("neuron") is not None

    def settings(self) -> dict[str, Any]:
        """Return the number of ranks."""
        return {"ranks": self.ranks}


@dataclass(frozen=True)
class CoreNeuron(Neuron):
    """CoreNEURON, which gives the same spikes as NEURON in less time.

    Parameters
    ----------
    ranks : int
        MPI processes to start. Under an MPI launcher, the ranks that it started are used.
    oversubscribe : bool
        Allow more than four ranks per core.

    Examples
    --------
    >>> cb.CoreNeuron().versions()
    {'neuron': '9.0.2'}
    """

    name: ClassVar[str] = "coreneuron"
    cite: ClassVar[tuple[str, ...]] = ("nrnbook", "coreneuron2019")
