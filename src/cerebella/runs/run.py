"""One run of any level, in memory or on disk: spikes, traces, weights and the manifest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cerebella.errors import InputError
from cerebella.morphology.morphology import Morphology
from cerebella.results.condition import Condition
from cerebella.results.outputs import refuse_shared
from cerebella.results.spike_file import CellSpikes, SpikeFile
from cerebella.results.spikes import Population, SpikeTrains, Window
from cerebella.results.traces import Traces
from cerebella.results.weights import WeightSamples
from cerebella.runs.directory import copy_directory, is_run, read_directory, write_directory
from cerebella.runs.display import run_as_html, run_as_text
from cerebella.runs.level import Level, level_of, resolve
from cerebella.runs.manifest import condition_of
from cerebella.runs.run_traces import RunTraces

if TYPE_CHECKING:
    import pandas
    import xarray  # type: ignore[import-not-found]
    from matplotlib.figure import Figure

    from cerebella.parameters.quantity import Parameters
    from cerebella.results.olive_npz import BinnedSpikes
    from cerebella.runs.page import View

_LACKING = {
    "spikes": ("spike times", "Give the run directory, or a file of spikes"),
    "weights": ("PF→PC weights", "Give a run directory of the loop"),
    "morphology": ("morphology", "Give the run directory of a Purkinje cell, with all its files"),
    "parameters": ("parameters", "Give the run directory"),
    "binned": ("binned spike counts", "Give a published NPZ of the loop"),
}
"""Parts that a run may lack: how messages call each, and where it is found."""


class Run:
    """One run of any level.

    Runs come from `simulate_mli`, `simulate_purkinje`, `simulate_olive` and `load_run`. What
    is on disk is read when it is used. A part that the source of a run does not hold is None;
    functions that need it raise an `InputError` that names the part.

    Parameters
    ----------
    manifest : mapping
        Configuration, seeds, versions and citations: the content of ``run.json``, or what is
        known from the name of a published file.
    spikes : SpikeTrains or SpikeFile, optional
        Spikes of all populations.
    traces : mapping of str to Traces, optional
        Recorded variables by name.
    weights : WeightSamples or callable, optional
        PF→PC weights, or a function that reads them.
    morphology : Morphology or callable, optional
        Morphology of a Purkinje cell, or a function that reads it.
    binned : BinnedSpikes, optional
        Spike counts in bins, of a published NPZ of the loop.
    path : Path, optional
        Run directory or file; None in memory.
    condition : Condition, optional
        Experimental condition; by default that of the manifest.

    Attributes
    ----------
    manifest, binned, path
        As given.

    Examples
    --------
    >>> import numpy as np
    >>> cells = (cb.Population("MLI1", 0, 2),)
    >>> spikes = cb.SpikeTrains(np.array([12.5, 80.0]), np.array([0, 1]), cells, 100.0)
    >>> run = cb.Run({"kind": "mli", "duration_ms": 100.0}, spikes=spikes)
    >>> run.of("MLI1").times_ms
    array([12.5, 80. ])
    >>> run.weights is None
    True
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        *,
        spikes: SpikeTrains | SpikeFile | None = None,
        traces: Mapping[str, Traces] | None = None,
        weights: WeightSamples | Callable[[], WeightSamples] | None = None,
        morphology: Morphology | Callable[[], Morphology] | None = None,
        binned: BinnedSpikes | None = None,
        path: Path | None = None,
        condition: Condition | None = None,
    ) -> None:
        self.manifest = manifest
        self.binned = binned
        self.path = path
        self._traces = {} if traces is None else traces
        self._spikes, self._weights, self._morphology = spikes, weights, morphology
        self._condition = condition

    @property
    def kind(self) -> str:
        """Level that was simulated: ``"mli"``, ``"purkinje"`` or ``"olive"``.

        Files of spikes alone are taken for those of the molecular layer.
        """
        return self.manifest.get("kind", "mli")

    @property
    def level(self) -> Level:
        """Record of this level: its figures, exports, measures and engines."""
        return level_of(self.kind)

    @property
    def name(self) -> str:
        """Name of the run directory, or of the file without its ending."""
        if self.path is None:
            return "simulation"
        path = self.path.absolute()
        return path.name if path.is_dir() else path.stem

    @property
    def condition(self) -> Condition:
        """Condition by which runs are grouped and titled."""
        return condition_of(self.manifest) if self._condition is None else self._condition

    @property
    def duration_ms(self) -> float:
        """Simulated time in ms."""
        if "duration_ms" in self.manifest:
            return float(self.manifest["duration_ms"])
        if self.binned is not None:
            return self.binned.duration_ms
        if self._spikes is not None:
            return self._spikes.duration_ms
        return max((float(t.times_ms[-1]) for t in self.traces.values()), default=float("nan"))

    @property
    def traces(self) -> RunTraces:
        """Recorded variables by name; ``run.traces.at("soma.v")`` by place and quantity."""
        return RunTraces(self._traces, self)

    # The parts below are typed as present, so that code which has a complete run needs no
    # checks; `require` is for code which may not.

    @cached_property
    def spikes(self) -> SpikeTrains:
        """Spikes of all populations; None if the source holds none.

        Of a long run of the loop this is large; `of` reads one population.
        """
        return self._spikes.read() if isinstance(self._spikes, SpikeFile) else self._spikes  # type: ignore[return-value]

    @property
    def n_spikes(self) -> int | None:
        """Number of spikes, without reading them; None if the source holds none."""
        stored = self._spikes
        if stored is None:
            return None
        return stored.n_spikes if isinstance(stored, SpikeFile) else len(stored)

    @property
    def populations(self) -> dict[str, Population]:
        """Populations by name, in the order of their gids."""
        found = () if self._spikes is None else self._spikes.populations
        return {population.name: population for population in found}

    def of(self, name: str) -> CellSpikes:
        """Return the spikes of a population, with cells counted from 0 within it.

        Parameters
        ----------
        name : str
            Name of the population.

        Returns
        -------
        CellSpikes
            Times in ms, cells, and the cells that were recorded.

        Raises
        ------
        KeyError
            There is no such population; the message lists those there are.
        InputError
            The source holds no spike times.
        """
        self.require("spikes")
        if name not in self.populations:
            raise KeyError(f"{name}: populations are {list(self.populations)}")
        if isinstance(self._spikes, SpikeFile):
            return self._spikes.of(name)
        own, population = self.spikes.of(name), self.populations[name]
        return CellSpikes(
            own.times_ms, own.gids - population.first_gid, np.arange(population.n_cells)
        )

    @cached_property
    def weights(self) -> WeightSamples:
        """PF→PC weights over time; None for other levels."""
        return _resolved(self._weights)

    @cached_property
    def morphology(self) -> Morphology:
        """Morphology of the Purkinje cell; None for other levels."""
        return _resolved(self._morphology)

    @cached_property
    def parameters(self) -> Parameters:
        """Parameters of the model; None if the source does not hold them."""
        given = self.manifest.get("parameters")
        return None if given is None else self.level.read_parameters(given)  # type: ignore[return-value]

    def require(self, part: str) -> Any:
        """Return a part of the run, such as ``"weights"``.

        Parameters
        ----------
        part : str
            Name of an attribute that may be None.

        Raises
        ------
        InputError
            The source of this run does not hold the part.
        """
        stored = self._spikes if part == "spikes" else getattr(self, part)
        if stored is None:
            name, remedy = _LACKING[part]
            place = "this run" if self.path is None else None
            problem = f"{place} holds no {name}" if place else f"holds no {name}"
            raise InputError(problem, file=self.path, remedy=remedy)
        return getattr(self, part)

    def replace(
        self,
        *,
        manifest: Mapping[str, Any] | None = None,
        traces: Mapping[str, Traces] | None = None,
    ) -> Run:
        """Return a copy in memory with another manifest or other traces.

        Parameters
        ----------
        manifest : mapping, optional
            The new manifest.
        traces : mapping of str to Traces, optional
            The new traces.
        """
        return Run(
            self.manifest if manifest is None else manifest,
            spikes=self._spikes,
            traces=self._traces if traces is None else traces,
            weights=self._weights,
            morphology=self._morphology,
            binned=self.binned,
            condition=self._condition,
        )

    def measures(self) -> dict[str, float | None]:
        """Return the measures of this level, which tables and comparisons use.

        Returns
        -------
        dict of str to float or None
            Values by name with unit; None where the run does not determine one.
        """
        return self.level.measure(self)

    def plot(self, figure: str | None = None, **options: Any) -> Figure:
        """Draw a figure of this run.

        Parameters
        ----------
        figure : str, optional
            Name of a figure of this level; by default its first, an overview.
        **options
            ``window_ms``, ``at_ms`` or ``place``, where the figure takes them, and ``event``, a
            time in ms or ``"cf"``, to which the window is relative.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, to be saved with `save_figure`.

        Raises
        ------
        InputError
            The level has no such figure, or the run lacks what it shows.
        """
        return self.level.draw([self], figure, **options)

    def view(self, other: Run | None = None, *, window_ms: Window | None = None) -> View:
        """Return a page of this run, or of two side by side; errors as of `cerebella.view`."""
        return resolve("cerebella.views.page:view")(self, other, window_ms=window_ms)

    def to_pandas(self, what: str = "spikes") -> pandas.DataFrame:
        """Return spikes or a trace as a pandas table.

        Parameters
        ----------
        what : str
            ``"spikes"``, or the name of a trace.

        Returns
        -------
        pandas.DataFrame
            Columns time_ms, gid and population; or, of a trace, one row a sample (index
            time_ms) and one column a recording site.
        """
        from cerebella.results.convert import spikes_to_pandas, traces_to_pandas

        if what == "spikes":
            return spikes_to_pandas(self.require("spikes"))
        return traces_to_pandas(self.traces.named(what))

    def to_xarray(self, what: str | None = None) -> xarray.DataArray:
        """Return a trace as an xarray array.

        Parameters
        ----------
        what : str, optional
            Name of the trace; not needed if there is only one.

        Returns
        -------
        xarray.DataArray
            Dimensions time_ms and place, with gid, section and position of each place.

        Raises
        ------
        MachineError
            xarray is not installed.
        """
        from cerebella.results.convert import traces_to_xarray

        return traces_to_xarray(self.traces.named(what))

    def save(self, path: Path | str, *, force: bool = False) -> Run:
        """Write a run directory, as a whole or not at all.

        Parameters
        ----------
        path : Path or str
            Directory to make.
        force : bool
            Replace an older run there.

        Returns
        -------
        Run
            The run as loaded from there.

        Raises
        ------
        OutputExistsError
            Something is at `path`, and `force` is False.
        InputError
            The run cannot be written there, or was loaded from a published file.
        """
        path = Path(path)
        if self.path is None:
            spikes = self.require("spikes")
            write_directory(path, self.manifest, spikes, self._traces, self.morphology, force=force)
        elif is_run(self.path):
            refuse_shared(path, [self.path])
            copy_directory(self.path, path, force=force)
        else:
            raise InputError(
                "is a published file, not a run directory",
                file=self.path,
                remedy="Give a run directory; a file is copied as it is",
            )
        return read_run(path)

    def __repr__(self) -> str:
        return run_as_text(self)

    def _repr_html_(self) -> str:
        return run_as_html(self)


def _resolved(part: Any) -> Any:
    """Return a part, which may be given as a function that reads it."""
    return part() if callable(part) else part


def read_run(path: Path | str) -> Run:
    """Return the run in a run directory; errors as of `read_directory`."""
    path = Path(path)
    return Run(**read_directory(path), path=path)
