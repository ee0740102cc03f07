"""The record of a level: its parameters, engines, figures, exports, measures and report.

A level is one of the three models. Commands and `Run` contain no code for single levels; they use
the records listed in `LEVELS`. Records give functions as ``"module:name"``, so that nothing is
imported before it is used, and no room imports from a room above it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.errors import InputError
from cerebella.parameters.settings import parameters_from

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pydantic import BaseModel

    from cerebella.parameters.quantity import Parameters
    from cerebella.results.spikes import Window
    from cerebella.runs.report import Report
    from cerebella.runs.run_traces import Places

LEVELS = {
    "mli": "cerebella.molecular_layer.level:LEVEL",
    "purkinje": "cerebella.purkinje.level:LEVEL",
    "olive": "cerebella.olive.level:LEVEL",
}
"""Record of each level, by the kind of its runs."""


CF_EVENTS = "cf"
"""Event that stands for the spikes of climbing fibers."""

Event = float | str
"""Time in ms, or `CF_EVENTS`."""

_AROUND_EVENT_MS = (-70.0, 120.0)
"""Window of figures relative to an event, about that of the published protocol."""


class Drawing(NamedTuple):
    """A figure of a level.

    Attributes
    ----------
    function : str
        ``"module:name"`` of a function of a sequence of runs or, with `one_run`, of one run.
    options : mapping of str to str
        Options that the figure takes, ``window_ms``, ``at_ms`` or ``place``, with the name of
        the function's argument.
    arguments : mapping
        Further arguments of the function.
    one_run : bool
        Whether the figure shows a single run.
    """

    function: str
    options: Mapping[str, str] = {"window_ms": "window_ms"}
    arguments: Mapping[str, Any] = {}
    one_run: bool = False


TRACES = Drawing(
    "cerebella.plots.traces:plot_traces", {"window_ms": "window_ms", "place": "places"}
)
"""The figure of traces, the same at all levels."""


@dataclass(frozen=True)
class Level:
    """Properties of a level that commands and `Run` require.

    Attributes
    ----------
    kind : str
        Kind of its runs, in their manifests.
    title : str
        Name of the model.
    parameters : str
        ``"module:name"`` of its class of parameters.
    engines : str
        ``"module:name"`` of its table of engines.
    manifest : type
        Keys that readers need in a manifest, as a pydantic model.
    measures : str
        ``"module:name"`` of a function of a run that returns {name: value}.
    report : str
        ``"module:name"`` of a function of runs, windows and an event that returns a `Report`.
    events : str
        ``"module:name"`` of a function of runs and an event that returns times in ms, if windows
        can be relative to events.
    figures : mapping of str to Drawing
        Figures by name; the first is an overview.
    warm_up : callable
        Simulates briefly with engine `Numba`, so that all its code is compiled or loaded.
    mechanisms : str
        ``"module:name"`` of a function that returns its mechanisms in NMODL, if it has any.
    places_of_traces : str
        ``"module:name"`` of its `Places`, which name the columns of traces.
    exports : mapping of str to str
        ``"module:name"`` by format of a function (run, folder, *, force) that returns the
        files it wrote; the first is the published format.
    page : str
        ``"module:name"`` of a function (run, store, window_ms) that returns the content of the
        page of a run.
    """

    kind: str
    title: str
    parameters: str
    engines: str
    manifest: type[BaseModel]
    measures: str
    report: str
    warm_up: Callable[[], object]
    events: str = ""
    mechanisms: str = ""
    places_of_traces: str = ""
    page: str = ""
    figures: Mapping[str, Drawing] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)

    def read_parameters(self, stored: Mapping[str, Any]) -> Parameters:
        """Return parameters from a manifest, which may be of an older version."""
        return parameters_from(resolve(self.parameters), stored)

    @property
    def places(self) -> Places:
        """Return how the columns of traces are named.

        Raises
        ------
        InputError
            Traces of this level have no places.
        """
        if not self.places_of_traces:
            raise InputError(
                f"traces of the {self.title} have no places", remedy="Choose traces by their names"
            )
        return resolve(self.places_of_traces)

    def measure(self, run: Any) -> dict[str, float | None]:
        """Return the measures of a run."""
        return resolve(self.measures)(run)

    def summarize(
        self, runs: Sequence[Any], windows: Sequence[Window], event: Event | None = None
    ) -> Report:
        """Return the report on runs of this level.

        Parameters
        ----------
        runs : sequence of Run
            Runs of this level.
        windows : sequence of (float, float)
            Windows in ms; empty for those of the level.
        event : float or str, optional
            A time in ms, or `CF_EVENTS`, to which windows are relative.

        Raises
        ------
        InputError
            The level has no events, or a window is not within all runs.
        """
        if event is None:
            return resolve(self.report)(runs, windows)
        self._check_events()
        return resolve(self.report)(runs, windows, event)

    def draw(
        self,
        runs: Sequence[Any],
        name: str | None = None,
        *,
        event: Event | None = None,
        **options: Any,
    ) -> Figure:
        """Return a figure of runs of this level.

        Parameters
        ----------
        runs : sequence of Run
            Runs of this level.
        name : str, optional
            Name of the figure; by default the overview.
        event : float or str, optional
            A time in ms, or `CF_EVENTS`, to which the window is relative.
        **options
            ``window_ms``, ``at_ms`` or ``place``; None for the choice of the figure.

        Raises
        ------
        InputError
            There is no such figure, it does not take an option, or it shows one run only.
        """
        name = name or next(iter(self.figures))
        if name not in self.figures:
            raise InputError(
                f"there is no figure {name!r} of the {self.title}",
                remedy=f"Choose from {', '.join(self.figures)}",
            )
        drawing = self.figures[name]
        if event is not None:
            options["window_ms"] = self._window_around(runs, name, event, options.get("window_ms"))
        given = {option: value for option, value in options.items() if value not in (None, ())}
        unknown = [option for option in given if option not in drawing.options]
        if unknown:
            raise InputError(
                f"figure {name!r} does not take `{unknown[0]}`",
                remedy=f"It takes {', '.join(f'`{option}`' for option in drawing.options)}"
                if drawing.options
                else "It takes no options",
            )
        if drawing.one_run and len(runs) > 1:
            raise InputError(
                f"figure {name!r} shows a single run, and {len(runs)} were given",
                remedy="Give one run at a time",
            )
        arguments = {drawing.options[option]: value for option, value in given.items()}
        function = resolve(drawing.function)
        shown = runs[0] if drawing.one_run else runs
        return function(shown, **drawing.arguments, **arguments)

    def _check_events(self) -> None:
        if not self.events:
            raise InputError(f"runs of the {self.title} take no `event`", remedy="Omit it")

    def _window_around(
        self, runs: Sequence[Any], name: str, event: Event, relative_ms: Window | None
    ) -> Window:
        """Return the window from the first event to the last, within all runs."""
        self._check_events()
        if "window_ms" not in self.figures[name].options:
            raise InputError(f"figure {name!r} does not take `event`", remedy="Omit it")
        times_ms = resolve(self.events)(runs, event)
        before_ms, after_ms = relative_ms or _AROUND_EVENT_MS
        # In whole ms, which are bins of rates; the last sample of a trace may be before the end.
        last_ms = math.floor(min(run.duration_ms for run in runs))
        return (
            float(max(math.floor(times_ms[0] + before_ms), 0)),
            float(min(math.ceil(times_ms[-1] + after_ms), last_ms)),
        )

    def export(self, run: Any, to: str | None, folder: Path, *, force: bool = False) -> list[Path]:
        """Write a run in another format.

        Parameters
        ----------
        run : Run
            A run of this level.
        to : str or None
            Format; None for the published one.
        folder : Path
            Folder to write into.
        force : bool
            Replace files of the same name.

        Returns
        -------
        list of Path
            The files.

        Raises
        ------
        InputError
            The level has no export in this format, or the run lacks data for it.
        """
        to = to or next(iter(self.exports))
        if to not in self.exports:
            raise InputError(
                f"is a run of the {self.title}, which is not exported to {to}",
                file=run.path,
                remedy=f"Choose from {', '.join(self.exports)}",
            )
        return resolve(self.exports[to])(run, folder, force=force)


def level_of(kind: str) -> Level:
    """Return the record of a level.

    Raises
    ------
    InputError
        There is no such level in this version.
    """
    if kind not in LEVELS:
        raise InputError(
            f"this version does not know runs of kind {kind!r}",
            remedy=f"Give runs of kind {', '.join(LEVELS)}, or use a later version of cerebella",
        )
    return resolve(LEVELS[kind])


@cache
def resolve(reference: str) -> Any:
    """Return the object given by ``"module:name"``."""
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
