"""The runs that join both levels: loops, networks driven by their olives, Purkinje cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import (
    NETWORK_WEIGHT,
    SyncModel,
    driven_cell_task,
    estimate_network_s,
    load_input_network,
)
from cerebella.experiments.engines import DEFAULT_ENGINES, engine_of_task
from cerebella.experiments.olive_to_purkinje.events import (
    Event,
    Fibers,
    assign_fibers,
    cf_spikes_around,
    default_loop,
)
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.olive.partial_run import resumed_or_replaced
from cerebella.olive.recording import OliveRecording
from cerebella.olive.simulate import request_of, simulate_olive
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import apply_settings
from cerebella.parameters.times import format_time
from cerebella.runs.load import load_run
from cerebella.sweeps.task import Task

LOOP_S_PER_S = 0.05
"""Upper estimate of the duration of a loop in s for each simulated s (docs/performance.md)."""

LOOP_WEIGHT_PER_S = 0.015
"""Duration of a second of the loop relative to a run of the network."""


@dataclass(frozen=True, eq=False)
class JoinedModel:
    """Circuits and durations shared by all runs of an experiment.

    Attributes
    ----------
    layer : SyncModel
        Molecular layer and Purkinje cell.
    loop : OliveParameters
        The olivocerebellar loop; the experiment varies its gap junctions. By default,
        `default_loop` for the fibers of the network.
    loop_duration_ms, settle_ms : float
        Duration of the loop's run in ms, and time in ms after which events are chosen.

    Examples
    --------
    >>> layer = cb.SyncModel(cb.generate_network(seed=1, scale=0.1))
    >>> cb.JoinedModel(layer, loop_duration_ms=200_000.0).first_event_ms
    100151.7
    """

    layer: SyncModel
    loop: OliveParameters = field(default=None)  # type: ignore[assignment]  # set below
    loop_duration_ms: float = 300_000.0
    settle_ms: float = 100_000.0

    def __post_init__(self) -> None:
        if self.loop is None:
            object.__setattr__(self, "loop", default_loop(self.n_cf))
        if not 0 <= self.settle_ms < self.loop_duration_ms:
            raise InputError(
                f"the loop settles for {format_time(self.settle_ms)} of "
                f"{format_time(self.loop_duration_ms)}",
                remedy="Give a loop duration longer than the settling time",
            )
        if self.layer.purkinje.connections.cf_time_ms is None:
            raise InputError("the Purkinje cell has no climbing fiber", remedy="Give a cf_time_ms")
        if not self.event_at_ms < self.layer.duration_ms:
            raise InputError(
                f"the climbing fiber fires at {self.event_at_ms:g} ms, and the runs end at "
                f"{self.layer.duration_ms:g} ms",
                remedy="Give a longer duration",
            )
        if self.first_event_ms >= self.last_event_ms:
            raise InputError(
                f"no window of {self.layer.duration_ms:g} ms fits between "
                f"{format_time(self.settle_ms)}, when the loop has settled, and its end",
                remedy="Give a longer `loop_duration_ms`",
            )
        _ = self.fibers  # raises InputError if there are too few cells

    @property
    def n_cf(self) -> int:
        """Climbing fibers of the network."""
        return self.layer.network.population("CF").n_cells

    @property
    def event_at_ms(self) -> float:
        """Spike time of the Purkinje cell's own climbing fiber in its run, in ms."""
        time_ms = self.layer.purkinje.connections.cf_time_ms
        assert time_ms is not None
        return time_ms

    @property
    def first_event_ms(self) -> float:
        """First time in ms at which a window around an event is within the settled loop."""
        return self.settle_ms + self.event_at_ms

    @property
    def last_event_ms(self) -> float:
        """Last time in ms at which a window around an event is within the run of the loop."""
        return self.loop_duration_ms - (self.layer.duration_ms - self.event_at_ms)

    @cached_property
    def fibers(self) -> Fibers:
        """The olivary cell of each climbing fiber; the same in all runs."""
        return assign_fibers(self.loop.circuit, self.n_cf, self.layer.seed)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Settings that identify this model in messages and keys."""
        return self.layer.settings | {
            "loop": self.loop.model_dump(mode="json"),
            "loop_duration_ms": self.loop_duration_ms,
            "settle_ms": self.settle_ms,
        }

    def coupled(self, gap_per_ms: float) -> OliveParameters:
        """Return the loop with gap junctions of a strength.

        Raises
        ------
        InputError : the explicit gap currents would oscillate from step to step.
        """
        circuit = self.loop.circuit
        partners = circuit.gap_partners if circuit.random_gaps else circuit.io_per_zone - 1
        most = 1 / (max(partners, 1) * self.loop.time_step_ms)
        if not 0 <= gap_per_ms <= most:
            raise InputError(
                f"a coupling of {gap_per_ms:g} /ms is not between 0 and {most:g} /ms, above which "
                f"{partners} junctions per cell and a time step of {self.loop.time_step_ms:g} ms "
                "make potentials oscillate from step to step",
                remedy="Give a smaller coupling or, to the loop, a shorter time_step_ms",
            )
        return apply_settings(self.loop, [f"drive.gap_per_ms={gap_per_ms!r}"])


class LoopCase(NamedTuple):
    """One loop: the strength of its gap junctions, and its seed."""

    gap_per_ms: float
    seed: int

    @property
    def tag(self) -> str:
        """Text in the names of its runs."""
        return f"gap{self.gap_per_ms:g}_seed{self.seed}"


def loop_task(model: JoinedModel, case: LoopCase) -> Task:
    """Return the task of a loop."""
    return Task(
        f"loop_{case.tag}",
        "olivocerebellar-loop",
        run_loop,
        {
            "parameters": model.coupled(case.gap_per_ms).model_dump(mode="json"),
            "duration_ms": model.loop_duration_ms,
            "seed": case.seed,
        },
        weight=LOOP_WEIGHT_PER_S * model.loop_duration_ms / 1000,
        seconds=LOOP_S_PER_S * model.loop_duration_ms / 1000,
    )


def event_tasks(
    model: JoinedModel,
    case: LoopCase,
    event: Event,
    trial: int,
    *,
    engines: Mapping[str, str] = DEFAULT_ENGINES,
    ranks: int = 1,
) -> tuple[Task, Task]:
    """Return the tasks of the network and of the Purkinje cell around an event of a loop.

    `engines` has the name of the engine of each level.
    """
    layer = model.layer
    tag = f"{case.tag}_at{event.time_ms:.6g}ms_trial{trial}"
    network = Task(
        f"mli_{tag}",
        "driven-network",
        run_driven_network,
        {
            "network": layer.settings["network"],
            "parameters": layer.mli.model_dump(mode="json"),
            "io_of_cf": list(model.fibers.network),
            "event_ms": event.time_ms,
            "event_at_ms": model.event_at_ms,
            "trial": trial,
            "duration_ms": layer.duration_ms,
            "seed": layer.seed,
        },
        after=(f"loop_{case.tag}",),
        weight=NETWORK_WEIGHT,
        cores=ranks,
        seconds=estimate_network_s(layer.network, layer.duration_ms),
        labels={"ranks": ranks, "engine": engines["mli"]},
    )
    cell = driven_cell_task(f"pc_{tag}", layer, network, layer.purkinje, engine=engines["purkinje"])
    return network, cell


def run_loop(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the loop, or resume an interrupted run of it; see `RunTask`."""
    arguments: dict[str, Any] = {
        "parameters": settings["parameters"],
        "duration_ms": settings["duration_ms"],
        "seed": settings["seed"],
        "record": OliveRecording(spikes={"IO": "all"}, voltages={}),
    }
    simulate_olive(
        **arguments,
        out=path,
        **resumed_or_replaced(path, request_of(**arguments)),
        engine=Numba(threads=1),
    )


def run_driven_network(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the network with the climbing fibers of an olive; see `RunTask`."""
    network = load_input_network(path, settings)
    simulation = simulate_mli(
        network,
        cf_spikes=cf_spikes_around(
            load_run(needed[0]),
            network,
            settings["io_of_cf"],
            settings["event_ms"],
            at_ms=settings["event_at_ms"],
            duration_ms=settings["duration_ms"],
        ),
        trial=settings["trial"],
        duration_ms=settings["duration_ms"],
        seed=settings["seed"],
        engine=engine_of_task("mli", settings),
        progress=False,
        parameters=MLIParameters.model_validate(settings["parameters"]),
    )
    olive = {"run": needed[0].name} | {
        name: settings[name] for name in ("event_ms", "event_at_ms", "io_of_cf")
    }
    simulation.replace(manifest={**simulation.manifest, "olive": olive}).save(path)
