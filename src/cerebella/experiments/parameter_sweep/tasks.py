"""The runs of a sweep: one or two for each combination of values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import (
    SyncModel,
    driven_cell_task,
    driving_network_task,
)
from cerebella.experiments.configuration import CortexParameters
from cerebella.experiments.loops import LARGEST_BATCH, batch_of
from cerebella.experiments.parameter_sweep.points import Point
from cerebella.experiments.parameter_sweep.swept import Swept
from cerebella.olive.engines.engines import ENGINES
from cerebella.olive.partial_run import resumed_or_replaced
from cerebella.olive.recording_grammar import recording_from
from cerebella.olive.simulate import request_of, simulate_olive
from cerebella.olive.simulate_batch import simulate_olive_batch
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.purkinje.recordings import plan_recordings
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.stimulation import injection_of
from cerebella.runs.engines import engine_of
from cerebella.runs.request import validated
from cerebella.stimuli.request import as_mappings
from cerebella.stimuli.stimulus import Stimulus
from cerebella.sweeps.task import Job, Task

_LONGEST_NAME = 120
"""Characters of the name of a run, whose folder's name is longer by its key."""

_LOOP_S_PER_MS = 5e-5
"""Upper estimate of the duration of a loop in s for each simulated ms (docs/performance.md)."""


def tasks_of(
    point: Point,
    model: SyncModel | None,
    *,
    engines: Mapping[str, str],
    ranks: int = 1,
    keep_calcium: bool = False,
    probes: Sequence[str] = (),
    stimuli: Sequence[Stimulus] = (),
    batch: int = LARGEST_BATCH,
) -> list[Task]:
    """Return the tasks of a combination of values; the last makes the run that is measured.

    Parameters
    ----------
    point : Point
        The combination.
    model : SyncModel or None
        The circuit; None for the loop, which has none.
    engines : mapping of str to str
        Name of the engine of each level.
    ranks : int
        MPI processes of each network.
    keep_calcium : bool
        Keep the calcium of every compartment.
    probes : sequence of str
        Probes of the Purkinje cell, or what is recorded of the loop; its default if empty.
    stimuli : sequence of Stimulus
        Stimuli of the Purkinje cell.
    batch : int
        Largest number of loops at once on a card.
    """
    if model is None:
        return [_loop_task(point, engines["olive"], probes, batch)]
    parameters, changes = point.parameters, point.changes
    if isinstance(parameters, CortexParameters):
        mli = parameters.mli
        network_changes = {
            target: value for target, value in changes.items() if not _is_of_cell(target)
        }
    else:
        assert isinstance(parameters, MLIParameters)
        mli, network_changes = parameters, changes
    network = driving_network_task(
        _name("mli", network_changes),
        model,
        mli,
        point.arguments,
        engine=engines["mli"],
        ranks=ranks,
    )
    if not isinstance(parameters, CortexParameters):
        return [network]
    cell = driven_cell_task(
        _name("pc", changes),
        model,
        network,
        parameters.purkinje,
        engine=engines["purkinje"],
        keep_calcium=keep_calcium,
        probes=probes,
        stimuli=as_mappings(tuple(stimuli)),
    )
    return [network, cell]


def check_cell(
    kind: Swept, circuit: SyncModel | None, probes: list[str], stimuli: tuple[Stimulus, ...]
) -> None:
    """Raise InputError for probes and stimuli that the Purkinje cell or the loop does not have."""
    is_loop = "olive" in kind.levels
    if is_loop and probes:
        recording_from(probes)
    for name, given in (("record", [] if is_loop else probes), ("stimuli", stimuli)):
        if given and "purkinje" not in kind.levels:
            raise InputError(f"{kind.name} takes no `{name}`", remedy="Omit it, or sweep purkinje")
    if circuit is not None and (probes or stimuli):
        asked = {
            "parameters": circuit.purkinje,
            "duration_ms": circuit.duration_ms,
            "record": ("soma_v", *probes),
            "stimuli": stimuli,
        }
        request = validated(PurkinjeRequest, asked)
        injection_of(request, circuit.morphology)
        plan_recordings(request, circuit.morphology)


def run_loops(jobs: Sequence[Job]) -> None:
    """Simulate loops at once on a card, or resume interrupted runs of them; see `Batch`."""
    simulate_olive_batch(
        [(path, request_of(**_arguments_of(settings))) for path, settings, _ in jobs]
    )


def run_loop(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate the loop, or resume an interrupted run of it; see `RunTask`."""
    name, arguments = settings["engine"], _arguments_of(settings)
    threads = 1 if name == Numba.name else None
    simulate_olive(
        **arguments,
        out=path,
        **resumed_or_replaced(path, request_of(**arguments)),
        engine=engine_of(name, ENGINES, threads=threads),
        progress=False,
    )


def _arguments_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of `simulate_olive` for a task."""
    fixed = {"parameters": settings["parameters"], "record": settings.get("record")}
    return fixed | settings["arguments"]


def _loop_task(point: Point, engine: str, record: Sequence[str], batch: int) -> Task:
    duration_ms = point.arguments["duration_ms"]
    return Task(
        _name("olive", point.changes),
        "swept-loop",
        run_loop,
        {
            "parameters": point.parameters.model_dump(mode="json"),
            "arguments": point.arguments,
            **({"record": list(record)} if record else {}),
        },
        weight=duration_ms,
        labels={"engine": engine},
        seconds=_LOOP_S_PER_MS * duration_ms,
        batch=batch_of(engine, run_loops, batch),
    )


def _is_of_cell(target: str) -> bool:
    return target.startswith("purkinje.")


def _name(level: str, changes: Mapping[str, Any]) -> str:
    """Return a name that tells what differs from the base, and is a name of a folder.

    It does not depend on what else a sweep varies, so that finished runs are found when variables
    are added.
    """
    parts = [f"{target}={json.dumps(value)}" for target, value in sorted(changes.items())]
    name = re.sub(r"[^\w.+=-]", "_", "_".join([level, *parts]))
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"
