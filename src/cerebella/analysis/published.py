"""Published numbers to compare a run with.

Rates: counted in the published spikes (park2026), one trial (trial 11) of network
43_20241112_153832 with w2 = 70 pS; windows are those of `RATE_WINDOWS_MS`. Purkinje cell: measured
in the published recordings.
"""

from __future__ import annotations

from typing import NamedTuple

from cerebella.analysis.rates import RATE_WINDOWS_MS
from cerebella.results.spikes import Window


class ReferenceRates(NamedTuple):
    """Rates of one population in each of `RATE_WINDOWS_MS`.

    Attributes
    ----------
    source : {"published", "generated"}
        Published spikes, or networks generated with the published cells, gap junctions and CF
        times.
    cf_sync : int
        CF synchrony level.
    population : str
        Name of the population.
    rates_Hz : tuple of float
        Rate in each window in Hz.
    """

    source: str
    cf_sync: int
    population: str
    rates_Hz: tuple[float, ...]


REFERENCE_RATES: tuple[ReferenceRates, ...] = (
    ReferenceRates("published", 0, "MLI1", (34.2, 38.5, 42.3, 26.9, 38.5, 31.6)),
    ReferenceRates("published", 0, "MLI2", (20.8, 10.2, 16.9, 16.9, 11.9, 20.2)),
    ReferenceRates("published", 8, "MLI1", (34.2, 36.5, 25.0, 12.0, 22.1, 31.8)),
    ReferenceRates("published", 8, "MLI2", (21.5, 91.5, 71.2, 18.6, 13.6, 20.2)),
    ReferenceRates("generated", 0, "MLI1", (35.5, 36.5, 31.7, 31.2, 34.1, 31.1)),
    ReferenceRates("generated", 0, "MLI2", (17.1, 10.2, 16.9, 8.5, 10.2, 19.3)),
    ReferenceRates("generated", 8, "MLI1", (35.5, 35.6, 23.1, 12.5, 38.0, 31.5)),
    ReferenceRates("generated", 8, "MLI2", (17.6, 101.7, 81.4, 23.7, 8.5, 19.8)),
)


def published_rates(cf_sync: int, source: str = "published") -> dict[str, dict[Window, float]]:
    """Return the reference rates of one synchrony level.

    Parameters
    ----------
    cf_sync : int
        Synchrony level; 0 and 8 are available.
    source : {"published", "generated"}, default "published"
        Origin of the spikes.

    Returns
    -------
    dict
        As from `compute_rates`; empty for other levels.
    """
    return {
        row.population: {
            (float(start), float(stop)): rate_Hz
            for (start, stop), rate_Hz in zip(RATE_WINDOWS_MS, row.rates_Hz, strict=True)
        }
        for row in REFERENCE_RATES
        if (row.source, row.cf_sync) == (source, cf_sync)
    }


class ReferencePurkinje(NamedTuple):
    """Measures of a Purkinje cell at one synchrony level, by `Measure.key`; NaN if unknown.

    `source` is "published" for the published runs of trial 11, or "traced" for means over trials
    1 to 12 of the traced cell, driven by generated networks.
    """

    source: str
    cf_sync: int
    simple_spike_rate_Hz: float
    n_spikelets: float
    width_ms: float
    pause_ms: float
    calcium_mean_nM: float
    dendritic_spike_spread: float


_NOT_KNOWN = float("nan")

REFERENCE_PURKINJE: tuple[ReferencePurkinje, ...] = (
    ReferencePurkinje("published", 0, _NOT_KNOWN, 5, 12.2, 67, _NOT_KNOWN, _NOT_KNOWN),
    ReferencePurkinje("published", 8, _NOT_KNOWN, 6, 19.9, 71, _NOT_KNOWN, _NOT_KNOWN),
    ReferencePurkinje("traced", 0, 43.6, 5.25, 12.6, 74.8, 345.1, 798),
    ReferencePurkinje("traced", 8, 43.6, 5.58, 14.5, 73.7, 353.3, 809),
)


def published_purkinje(cf_sync: int, source: str = "traced") -> dict[str, float]:
    """Return the reference measures of a Purkinje cell at one synchrony level.

    Parameters
    ----------
    cf_sync : int
        Synchrony level; 0 and 8 are available.
    source : {"traced", "published"}, default "traced"
        Origin of the runs.

    Returns
    -------
    dict of str to float
        Known values by key of the measure; empty for other levels.
    """
    for row in REFERENCE_PURKINJE:
        if (row.source, row.cf_sync) == (source, cf_sync):
            known = row._asdict()
            return {key: known[key] for key in row._fields[2:] if known[key] == known[key]}
    return {}
