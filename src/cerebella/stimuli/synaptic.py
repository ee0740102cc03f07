"""Stimuli of synapses: spikes of fibers at chosen times, and blocked inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from cerebella.stimuli.stimulus import PlacedStimulus, Stimulus, as_numbers

INPUTS = ("pf", "mli", "cf", "gap")
"""Inputs that can be blocked: parallel fibers, interneurons, climbing fibers, gap junctions."""


@dataclass(frozen=True)
class CFSpikes(Stimulus):
    """Spikes of the climbing fiber of the Purkinje cell, in place of that of the parameters.

    Parameters
    ----------
    times_ms : float or sequence of float
        Spike times in ms; none for a silent fiber.

    Examples
    --------
    >>> cb.CFSpikes([50, 120]).times_ms
    (50.0, 120.0)
    """

    kind: ClassVar[str] = "cf"

    times_ms: tuple[float, ...]

    def __post_init__(self) -> None:
        """Sort the times."""
        _keep_times(self)
        super().__post_init__()


@dataclass(frozen=True)
class PFVolley(PlacedStimulus):
    """Spikes of parallel fibers that contact a place of the Purkinje cell, all at the same time.

    Contacts are drawn at random from those of the place. Volleys of one place, and of one seed,
    use the same contacts; those of a smaller volley are a part of those of a larger one.

    Parameters
    ----------
    place : str
        Compartments with PF contacts, such as ``"spiny"``, ``"spiny[100-150um]"`` or
        ``"spiny[12]+"``, a section with all that it carries.
    n_contacts : int
        Number of contacts.
    times_ms : float or sequence of float
        Times of the volleys in ms.

    Examples
    --------
    >>> cb.PFVolley("spiny[100-150um]", 100, [100, 110, 120])
    PFVolley(place='spiny[100-150um]', n_contacts=100, times_ms=(100.0, 110.0, 120.0))
    """

    kind: ClassVar[str] = "pf"

    n_contacts: int
    times_ms: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the number of contacts, and sort the times."""
        _keep_times(self)
        super().__post_init__()
        if not isinstance(self.n_contacts, int) or self.n_contacts < 1:
            raise self.refused(
                f"n_contacts is {self.n_contacts!r}", "Give the number of contacts, 1 or more"
            )


@dataclass(frozen=True)
class SynapticBlock(Stimulus):
    """Inputs that have no effect, for the whole run or within a window of time.

    Presynaptic cells fire as before. In the molecular layer, `mli` and `gap` can only be blocked
    for the whole run.

    Parameters
    ----------
    inputs : str or sequence of str
        ``"pf"``, ``"mli"`` and ``"cf"``: synapses of parallel fibers, of interneurons and of
        climbing fibers; ``"gap"``: gap junctions between interneurons; ``"all"``.
    start_ms : float
        First time in ms.
    stop_ms : float, optional
        End in ms; by default that of the run.

    Examples
    --------
    >>> cb.SynapticBlock("mli", start_ms=100)
    SynapticBlock(inputs=('mli',), start_ms=100, stop_ms=None)
    """

    kind: ClassVar[str] = "block"

    inputs: tuple[str, ...]
    start_ms: float = field(default=0.0, kw_only=True)
    stop_ms: float | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        """Check the inputs."""
        given = self.inputs
        names = tuple([given] if isinstance(given, str) else given)
        names = INPUTS if names == ("all",) else names
        object.__setattr__(self, "inputs", names)
        unknown = [name for name in names if name not in INPUTS]
        if unknown or not names:
            raise self.refused(
                f"{unknown[0]!r} is not an input" if unknown else "no input is named",
                f"Choose from {', '.join(INPUTS)}, all",
            )
        super().__post_init__()

    @property
    def whole_run(self) -> bool:
        """Whether it lasts for the whole run."""
        return self.start_ms == 0 and self.stop_ms is None


def is_blocked(
    stimuli: Iterable[Stimulus], name: str, times_ms: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Return which events of an input are blocked.

    Parameters
    ----------
    stimuli : iterable of Stimulus
        Stimuli of the run.
    name : str
        One of `INPUTS`.
    times_ms : ndarray of float64, shape (n,)
        Times at which events reach the cell, in ms.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    blocked = np.zeros(len(times_ms), dtype=bool)
    for one in stimuli:
        if isinstance(one, SynapticBlock) and name in one.inputs:
            stop_ms = np.inf if one.stop_ms is None else one.stop_ms
            blocked |= (times_ms >= one.start_ms) & (times_ms < stop_ms)
    return blocked


def _keep_times(stimulus: CFSpikes | PFVolley) -> None:
    """Convert the times of a stimulus to a sorted tuple."""
    times = sorted(as_numbers(stimulus, "times_ms"))
    if times and times[0] < 0:
        raise stimulus.refused(f"times_ms contains {times[0]:g}", "Give times from 0 on")
    object.__setattr__(stimulus, "times_ms", tuple(times))
