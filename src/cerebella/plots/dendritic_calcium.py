"""Dendrite of a Purkinje cell, colored by its calcium concentration at several times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from cerebella.analysis.dendritic_calcium import DENDRITIC_SPIKE_MM, compute_spiny_calcium
from cerebella.errors import InputError
from cerebella.morphology.recording_sites import (
    compartments_of,
    load_recording_sites,
)
from cerebella.plots.morphology import COLOR_MAP, plot_morphology
from cerebella.plots.style import new_figure, styled
from cerebella.results.traces import Traces
from cerebella.runs.run import Run

AROUND_PEAK_MS = (-8.0, -1.5, 0.0, 1.5, 8.0)
"""Default times relative to the peak of calcium."""

LIMITS_UM = (0.03, 10.0)
"""Concentrations of the darkest and the brightest color; the scale is logarithmic."""

_MAX_MOMENTS, _MAX_RUNS = 8, 6
_PANEL_IN = 1.7
_UM_PER_MM = 1e3
_SPIKE_UM = DENDRITIC_SPIKE_MM * _UM_PER_MM


def plot_dendritic_calcium(
    runs: Run | Sequence[Run],
    times_ms: Sequence[float] = (),
    *,
    limits_uM: tuple[float, float] = LIMITS_UM,
) -> Figure:
    """Draw the front view of the cell at several times, colored by calcium.

    Each run has one row. A line in the color bar marks 5 µM, the threshold of dendritic spikes.

    Parameters
    ----------
    runs : Run or sequence of Run
        Runs of Purkinje cells with recorded calcium.
    times_ms : sequence of float, optional
        Times in ms; by default five around the peak of the mean spiny calcium of the first run.
    limits_uM : tuple of float, default (0.03, 10.0)
        Calcium concentrations of the darkest and the brightest color in µM.

    Returns
    -------
    Figure
        Save it with `save_figure`.

    Raises
    ------
    InputError
        If a run did not record calcium or does not include a time, or if there are too many runs
        or times for one figure.

    Examples
    --------
    >>> morphology = cb.load_default_morphology()
    >>> compartments = cb.compute_compartments(morphology)
    >>> sections = np.array(morphology.section_names)[compartments.section]
    >>> values_mM = np.full((3, len(compartments)), 1e-4)
    >>> gids = np.zeros(len(compartments))
    >>> calcium = cb.Traces([0, 1, 2], values_mM, gids, sections, compartments.x, "cai", "mM")
    >>> run = cb.Run({"kind": "purkinje"}, traces={"calcium": calcium}, morphology=morphology)
    >>> figure = cb.plot_dendritic_calcium(run, times_ms=[1])
    >>> figure.axes[0].get_title()
    '1 ms'
    """
    runs = list(runs) if isinstance(runs, Sequence) else [runs]
    _check_number(len(runs), len(times_ms))
    moments = list(times_ms) or _moments_around_peak(runs[0])
    low, high = limits_uM
    with styled():
        figure = new_figure(0.6 + _PANEL_IN * len(moments), 0.3 + _PANEL_IN * len(runs))
        grid = figure.subplots(len(runs), len(moments), squeeze=False)
        for run, axes in zip(runs, grid, strict=True):
            for values, ax in zip(_calcium_uM(run, moments), axes, strict=True):
                plot_morphology(
                    run.require("morphology"),
                    ax=ax,
                    color_by=np.log10(np.clip(values, low, high)),
                    limits=(np.log10(low), np.log10(high)),
                )
            if len(runs) > 1:
                axes[0].annotate(
                    run.name, (-0.03, 0.5), xycoords="axes fraction", rotation=90, va="center"
                )
        for moment, ax in zip(moments, grid[0], strict=True):
            ax.set_title(_time_text(moment, runs))
        bar = figure.colorbar(
            ScalarMappable(LogNorm(low, high), COLOR_MAP),
            ax=grid,
            label=_bar_label(low, high),
            format="{x:g}",
            shrink=0.8,
            aspect=25,
        )
        if low < _SPIKE_UM < high:
            bar.ax.axhline(_SPIKE_UM, color="black", linewidth=0.8)
    return figure


def _bar_label(low_uM: float, high_uM: float) -> str:
    mark = f"\nline: dendritic spike, {_SPIKE_UM:g} µM" if low_uM < _SPIKE_UM < high_uM else ""
    return f"Ca$^{{2+}}$ (µM){mark}"


def _time_text(moment_ms: float, runs: Sequence[Run]) -> str:
    """Return a time, also relative to the climbing fiber if that is the same in all runs."""
    times_ms = {run.manifest.get("cf_time_ms") for run in runs}
    cf_ms = times_ms.pop() if len(times_ms) == 1 else None
    if cf_ms is None:
        return f"{moment_ms:.6g} ms"
    return f"{moment_ms:.6g} ms\nCF {moment_ms - cf_ms:+.1f} ms".replace("-", "−")


def _moments_around_peak(run: Run) -> list[float]:
    """Return the recorded times around the peak of the mean spiny calcium."""
    calcium = _calcium_of(run)
    spiny = compute_spiny_calcium(calcium, load_recording_sites(run, calcium))
    peak_ms = spiny.times_ms[spiny.mean_nM.argmax()]
    moments = [round(float(peak_ms) + around, 3) for around in AROUND_PEAK_MS]
    return [moment for moment in moments if spiny.times_ms[0] <= moment <= spiny.times_ms[-1]]


def _check_number(n_runs: int, n_moments: int) -> None:
    if not n_runs:
        raise InputError("no runs to draw", remedy="Give at least one run")
    if n_runs > _MAX_RUNS or n_moments > _MAX_MOMENTS:
        raise InputError(
            f"{n_runs} runs at {n_moments} times do not fit in one figure",
            remedy=f"Give at most {_MAX_RUNS} runs and {_MAX_MOMENTS} times",
        )


def _calcium_of(run: Run) -> Traces:
    if "calcium" not in run.traces:
        raise InputError(
            f"{run.name} did not record calcium",
            remedy="Repeat the run with `record` soma_v,calcium",
        )
    return run.traces["calcium"]


def _calcium_uM(run: Run, moments_ms: Sequence[float]) -> list[np.ndarray]:
    """Return the calcium (µM) of all compartments at each time; NaN where not recorded."""
    calcium, morphology = _calcium_of(run), run.require("morphology")
    first, last = calcium.times_ms[[0, -1]]
    columns = compartments_of(calcium, morphology)
    drawn = []
    for moment in moments_ms:
        if not first <= moment <= last:
            raise InputError(
                f"{run.name} has calcium from {first:g} to {last:g} ms, not at {moment:g} ms",
                remedy="Give a time within the run",
            )
        values = np.full(int(morphology.n_compartments.sum()), np.nan)
        sample = int(np.abs(calcium.times_ms - moment).argmin())
        values[columns] = calcium.values[sample] * _UM_PER_MM
        drawn.append(values)
    return drawn
