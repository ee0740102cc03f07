"""Traces of a run by name, and by place and quantity."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.results.traces import Traces
from cerebella.runs.probes import parse_probe, trace_name

if TYPE_CHECKING:
    from cerebella.runs.run import Run

Ints = npt.NDArray[np.int64]


class Places(NamedTuple):
    """How a level names the columns of its traces.

    Attributes
    ----------
    quantities : mapping of str to str
        Quantity of each trace that is not one of probes.
    columns_at : function
        Of a run, the name of a trace, the trace and a place; returns the columns that are there.
    labels : function
        Of a run, the name of a trace and some of its columns; returns their places for figures.
    apart : bool
        Whether figures show each place by itself.
    """

    quantities: Mapping[str, str]
    columns_at: Callable[[Run, str, Traces, str], Ints]
    labels: Callable[[Run, str, Traces], list[str]]
    apart: bool = False


class RunTraces(Mapping[str, Traces]):
    """Traces of a run by name, each read when it is used.

    Parameters
    ----------
    by_name : mapping of str to Traces
        The traces.
    run : Run
        Their run.
    """

    def __init__(self, by_name: Mapping[str, Traces], run: Run) -> None:
        self._by_name = by_name
        self._run = run

    def named(self, name: str | None) -> Traces:
        """Return a trace by name, or the only one; other names raise InputError."""
        if name is None and len(self) == 1:
            (name,) = self
        if name is None or name not in self:
            known = ", ".join(self) or "none"
            problem = "the name of a trace is needed" if name is None else f"no trace {name!r}"
            raise InputError(
                problem, file=self._run.path, remedy=f"This run recorded these traces: {known}"
            )
        return self[name]

    def at(self, probe: str) -> Traces:
        """Return the traces of a quantity at a place.

        Parameters
        ----------
        probe : str
            Place and quantity, such as ``"spiny[150um].calcium"``, as in `record` of the
            simulation; with a sampling interval, such as ``"soma.v@0.02ms"``, if it was recorded
            with several.

        Returns
        -------
        Traces
            The recorded columns that are at this place: a column for each compartment or cell.
            Of several recordings, the one with most columns there, then the finest.

        Raises
        ------
        InputError
            There is no such place, or this was not recorded there; the message says what was.

        Examples
        --------
        >>> network = cb.simulate_mli(cb.generate_network(seed=1, scale=0.1), duration_ms=20)
        >>> record = ["soma.ik_kv3", "spiny.calcium"]
        >>> cell = cb.simulate_purkinje(network, duration_ms=2, record=record)
        >>> cell.traces.at("soma.ik_kv3")
        <Traces of ik_kv3 in mA/cm2: 1 sites in 1 cells, 21 samples, 0–2 ms>
        >>> cell.traces.at("spiny[150um].calcium").sections
        array(['spiny[422]'], dtype='<U11')
        """
        wanted = parse_probe(probe)
        found = []
        for name in self.names_of(wanted.quantity):
            traces = self[name]
            columns = self._run.level.places.columns_at(self._run, name, traces, wanted.place)
            step_ms, asked = traces.sampling_step_ms, wanted.interval_ms
            if len(columns) and (asked is None or np.isclose(step_ms, asked)):
                found.append((-len(columns), step_ms, traces.take(columns)))
        if not found:
            raise self.not_recorded(probe)
        return min(found, key=lambda one: one[:2])[2]

    def names_of(self, quantity: str) -> list[str]:
        """Return the names of the traces of a quantity.

        Parameters
        ----------
        quantity : str
            Quantity, such as ``"ik_kv3"``.
        """
        named = self._run.level.places.quantities
        of_probes = re.compile(rf"{trace_name(quantity, None)}(_[0-9e_]+ms)?")
        return [name for name in self if named.get(name) == quantity or of_probes.fullmatch(name)]

    def not_recorded(self, probe: str) -> InputError:
        """Return the error for what was not recorded, which says what was."""
        asked = self._run.manifest.get("record")
        others = (
            self if asked is None else (n for n in self if n in self._run.level.places.quantities)
        )
        recorded = dict.fromkeys([*(asked or ()), *others])
        return InputError(
            f"{probe} was not recorded in this run",
            file=self._run.path,
            remedy=f"It recorded {', '.join(recorded) or 'nothing'}",
        )

    def __getitem__(self, name: str) -> Traces:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __repr__(self) -> str:
        return repr(self._by_name)
