"""The runs that join the trained loop and the detailed cell: sessions, and cells driven by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from cerebella.analysis.conditioning import US_WINDOW_MS
from cerebella.analysis.reduced_calcium import with_reduced_calcium
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.experiments.eyelid.cases import EyelidCase, check_interval, session_task
from cerebella.experiments.eyelid_to_purkinje.drive import (
    BEFORE_CS_MS,
    STAGES,
    ZONES,
    CellTrial,
    basket_cells,
    drive_of,
    duration_ms,
    paired_trials,
)
from cerebella.experiments.many_cells import identity_of, load_input_cell, save_input_cell
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.settings import apply_settings
from cerebella.purkinje.placement import place_synapses
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.stimuli.synaptic import CFSpikes
from cerebella.sweeps.task import Task

N_MLI1 = 208
"""MLI1s of the generated network of scale 1, which inhibit the default cell."""

_CALCIUM_EVERY_MS = 0.2
_WEIGHT_PER_MS = 250.0
"""Duration of a cell in the unit of sessions, for each ms."""

_CELL_S_PER_MS = 0.02
"""Upper estimate of the duration of a run in s for each simulated ms (docs/performance.md)."""


def _short_session() -> EyelidCase:
    return EyelidCase(extinction=0, reacquisition=0)


@dataclass(frozen=True, eq=False)
class ConditionedModel:
    """The session of the loop, and the detailed cell that it drives.

    Attributes
    ----------
    morphology : Morphology
        The Purkinje cell, by default `load_default_morphology()`.
    purkinje : PurkinjeParameters
        Its parameters. The rate of its parallel fibers is that which a contact transmits at rest
        before learning; all contacts are driven by the loop, and so is its climbing fiber.
    case : EyelidCase
        The session.
    n_mli1 : int
        Number of MLI1s, which fire as basket cells of the loop.
    seed : int
        Seed of the synapses of the cell.

    Examples
    --------
    >>> cb.ConditionedModel().case.isi_ms
    500.0
    """

    morphology: Morphology = field(default_factory=load_default_morphology)
    purkinje: PurkinjeParameters = field(default_factory=PurkinjeParameters)
    case: EyelidCase = field(default_factory=_short_session)
    n_mli1: int = N_MLI1
    seed: int = 0

    def __post_init__(self) -> None:
        check_interval(self.case.isi_ms)
        most = self.case.parameters.circuit.sizes["BC"]
        if not 1 <= self.n_mli1 <= most:
            raise InputError(
                f"`n_mli1` is {self.n_mli1}",
                remedy=f"Give 1 to {most}, the number of basket cells of the loop",
            )

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Settings that identify this model in messages and keys."""
        return {
            "cell": identity_of(self.morphology),
            "parameters": self.purkinje.model_dump(mode="json"),
            "case": asdict(self.case),
            "n_mli1": self.n_mli1,
            "seed": self.seed,
        }

    def save(self, folder: Path) -> None:
        """Write the cell to the inputs of the sweep in `folder`."""
        save_input_cell(folder, self.morphology)


def cell_trials(seeds: Iterable[int], n_trials: int) -> list[CellTrial]:
    """Return all trials of all sessions, by number, so that early numbers are complete."""
    return [
        CellTrial(seed, stage, zones, number)
        for number in range(1, n_trials + 1)
        for seed in seeds
        for zones in ZONES
        for stage in STAGES
    ]


def check_trials(case: EyelidCase, n_trials: int) -> None:
    """Raise InputError unless trials before and after learning are different ones."""
    available = len(paired_trials(case.session(0))) // 2
    if not 1 <= n_trials <= available:
        raise InputError(
            f"{n_trials} trials before and after learning cannot be taken from an acquisition of "
            f"{case.acquisition}",
            remedy=f"Give 1 to {available} trials, or a longer acquisition"
            if available
            else "Give an acquisition of 3 trials or more",
        )


def loop_task(model: ConditionedModel, seed: int) -> Task:
    """Return the task of a session."""
    n_bc = model.case.parameters.circuit.sizes["BC"]
    return session_task(model.case, seed, basket_cells(model.n_mli1, n_bc))


def cell_task(model: ConditionedModel, loop: Task, cell: CellTrial) -> Task:
    """Return the task of a cell in a trial of the session of a loop."""
    length_ms = duration_ms(model.case.session(cell.seed))
    return Task(
        f"pc_{model.case.isi_ms:g}ms_seed{cell.seed}_{cell.zones}_{cell.stage}_{cell.number}",
        "conditioned-purkinje-cell",
        run_conditioned_cell,
        {**model.settings, "trial": cell._asdict()},
        after=(loop.name,),
        weight=_WEIGHT_PER_MS * length_ms,
        seconds=_CELL_S_PER_MS * length_ms,
    )


def run_conditioned_cell(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate a cell in a trial of a session; see `RunTask`."""
    case, cell = EyelidCase(**settings["case"]), CellTrial(**settings["trial"])
    given = PurkinjeParameters.model_validate(settings["parameters"])
    parameters = apply_settings(given, ["connections.pf_shared_fraction=1"])
    morphology, session = load_input_cell(path, settings), case.session(cell.seed)
    connections, seed = parameters.connections, settings["seed"]
    placed = place_synapses(morphology, connections, n_network_pf=0, seed=seed)
    drive = drive_of(
        load_run(needed[0]),
        session,
        cell,
        n_contacts=len(placed.pf_compartment),
        n_mli1=settings["n_mli1"],
        transmitted_Hz=connections.pf_rate_Hz,
    )
    simulation = simulate_purkinje(
        drive.spikes,
        network=drive.cell_counts,
        morphology=morphology,
        trial=cell.number,
        seed=seed,
        stimuli=[CFSpikes(drive.cf_times_ms)],
        record=("soma_v", "calcium"),
        record_dt_ms=_CALCIUM_EVERY_MS,
        engine=Numba.name,
        parameters=parameters,
        progress=False,
    )
    evoked_ms = evoked_cf_ms(drive.cf_times_ms, case.isi_ms)
    reduced = with_reduced_calcium(simulation, evoked_ms)
    of_loop = {"run": needed[0].name, "trial": cell._asdict(), "cf_times_ms": drive.cf_times_ms}
    reduced.replace(manifest={**reduced.manifest, "conditioning": of_loop}).save(path)


def evoked_cf_ms(cf_times_ms: Sequence[float], isi_ms: float) -> float | None:
    """Return the time of the first CF spike within 60 ms of the onset of the US, if any."""
    us_ms = BEFORE_CS_MS + isi_ms
    inside = [one for one in cf_times_ms if us_ms <= one < us_ms + US_WINDOW_MS]
    return min(inside, default=None)


def cf_times_of(run: Run) -> np.ndarray:
    """Return the CF spikes of the run of a cell."""
    return np.array(run.manifest["conditioning"]["cf_times_ms"], dtype=np.float64)
