"""A rule of PF→PC plasticity: the change of a synapse at each event, as functions of times.

All engines take rules in this form; none refers to a rule by name.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import NamedTuple

from cerebella.errors import InputError
from cerebella.files.names import checked_name
from cerebella.olive.rules.events import Event, event_of, texts_of

Change = Callable[..., float]
"""Returns the change of a weight."""


class Events(NamedTuple):
    """The events of a rule; None for those that change nothing."""

    on_pf: Event | None
    on_cf: Event | None
    on_pc: Event | None


@dataclass(frozen=True, kw_only=True)
class PlasticityRule:
    """A rule of PF→PC plasticity.

    Functions return the change of the weight of a synapse, which stays within 0 and 1. They take
    times since other spikes, and parameters of the rule, by name:

    ``since_pf_ms``
        time since an earlier PF spike arrived at the synapse: the function is called for each of
        these spikes, and the changes are added up;
    ``since_last_pf_ms``
        time since the last PF spike arrived at the synapse: the function is called once;
    ``since_cf_ms``
        time since the last CF spike arrived at the Purkinje cell; infinite if there was none;
    ``since_pc_ms``
        time since the last spike of the Purkinje cell; infinite if there was none.

    A function at a CF or PC spike that takes neither of the times since PF spikes changes all
    synapses of the cell.

    Attributes
    ----------
    name : str
        Name of the rule.
    on_pf, on_cf, on_pc : callable, optional
        Change when a PF spike arrives, when a CF spike arrives, and when the Purkinje cell fires,
        in this order if they coincide. Rules that use PC spikes are slower.
    memory_ms : float, optional
        PF spikes that arrived this long ago, or longer, are ignored. Required by functions of the
        time since a PF spike.
    parameters : mapping of str to float
        Values of the other arguments of the functions.

    Raises
    ------
    InputError
        A function has other arguments, or cannot be a part of a rule.

    Notes
    -----
    Functions are plain Python: numbers, ``+ - * /``, comparisons, ``if``, and functions of
    `math`. They are compiled by the engine `Numba` and called by `Numpy`.

    Examples
    --------
    >>> def potentiate(ltp):
    ...     return ltp
    >>> def depress(since_pf_ms, ltd, delay_ms, width_ms):
    ...     return -ltd if abs(since_pf_ms - delay_ms) < width_ms / 2 else 0.0
    >>> rule = cb.PlasticityRule(
    ...     name="delayed",
    ...     on_pf=potentiate,
    ...     on_cf=depress,
    ...     memory_ms=150.0,
    ...     parameters={"ltp": 0.0003, "ltd": 0.003, "delay_ms": 120.0, "width_ms": 50.0},
    ... )
    >>> run = cb.simulate_olive(
    ...     duration_ms=200.0, dt_ms=1.0, scale=0.25, rule=rule, engine=cb.Numpy()
    ... )
    >>> run.manifest["rule"], run.manifest["own_rule"]["parameters"]["delay_ms"]
    ('delayed', 120.0)
    """

    name: str
    on_pf: Change | None = None
    on_cf: Change | None = None
    on_pc: Change | None = None
    memory_ms: float | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checked_name(self.name, "rule")
        for name, value in self.parameters.items():
            if isinstance(value, bool) or not _is_number(value):
                raise InputError(
                    f"the parameter {name} of the rule {self.name!r} is {value!r}",
                    remedy="Give a finite number",
                )
        object.__setattr__(self, "parameters", {k: float(v) for k, v in self.parameters.items()})
        taken = {name for event in self.events if event for name in event.arguments}
        for name in self.parameters:
            if name not in taken:
                raise InputError(
                    f"no function of the rule {self.name!r} takes its parameter {name}",
                    remedy="Remove it, or correct its name",
                )
        self._check_memory(taken)

    def _check_memory(self, taken: set[str]) -> None:
        of_pf = sorted(taken & {"since_pf_ms", "since_last_pf_ms"})
        if of_pf and self.memory_ms is None:
            raise InputError(
                f"the rule {self.name!r} takes {of_pf[0]}, but has no memory_ms",
                remedy="Give the time in ms after which PF spikes are ignored",
            )
        if self.memory_ms is not None and not (_is_number(self.memory_ms) and self.memory_ms > 0):
            raise InputError(
                f"memory_ms of the rule {self.name!r} is {self.memory_ms!r}",
                remedy="Give a time in ms, above 0",
            )

    @cached_property
    def events(self) -> Events:
        """Functions and their arguments."""
        functions = {name: getattr(self, name) for name in Events._fields}
        if not any(functions.values()):
            raise InputError(
                f"the rule {self.name!r} has no function",
                remedy=f"Give {', '.join(Events._fields)}, or some of them",
            )
        return Events(
            **{
                name: None
                if function is None
                else event_of(f"{name} of the rule {self.name!r}", name, function, self.parameters)
                for name, function in functions.items()
            }
        )

    @cached_property
    def source_digest(self) -> str:
        """SHA-256 of the text of the functions, and of the constants and functions they use."""
        functions = {name: getattr(self, name) for name in Events._fields}
        texts = [
            f"{name}: {text}"
            for name, function in functions.items()
            if isinstance(function, FunctionType)
            for text in texts_of(f"{name} of the rule {self.name!r}", function)
        ]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()

    def takes(self, name: str) -> bool:
        """Return whether a function takes an argument."""
        return any(event is not None and name in event.arguments for event in self.events)

    @property
    def is_by_cell(self) -> bool:
        """Whether weights may differ between the Purkinje cells of a climbing fiber."""
        return self.on_pc is not None or self.takes("since_pc_ms")

    def memory_steps(self, time_step_ms: float) -> int:
        """Return the number of time steps for which PF spikes are remembered, at least 1."""
        return max(1, round((self.memory_ms or 0.0) / time_step_ms))

    def history(self, time_step_ms: float) -> int:
        """Return the number of time steps for which all PF spikes must be stored."""
        return self.memory_steps(time_step_ms) if self.takes("since_pf_ms") else 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
