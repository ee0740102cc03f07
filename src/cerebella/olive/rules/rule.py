"""A rule of PF→PC plasticity, as values used by all engines.

A rule defines the change of a synapse at three events: arrival of a PF spike, arrival of a CF
spike, and a spike of the Purkinje cell (PC). At a CF or PC spike, the change is multiplied by a
count of PF spikes. `Counted` lists the kinds of counts; engines implement these and do not refer
to rules by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import NamedTuple

from cerebella.olive.wiring import UNITS_PER_WEIGHT
from cerebella.parameters.olive_simulation import PlasticityParameters

Steps = Callable[[float], int]
"""Converts ms to time steps."""

Rates = Callable[[], Mapping[str, float]]
"""Measures the rate of each recorded population in Hz."""


class Counted(IntEnum):
    """PF arrivals counted at a synapse, which multiply the change at a CF or PC spike.

    The window of a change ends with the step of the CF or PC spike.
    """

    NOTHING = 0
    """None: the event does not change weights."""
    UNCLAIMED_ARRIVALS = 1
    """Each arrival in the window, unless an earlier CF spike followed it."""
    ARRIVALS = 2
    """Each arrival in the window."""
    LAST_ARRIVAL = 3
    """The last arrival, if it is in the window and no earlier CF spike followed it."""


class Change(NamedTuple):
    """Change of the weights at an event.

    Attributes
    ----------
    by : int
        Change for one counted PF spike, in units of 2⁻²⁶; weights stay within 0 and 1.
    counted : int
        A value of `Counted`.
    window : int
        Window in time steps, at least 1.
    """

    by: int
    counted: int
    window: int


NO_CHANGE = Change(0, int(Counted.NOTHING), 1)


class Changes(NamedTuple):
    """Changes of the weights at each event.

    Attributes
    ----------
    on_pf : int
        Potentiation of a synapse by each PF spike that arrives, in units of 2⁻²⁶; not negative.
    on_cf : Change
        At a CF spike, of all synapses of the PCs that it reaches.
    on_pc : Change
        At a PC spike, of the synapses of that PC. Such a rule takes single time steps, and is
        slower.
    """

    on_pf: int = 0
    on_cf: Change = NO_CHANGE
    on_pc: Change = NO_CHANGE

    @property
    def mark_last_arrivals(self) -> bool:
        """Whether the last arrival of each PF must be stored."""
        return Counted.LAST_ARRIVAL in (self.on_cf.counted, self.on_pc.counted)

    @property
    def history(self) -> int:
        """Number of time steps for which arrivals must be stored."""
        kinds = (Counted.UNCLAIMED_ARRIVALS, Counted.ARRIVALS)
        return max([0, *(one.window for one in (self.on_cf, self.on_pc) if one.counted in kinds)])


class Rule(NamedTuple):
    """A rule of plasticity.

    Attributes
    ----------
    changes : callable
        Returns the `Changes` of the parameters; the second argument converts ms to time steps.
    predicted_rate : callable
        Returns the CF rate in Hz at which the rule balances, or None if there is none. The second
        argument measures the rates of a run, for rules whose balance depends on them.
    cite : tuple of str
        Keys of references.bib.
    """

    changes: Callable[[PlasticityParameters, Steps], Changes]
    predicted_rate: Callable[[PlasticityParameters, Rates], float | None]
    cite: tuple[str, ...] = ()


def units_of(weight: float) -> int:
    """Return a weight in units of 2⁻²⁶.

    Parameters
    ----------
    weight : float
        Weight, or change of a weight.

    Returns
    -------
    int
        The nearest whole number of units.

    Examples
    --------
    >>> units_of(0.5) == 2**25
    True
    """
    return round(weight * UNITS_PER_WEIGHT)
