"""Perturbations as values, and the settings changed by them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.olive_synapses import SYNAPSE_CLASSES
from cerebella.results.spikes import own_name

if TYPE_CHECKING:
    from cerebella.olive.step_coefficients import MossyStep

GRAMMAR = (
    "Write TIME:CHANGE[,CHANGE…] with a time such as 300s or 2min (a bare number is in ms) and a "
    "change such as io_bias+0.3, pf_rate=40, mf_rate*2, gap-0.01 (operators = + - *), "
    "plasticity=off, weights=shuffled, cut=DCN→IO or restore=DCN→IO"
)

_FIELDS = {
    "io_bias": "io_bias_mV_per_ms",
    "pf_rate": "pf_rate_Hz",
    "mf_rate": "mf_rate_Hz",
    "gap": "gap_per_ms",
}
"""Field of `Drive` of each quantity that is a number."""

_OPERATORS = {
    "=": lambda old, value: value,
    "+": lambda old, value: old + value,
    "-": lambda old, value: old - value,
    "*": lambda old, value: old * value,
}
_SWITCHES = ("plasticity", "weights", "cut", "restore")
SHUFFLED = "shuffled"


class PFEpisode(NamedTuple):
    """Steps in which the rates of PFs change with time.

    Attributes
    ----------
    first, stop : int
        Steps first <= s < stop.
    bin_steps : int
        Steps of a bin, in which rates are constant.
    silence : ndarray of float64, shape (n PF, n_bins)
        Probability that a PF outside its refractory period is silent in a step of a bin.
    """

    first: int
    stop: int
    bin_steps: int
    silence: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drive:
    """The settings that hold until the next perturbation, or the next begin or end of a stimulus.

    `pf_episode` holds in place of `pf_rate_Hz`. `io_current_mV_per_ms` is the current of each IO
    cell in addition to the bias, and `dcn_of_io` the DCN of each IO cell in place of the wiring.
    """

    pf_rate_Hz: float
    mf_rate_Hz: float
    io_bias_mV_per_ms: float
    gap_per_ms: float
    plasticity: bool
    cut: frozenset[str] = frozenset()
    pf_episode: PFEpisode | None = None
    io_current_mV_per_ms: tuple[float, ...] | None = None
    dcn_of_io: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Perturbation:
    """One change of the loop at a time.

    Parameters
    ----------
    time_ms : float
        Time of the change in ms; it lasts until the next one.
    quantity : str
        ``"io_bias"`` (mV/ms), ``"pf_rate"`` or ``"mf_rate"`` (Hz), ``"gap"`` (1/ms),
        ``"plasticity"``, ``"weights"``, ``"cut"`` or ``"restore"``.
    operator : str
        ``"="``, ``"+"``, ``"-"`` or ``"*"``; for the last four quantities ``"="``.
    value : float, bool or str
        A number; for ``"plasticity"`` whether it is on; for ``"weights"`` only ``"shuffled"``,
        which permutes the weights of PF→PC within each PC; for ``"cut"`` and ``"restore"`` a
        class of synapses, such as ``"DCN→IO"`` (or ``"DCN->IO"``).

    Raises
    ------
    InputError
        A quantity, operator or value is unknown.

    Examples
    --------
    >>> change = cb.Perturbation(time_ms=300_000, quantity="io_bias", operator="+", value=0.3)
    >>> str(change)
    '300s:io_bias+0.3'
    """

    time_ms: float
    quantity: str
    operator: str
    value: float | bool | str

    def __post_init__(self) -> None:
        """Check the values, and normalize the name of a class of synapses."""
        if not 0 <= self.time_ms < math.inf:
            raise InputError(f"perturbation at {self.time_ms:g} ms", remedy="Give a time from 0 on")
        if self.quantity not in (*_FIELDS, *_SWITCHES):
            known = ", ".join([*_FIELDS, *_SWITCHES])
            raise InputError(f"perturbation of {self.quantity!r}", remedy=f"Choose from {known}")
        allowed = tuple(_OPERATORS) if self.quantity in _FIELDS else ("=",)
        if self.operator not in allowed:
            raise InputError(
                f"perturbation of {self.quantity} with operator {self.operator!r}",
                remedy=f"Choose from {' '.join(allowed)}",
            )
        object.__setattr__(self, "value", self._checked_value())

    def _checked_value(self) -> float | bool | str:
        if self.quantity in ("cut", "restore"):
            return synapse_label(_synapse_class(str(self.value)))
        if self.quantity == "weights":
            if self.value == SHUFFLED:
                return self.value
            raise InputError(f"weights can only be {SHUFFLED}, not {self.value!r}")
        if self.quantity == "plasticity":
            if isinstance(self.value, bool):
                return self.value
            raise InputError(f"plasticity is True or False, not {self.value!r}")
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if is_number and math.isfinite(float(self.value)):
            return self.value
        raise InputError(f"perturbation of {self.quantity}: {self.value!r} is not a finite number")

    @property
    def change(self) -> str:
        """The change as text, without the time."""
        value = self.value
        if isinstance(value, bool):
            value = "on" if value else "off"
        elif not isinstance(value, str):
            value = f"{value:.12g}"
        return f"{self.quantity}{self.operator}{value}"

    def __str__(self) -> str:
        in_s = self.time_ms >= 1000
        time = f"{self.time_ms / 1000:.12g}s" if in_s else f"{self.time_ms:.12g}ms"
        return f"{time}:{self.change}"


def initial_drive(parameters: OliveParameters) -> Drive:
    """Return the settings at the start."""
    drive = parameters.drive
    return Drive(
        pf_rate_Hz=drive.pf_rate_Hz,
        mf_rate_Hz=drive.mf_rate_Hz,
        io_bias_mV_per_ms=drive.io_bias_mV_per_ms,
        gap_per_ms=drive.gap_per_ms,
        plasticity=parameters.plasticity.rule != "off",
    )


def learns(drive: Drive) -> bool:
    """Return whether the weights of PF→PC change."""
    return drive.plasticity and "pf_purkinje" not in drive.cut


def learns_at_dcn(drive: Drive, mossy: MossyStep | None) -> bool:
    """Return whether the weights of MF→DCN change."""
    return mossy is not None and drive.plasticity


def io_bias(drive: Drive, offset: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the current of each IO cell, mV/ms, given its deviation from the mean bias."""
    bias = drive.io_bias_mV_per_ms + offset
    return bias if drive.io_current_mV_per_ms is None else bias + drive.io_current_mV_per_ms


def dcn_of_io(drive: Drive, wired: npt.NDArray[np.int32]) -> npt.NDArray[np.int32]:
    """Return the DCNs of each IO cell, (n IO, fan-in), given those of the wiring."""
    return wired if drive.dcn_of_io is None else np.array(drive.dcn_of_io, dtype=np.int32)[:, None]


def perturb(drive: Drive, perturbation: Perturbation, parameters: OliveParameters) -> Drive:
    """Return the settings after a perturbation.

    Parameters
    ----------
    drive : Drive
        The settings before it.
    perturbation : Perturbation
        The change.
    parameters : OliveParameters
        The model.

    Returns
    -------
    Drive
        The settings after it.

    Raises
    ------
    InputError
        A rate or conductance would be negative, a PF rate too high for the time step, or
        plasticity is turned on in a model without it.
    """
    quantity, value = perturbation.quantity, perturbation.value
    if quantity == "weights":  # of the state, not a setting
        return drive
    if quantity == "plasticity":
        if value and parameters.plasticity.rule == "off":
            raise _refused(
                perturbation, "turns on plasticity, but plasticity.rule of this run is off"
            )
        return replace(drive, plasticity=bool(value))
    if quantity in ("cut", "restore"):
        classes = frozenset([_synapse_class(str(value))])
        cut = drive.cut | classes if quantity == "cut" else drive.cut - classes
        return replace(drive, cut=cut)
    field = _FIELDS[quantity]
    new = _OPERATORS[perturbation.operator](getattr(drive, field), value)
    if new < 0 and quantity != "io_bias":
        raise _refused(perturbation, f"makes {field} negative ({new:g})")
    if quantity == "pf_rate" and new * parameters.time_step_ms >= 1000:
        raise _refused(perturbation, f"a PF cannot fire at {new:g} Hz with this time step")
    return replace(drive, **{field: new})


def synapse_label(name: str) -> str:
    """Return ``"CF→PC"`` for ``"cf_purkinje"``."""
    source, target = SYNAPSE_CLASSES[name]
    return f"{'CF' if source == 'IO' else source}→{target}"


def perturbation_from_mapping(stored: Mapping[str, Any]) -> Perturbation:
    """Return a perturbation from its fields, as stored in manifests."""
    try:
        return Perturbation(**stored)
    except TypeError:
        raise InputError(
            f"{dict(stored)} is not a perturbation",
            remedy="Give time_ms, quantity, operator and value",
        ) from None


def _synapse_class(arrow: str) -> str:
    """Return the class of synapses of a text such as DCN→IO; IO→PC is the same as CF→PC."""
    source, _, target = (
        own_name(part.strip().upper()) for part in arrow.replace("->", "→").partition("→")
    )
    pair = ("IO" if source == "CF" else source, target)
    for name, ends in SYNAPSE_CLASSES.items():
        if ends == pair:
            return name
    known = ", ".join(synapse_label(name) for name in SYNAPSE_CLASSES)
    raise InputError(f"{arrow!r} is not a class of synapses", remedy=f"Choose from {known}")


def _refused(perturbation: Perturbation, problem: str) -> InputError:
    return InputError(f"perturbation {str(perturbation)!r}: {problem}", remedy=GRAMMAR)
