"""The dendrite of a Purkinje cell, coloured by its calcium at several moments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from cerebella.analysis.dendritic_calcium import DENDRITIC_SPIKE_MM
from cerebella.analysis.purkinje import PurkinjeRun
from cerebella.analysis.soma_spikes import CF_TIME_MS
from cerebella.errors import InputError
from cerebella.plots.morphology import COLOUR_MAP, plot_morphology
from cerebella.plots.style import new_figure, styled
from cerebella.purkinje.recorded_places import compartments_of, load_run_morphology

AFTER_CF_MS = (-1.7, 3.3, 8.3, 18.3)
"""Which moments are drawn unless others are asked for: 150, 155, 160, 170 ms."""

_MAX_MOMENTS, _MAX_RUNS = 8, 6
_PANEL_IN = 1.7
_UM_PER_MM = 1e3


def plot_dendritic_calcium(
    runs: PurkinjeRun | Sequence[PurkinjeRun],
    times_ms: Sequence[float] = (),
    *,
    max_uM: float = DENDRITIC_SPIKE_MM * _UM_PER_MM,
) -> Figure:
    """Draw the cell from the front at each moment, one row for each run.

    Parameters
    ----------
    runs : runs that recorded calcium, with their morphologies.
    times_ms : moments; by default just before the climbing fibre and 3, 8 and 18 ms after.
    max_uM : calcium of the brightest colour; by default 5 µM, that of a dendritic spike.

    Returns
    -------
    matplotlib.figure.Figure, to be saved with `save_figure`.

    Raises
    ------
    InputError : a run did not record calcium, or ends before a moment; too many runs or
        moments for one figure.
    """
    runs = list(runs) if isinstance(runs, Sequence) else [runs]
    cf_time_ms = runs[0].manifest.get("cf_time_ms") if runs else None
    moments = list(times_ms) or [(cf_time_ms or CF_TIME_MS) + after for after in AFTER_CF_MS]
    _check_number(len(runs), len(moments))
    with styled():
        figure = new_figure(0.6 + _PANEL_IN * len(moments), 0.3 + _PANEL_IN * len(runs))
        grid = figure.subplots(len(runs), len(moments), squeeze=False)
        for run, axes in zip(runs, grid, strict=True):
            for values, ax in zip(_calcium_uM(run, moments), axes, strict=True):
                plot_morphology(
                    load_run_morphology(run), ax=ax, colour_by=values, limits=(0, max_uM)
                )
            if len(runs) > 1:
                axes[0].annotate(
                    run.name, (-0.03, 0.5), xycoords="axes fraction", rotation=90, va="center"
                )
        for moment, ax in zip(moments, grid[0], strict=True):
            ax.set_title(f"{moment:.4g} ms")
        colours = ScalarMappable(Normalize(0, max_uM), COLOUR_MAP)
        figure.colorbar(
            colours, ax=grid, label="Ca$^{2+}$ (µM)", extend="max", shrink=0.7, aspect=25
        )
    return figure


def _check_number(n_runs: int, n_moments: int) -> None:
    if not n_runs:
        raise InputError("no runs to draw", remedy="Give at least one run")
    if n_runs > _MAX_RUNS or n_moments > _MAX_MOMENTS:
        raise InputError(
            f"{n_runs} runs at {n_moments} moments do not fit into one figure",
            remedy=f"Give at most {_MAX_RUNS} runs and {_MAX_MOMENTS} moments",
        )


def _calcium_uM(run: PurkinjeRun, moments_ms: Sequence[float]) -> list[np.ndarray]:
    """Return calcium (µM) of all compartments at each moment; NaN where not recorded."""
    if "calcium" not in run.traces:
        raise InputError(
            f"{run.name} did not record calcium", remedy="Repeat it with --record soma_v,calcium"
        )
    calcium, morphology = run.traces["calcium"], load_run_morphology(run)
    first, last = calcium.times_ms[[0, -1]]
    columns = compartments_of(calcium, morphology)
    drawn = []
    for moment in moments_ms:
        if not first <= moment <= last:
            raise InputError(
                f"{run.name} has calcium from {first:g} to {last:g} ms, not at {moment:g} ms",
                remedy="Give a moment within the run",
            )
        values = np.full(int(morphology.n_compartments.sum()), np.nan)
        sample = int(np.abs(calcium.times_ms - moment).argmin())
        values[columns] = calcium.values[sample] * _UM_PER_MM
        drawn.append(values)
    return drawn
