"""Sessions of delay eyelid conditioning, and their controls, as runs of a sweep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError, SimulationError
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.identity import model_identity
from cerebella.olive.partial_run import resumed_or_replaced
from cerebella.olive.perturbations import SHUFFLED, Perturbation
from cerebella.olive.recording import OliveRecording
from cerebella.olive.simulate import request_of, simulate_olive
from cerebella.olive.stimulation.trials import US, TrialBlock, TrialSession
from cerebella.parameters.olive_presets import OLIVE_PRESETS, olive_preset
from cerebella.parameters.olive_simulation import OliveParameters, PlasticityParameters
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

EXPERIMENT = "eyelid"
ENGINES = {"olive": Numba.name}
PRESET = "conditioning"

MF_PLASTICITY = "mf-plasticity"
Control = Literal["none", "unpaired", "no-plasticity", "yoked-dcn-io", "shuffled", "mf-plasticity"]
CONTROLS: tuple[Control, ...] = ("unpaired", "no-plasticity", "yoked-dcn-io", "shuffled")

TRAINED, UNTRAINED = (0, 1, 2, 3), (4, 5, 6, 7)
"""Zones with and without US."""

N_GROUPS = 23
"""Groups of neighboring PFs whose weights are measured."""

_BLANK, _NAIVE, _SHUFFLED, _PROBE_EVERY = 15, 10, 20, 10
_STEP_MS = 1.0
_BALANCE_WEIGHT = 0.345  # of the preset, so that settling takes seconds
_LOOP_S_PER_MS = 5e-5


@dataclass(frozen=True)
class EyelidCase:
    """A session of the experiment.

    Attributes
    ----------
    isi_ms : float
        Interval from the onset of the CS to that of the US in ms.
    control : str
        ``"none"`` for conditioning, ``"mf-plasticity"`` for conditioning with plastic MF→DCN
        synapses, or a name of `CONTROLS`.
    learning_rate : float
        Factor of both steps of plasticity.
    acquisition, extinction, reacquisition : int
        Number of trials; controls have no extinction and no reacquisition.
    """

    isi_ms: float = 500.0
    control: Control = "none"
    learning_rate: float = 1.0
    acquisition: int = 150
    extinction: int = 60
    reacquisition: int = 60

    @property
    def name(self) -> str:
        """Name of the case in tables and of its folders."""
        kind = "conditioning" if self.control == "none" else self.control
        rate = "" if self.learning_rate == 1 else f"_rate{self.learning_rate:g}"
        return f"{kind}_{self.isi_ms:g}ms{rate}"

    @property
    def parameters(self) -> OliveParameters:
        """The loop with the preset conditioning."""
        default = PlasticityParameters()
        plasticity = {
            "ltp": default.ltp * self.learning_rate,
            "ltd": default.ltd * self.learning_rate,
            "initial_weight": _BALANCE_WEIGHT,
        }
        changes: dict[str, Any] = {"time_step_ms": _STEP_MS, "plasticity": plasticity}
        if self.control == MF_PLASTICITY:
            changes["mf_plasticity"] = {"rule": "purkinje-gated"}
        return olive_preset(PRESET, changes)

    def session(self, seed: int) -> TrialSession:
        """Return the session of a seed."""
        unpaired = self.control == "unpaired"
        after = {"extinction": self.extinction, "reacquisition": self.reacquisition}
        if self.control not in ("none", MF_PLASTICITY):
            after = {"shuffled": _SHUFFLED} if self.control == "shuffled" else {}
        blocks = [
            TrialBlock(name="blank", kind="blank", n_trials=_BLANK),
            TrialBlock(name="naive", kind="CS alone", n_trials=_NAIVE),
            TrialBlock(
                name="acquisition",
                kind="unpaired" if unpaired else "paired",
                n_trials=self.acquisition,
                probe_every=_PROBE_EVERY,
                yoked=self.control == "yoked-dcn-io",
            ),
            *(
                TrialBlock(
                    name=name,
                    kind="paired" if name == "reacquisition" else "CS alone",
                    n_trials=n_trials,
                    probe_every=_PROBE_EVERY if name == "reacquisition" else 0,
                )
                for name, n_trials in after.items()
                if n_trials
            ),
        ]
        return TrialSession(
            blocks=tuple(blocks),
            us=US(delay_ms=self.isi_ms, zones=TRAINED),
            trial_ms=3500.0 if unpaired else 2500.0,
            seed=seed,
        )

    def perturbations(self, session: TrialSession) -> list[Perturbation]:
        """Return the changes of a control."""
        if self.control == "no-plasticity":
            return [Perturbation(session.settling_ms, "plasticity", "=", value=False)]
        if self.control == "shuffled":
            start_ms = next(one.start_ms for one in session.trials if one.block == "shuffled")
            return [
                Perturbation(start_ms, "weights", "=", SHUFFLED),
                Perturbation(start_ms, "plasticity", "=", value=False),
            ]
        return []


@dataclass(frozen=True, eq=False)
class EyelidRun:
    """A finished session.

    Attributes
    ----------
    case : EyelidCase
        The case.
    seed : int
        Its seed.
    run : Run
        The run.
    """

    case: EyelidCase
    seed: int
    run: Run

    @cached_property
    def session(self) -> TrialSession:
        """Its session."""
        return self.case.session(self.seed)


def eyelid_cases(
    isi_ms: Iterable[float] = (250.0, 500.0, 750.0),
    controls: Iterable[str] = CONTROLS,
    learning_rate: float = 1.0,
    *,
    mf_plasticity: bool = False,
    **n_trials: int,
) -> list[EyelidCase]:
    """Return a session for each interval, and each control at one of the intervals.

    Parameters
    ----------
    isi_ms : iterable of float
        Intervals from CS to US in ms.
    controls : iterable of str
        Names of `CONTROLS`, at 500 ms if it is one of the intervals, and at the first otherwise.
    learning_rate : float
        Factor of both steps of plasticity of PF→PC.
    mf_plasticity : bool
        Whether there is also a session with plastic MF→DCN synapses, at the interval of controls.
    **n_trials
        ``acquisition``, ``extinction`` and ``reacquisition``: number of trials.

    Returns
    -------
    list of EyelidCase

    Raises
    ------
    InputError
        A control is unknown, or a value is out of range.
    """
    intervals = list(dict.fromkeys(isi_ms))
    if not 0 < learning_rate <= 100:
        raise InputError(f"learning rate {learning_rate:g} is not above 0 and at most 100")
    if not intervals:
        raise InputError("there is no interval from CS to US", remedy="Give one, such as 500 ms")
    for isi in intervals:
        check_interval(isi)
    unknown = [
        name for name in n_trials if name not in ("acquisition", "extinction", "reacquisition")
    ]
    if unknown or any(n < 0 for n in n_trials.values()) or n_trials.get("acquisition", 50) < 50:
        raise InputError(
            f"trials {n_trials} cannot be used",
            remedy="Give acquisition (50 trials or more), extinction and reacquisition",
        )
    cases = [EyelidCase(isi, "none", learning_rate, **n_trials) for isi in intervals]
    at = 500.0 if 500.0 in intervals else intervals[0]
    for control in dict.fromkeys(controls):
        if control not in CONTROLS:
            raise InputError(
                f"control {control!r} is unknown", remedy=f"Choose from {', '.join(CONTROLS)}"
            )
        cases.append(EyelidCase(at, control, learning_rate, **n_trials))
    if mf_plasticity:
        cases.append(EyelidCase(at, MF_PLASTICITY, learning_rate, **n_trials))
    return cases


def check_interval(isi_ms: float) -> None:
    """Raise InputError unless an interval from CS to US can be used."""
    if not 100 <= isi_ms <= 1000:
        raise InputError(
            f"an interval of {isi_ms:g} ms from CS to US is out of range",
            remedy="Give intervals from 100 to 1000 ms, the duration of the CS",
        )


def run_eyelid(
    folder: Path | str,
    cases: Sequence[EyelidCase] | None = None,
    seeds: Iterable[int] = (1, 2, 3, 4, 5, 6),
    *,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> list[EyelidRun]:
    """Simulate every case with every seed; finished runs in `folder` are kept.

    Parameters
    ----------
    folder : Path or str
        Directory of the sweep, see `run_sweep`; interrupted runs are resumed.
    cases : sequence of EyelidCase, optional
        The cases; by default those of `eyelid_cases`.
    seeds : iterable of int
        Seeds of each case.
    executor : str or Executor
        As of `run_sweep`.
    announce : callable
        Called with a line before a compilation.
    **options
        Further options of `run_sweep`.

    Returns
    -------
    list of EyelidRun
        In the order of cases and seeds.

    Raises
    ------
    SimulationError
        A run failed twice; the others are kept.
    """
    cases, seeds = eyelid_cases() if cases is None else cases, list(seeds)
    tasks = {(case, seed): session_task(case, seed) for case in cases for seed in seeds}
    paths = task_paths(folder, [*tasks.values()])
    compile_engines(ENGINES, paths.values(), executor, announce)
    results = run_sweep(
        folder,
        tasks.values(),
        experiment=EXPERIMENT,
        settings={},
        identity=model_identity(ENGINES),
        executor=executor,
        **options,
    )
    for name, result in results.items():
        if result.error is not None:
            raise SimulationError(f"{name}: {result.error}")
    return [
        EyelidRun(case, seed, load_run(results[task.name].path))
        for (case, seed), task in tasks.items()
    ]


def session_task(case: EyelidCase, seed: int, basket_cells: Sequence[int] = ()) -> Task:
    """Return the task of a session, which also records the spikes of some basket cells."""
    duration_ms = case.session(seed).duration_ms
    recorded = {"basket_cells": list(basket_cells)} if basket_cells else {}
    return Task(
        f"{case.name}_seed{seed}",
        "eyelid-session",
        run_case,
        {"case": asdict(case), "seed": seed, "preset": OLIVE_PRESETS[PRESET], **recorded},
        weight=duration_ms,
        seconds=_LOOP_S_PER_MS * duration_ms,
    )


def run_case(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate a session with a seed, or resume an interrupted run; see `RunTask`."""
    case, seed = EyelidCase(**settings["case"]), settings["seed"]
    session = case.session(seed)
    simulate_session(
        path,
        case.parameters,
        session,
        case.perturbations(session),
        seed,
        settings.get("basket_cells", ()),
    )


def simulate_session(
    path: Path,
    parameters: OliveParameters,
    session: TrialSession,
    perturbations: Iterable[Perturbation],
    seed: int,
    basket_cells: Sequence[int] = (),
) -> Run:
    """Simulate a session with the recording that its measures require."""
    n_pc = parameters.circuit.sizes["PC"]
    arguments: dict[str, Any] = {
        "parameters": parameters,
        "duration_ms": session.duration_ms,
        "seed": seed,
        "stimuli": session.stimuli,
        "perturbations": perturbations,
        "record": OliveRecording(
            spikes={
                "IO": "all",
                "DCN": "all",
                "PC": tuple(range(0, n_pc, 4)),
                "BC": tuple(basket_cells) or "none",
            },
            voltages={},
            weights=0,
            weights_every_ms=2500.0,
            pf_groups=N_GROUPS,
        ),
    }
    return simulate_olive(
        **arguments,
        out=path,
        **resumed_or_replaced(path, request_of(**arguments)),
        engine=Numba(threads=1),
        progress=False,
    )
