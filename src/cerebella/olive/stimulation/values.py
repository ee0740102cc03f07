"""Stimuli of the loop as values: rates of fibers and currents at chosen times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, field_validator, model_validator

from cerebella.errors import InputError
from cerebella.olive.stimulation.basis import TemporalBasis
from cerebella.parameters.quantity import Parameters

_MOST_RATES = 1_000_000


def _as_tuple(given: Any) -> Any:
    """Return numbers, or one of them, as nested tuples."""
    if isinstance(given, np.ndarray | np.number):
        given = given.tolist()
    if isinstance(given, int | float):
        return (given,)
    return given


if TYPE_CHECKING:  # validators convert sequences and arrays, which type checkers do not know
    Cells = Any
    Times = Any
    Rates = Any
else:
    Cells = tuple[Annotated[int, Field(ge=0)], ...]
    Times = Annotated[
        tuple[Annotated[float, Field(ge=0)], ...], BeforeValidator(_as_tuple), Field(min_length=1)
    ]
    Rates = tuple[tuple[Annotated[float, Field(ge=0)], ...], ...]


class _AtTimes(Parameters):
    """A stimulus that is given at one or several times."""

    times_ms: Times

    @field_validator("times_ms")
    @classmethod
    def _sorted(cls, times: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(sorted(times))


class PFBumps(_AtTimes):
    """Parallel fibers (PFs) that represent the time since onset, as a conditioned stimulus.

    Parameters
    ----------
    times_ms : float or sequence of float
        Onsets in ms.
    duration_ms : float
        Duration in ms.
    fibers : float or sequence of int
        Fraction of PFs that respond, evenly spaced, or their numbers. Their bumps are in the order
        of their numbers.
    basis : TemporalBasis or mapping
        Their rates, relative to the rate at rest.

    Examples
    --------
    >>> cb.PFBumps(times_ms=[500, 3000], duration_ms=1000).fibers
    1.0
    """

    kind: Literal["pf-bumps"] = "pf-bumps"
    duration_ms: float = Field(gt=0)
    fibers: Annotated[float, Field(gt=0, le=1)] | Cells = 1.0
    basis: TemporalBasis = TemporalBasis()


class PFRates(_AtTimes):
    """Parallel fibers (PFs) whose rates follow an array.

    Parameters
    ----------
    times_ms : float or sequence of float
        Onsets in ms.
    rates_Hz : array-like of float, shape (n_bins,) or (n_groups, n_bins)
        Rates in Hz. All PFs have the same rates, or those of their group: PFs of a group are
        neighbors, and groups have about the same size.
    bin_ms : float
        Duration of a bin in ms, a multiple of the time step.

    Examples
    --------
    >>> stimulus = cb.PFRates(times_ms=100, rates_Hz=np.linspace(20, 60, 40), bin_ms=5)
    >>> stimulus.duration_ms
    200.0
    """

    kind: Literal["pf-rates"] = "pf-rates"
    rates_Hz: Rates = Field(min_length=1)
    bin_ms: float = Field(default=1.0, gt=0)

    @field_validator("rates_Hz", mode="before")
    @classmethod
    def _two_dimensions(cls, given: Any) -> Any:
        rates = np.asarray(given, dtype=np.float64)
        if not 1 <= rates.ndim <= 2 or not 0 < rates.size <= _MOST_RATES:
            raise ValueError(
                f"has the shape {rates.shape}; give (n_bins,) or (n_groups, n_bins), with at most "
                f"{_MOST_RATES} rates"
            )
        return np.atleast_2d(rates).tolist()

    @property
    def duration_ms(self) -> float:
        """Duration in ms."""
        return len(self.rates_Hz[0]) * self.bin_ms


class MFRate(_AtTimes):
    """Mossy fibers (MFs), all with another rate.

    Parameters
    ----------
    times_ms : float or sequence of float
        Onsets in ms.
    duration_ms : float
        Duration in ms.
    rate_Hz : float
        Rate in Hz.

    Examples
    --------
    >>> cb.MFRate(times_ms=500, duration_ms=1000, rate_Hz=20).rate_Hz
    20.0
    """

    kind: Literal["mf-rate"] = "mf-rate"
    duration_ms: float = Field(gt=0)
    rate_Hz: float = Field(ge=0)


class IOCurrent(_AtTimes):
    """A current into olivary cells, as an unconditioned stimulus, or strong enough for a CF spike.

    A current I for a time T depolarizes a passive cell by about I (1 − exp(−gL T)) / gL.

    Parameters
    ----------
    times_ms : float or sequence of float
        Onsets in ms.
    amplitude_mV_per_ms : float
        Current in mV/ms.
    duration_ms : float
        Duration in ms.
    zones : sequence of int, optional
        Zones whose olivary cells receive it; by default all.

    Examples
    --------
    >>> cb.IOCurrent(times_ms=1000, amplitude_mV_per_ms=0.8, duration_ms=20, zones=[0, 1]).zones
    (0, 1)
    """

    kind: Literal["io-current"] = "io-current"
    amplitude_mV_per_ms: float
    duration_ms: float = Field(gt=0)
    zones: Cells | None = None


class YokedInhibition(_AtTimes):
    """Olivary cells that receive the nuclear inhibition of another zone in place of their own.

    It opens the loop through the olive, but keeps the strength of inhibition.

    Parameters
    ----------
    times_ms : float or sequence of float
        Onsets in ms.
    duration_ms : float
        Duration in ms.
    zones, sources : sequence of int
        Zones of the olivary cells, and the zone of the DCN for each.

    Examples
    --------
    >>> cb.YokedInhibition(times_ms=500, duration_ms=1000, zones=[0], sources=[4]).sources
    (4,)
    """

    kind: Literal["yoked-inhibition"] = "yoked-inhibition"
    duration_ms: float = Field(gt=0)
    zones: Cells
    sources: Cells

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.zones) != len(self.sources):
            raise ValueError(f"{len(self.zones)} zones cannot have {len(self.sources)} sources")
        return self


LoopStimulus = Annotated[
    PFBumps | PFRates | MFRate | IOCurrent | YokedInhibition, Field(discriminator="kind")
]
"""Any stimulus of the loop, or the mapping of its fields that a manifest keeps."""

_KINDS: dict[str, type[_AtTimes]] = {
    "pf-bumps": PFBumps,
    "pf-rates": PFRates,
    "mf-rate": MFRate,
    "io-current": IOCurrent,
    "yoked-inhibition": YokedInhibition,
}


def loop_stimuli(given: Any) -> tuple[Any, ...]:
    """Return stimuli, or mappings of their fields, as a tuple.

    Parameters
    ----------
    given : stimulus, mapping or iterable of these
        Values, or mappings as manifests keep them.

    Returns
    -------
    tuple

    Raises
    ------
    InputError
        A value is no stimulus of the loop.
    """
    single = isinstance(given, _AtTimes | Mapping)
    each = (given,) if single else tuple(given) if isinstance(given, Iterable) else (given,)
    return tuple(one if isinstance(one, _AtTimes) else _from_mapping(one) for one in each)


def _from_mapping(given: Any) -> _AtTimes:
    values = dict(given) if isinstance(given, Mapping) else {}
    kind = _KINDS.get(str(values.get("kind")))
    if kind is None:
        raise InputError(
            f"`stimuli`: {given!r} is not a stimulus of the loop",
            remedy=f"Give a value, or a mapping with a kind of {', '.join(_KINDS)}",
        )
    try:
        return kind(**values)
    except InputError as error:
        problem = f"`stimuli`: {values['kind']}: {error.problem}"
        raise InputError(problem, remedy=error.remedy) from None


def responding_fibers(fibers: float | tuple[int, ...], n_pf: int) -> npt.NDArray[np.int64]:
    """Return the numbers of the PFs that respond, in ascending order.

    Parameters
    ----------
    fibers : float or tuple of int
        As of `PFBumps`.
    n_pf : int
        Number of PFs.

    Returns
    -------
    ndarray of int64

    Raises
    ------
    InputError
        A PF does not exist.
    """
    if isinstance(fibers, tuple):
        chosen = np.unique(np.array(fibers, dtype=np.int64))
        if not len(chosen) or chosen[-1] >= n_pf:
            problem = f"there is no PF {chosen[-1]}" if len(chosen) else "no PF responds"
            raise InputError(f"`stimuli`: {problem}", remedy=f"Choose from PF 0 to {n_pf - 1}")
        return chosen
    n = max(1, round(fibers * n_pf))
    return np.arange(n, dtype=np.int64) * n_pf // n
