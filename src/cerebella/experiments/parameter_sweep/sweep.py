"""`sweep`: simulate a level for any values of its parameters, and measure each run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cerebella.analysis.cf_response import DIP_MS
from cerebella.analysis.sweep_statistics import summarize_sweep
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import SyncModel
from cerebella.experiments.compilation import compile_engines
from cerebella.experiments.configuration import CortexParameters
from cerebella.experiments.engines import choose_engines
from cerebella.experiments.identity import model_identity
from cerebella.experiments.loops import LARGEST_BATCH, engine_of_loops, workers_of
from cerebella.experiments.parameter_sweep.measuring import (
    MeasureFunction,
    collect_table,
    read_measures,
)
from cerebella.experiments.parameter_sweep.points import (
    Base,
    Point,
    check_arguments,
    combine,
    read_variations,
)
from cerebella.experiments.parameter_sweep.swept import LEVEL, Swept, parameters_of, swept_of
from cerebella.experiments.parameter_sweep.tasks import check_cell, tasks_of
from cerebella.experiments.tables import check_parquet, save_table
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.network.generate import generate_network
from cerebella.network.network import Network
from cerebella.neuron_backend.own_mechanisms import (
    Mechanisms,
    OwnMechanisms,
    read_mechanisms,
)
from cerebella.neuron_backend.ranks import check_ranks
from cerebella.olive.perturbation_grammar import Perturbed, perturbations_from
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.own_mechanisms import uses_mechanisms
from cerebella.parameters.quantity import Parameters
from cerebella.parameters.settings import parameters_from
from cerebella.results.html_table import frame_as_html
from cerebella.runs.engines import AUTO
from cerebella.runs.level import level_of, resolve
from cerebella.runs.mechanisms import describe_choice, engine_for
from cerebella.stimuli.grammar import Stimulation, stimuli_from
from cerebella.sweeps.executors import ExecutorName
from cerebella.sweeps.sweep import run_sweep
from cerebella.sweeps.task import Task, task_paths

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "sweep"
TABLE_FILE, SUMMARY_FILE = "sweep.csv", "summary.csv"
_LEVELS = (0, 8)
"""Levels of synchrony that are compared unless levels are given."""


class SweepResult(NamedTuple):
    """Results of a sweep.

    Attributes
    ----------
    table : pandas.DataFrame
        One row for each run and measure: the varied parameters, ``measure``, ``value``, ``run``
        (its folder) and ``error``, the message of a failed run, else "".
    summary : pandas.DataFrame
        See `summarize_sweep`.
    variables : tuple of str
        Names of the varied parameters.
    labels : dict of str to str
        {measure: label}.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"seed": [1, 2], "run": ["a", "b"], "error": ["", "out of memory"]})
    >>> cb.SweepResult(table, pd.DataFrame(), ("seed",), {}).failed["run"].tolist()
    ['b']
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    variables: tuple[str, ...]
    labels: dict[str, str]

    @property
    def failed(self) -> pd.DataFrame:
        """One row for each failed run, with its error."""
        rows = self.table.loc[self.table["error"] != ""]
        return rows.drop_duplicates("run")

    def _repr_html_(self) -> str:
        return frame_as_html(
            f"Sweep: {self.table['run'].nunique():,} runs, {len(self.failed):,} failed",
            self.summary,
        )


def sweep(
    folder: Path | str,
    swept: str,
    vary: Mapping[str, Iterable[Any] | str],
    *,
    zip: bool = False,
    measures: Iterable[str | MeasureFunction] | None = None,
    network: Network | None = None,
    morphology: Morphology | None = None,
    parameters: Parameters | Mapping[str, Any] | None = None,
    duration_ms: float | None = None,
    seed: int = 0,
    trial: int = 1,
    cf_sync: int | None = None,
    perturbations: Perturbed | Iterable[Perturbed] = (),
    stimuli: Stimulation | Iterable[Stimulation] = (),
    record: Iterable[str] = (),
    mechanisms: Mechanisms = None,
    keep_calcium: bool = False,
    parquet: bool = False,
    engine: str = AUTO,
    batch: int = LARGEST_BATCH,
    ranks: int = 1,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> SweepResult:
    """Simulate all combinations of values of any parameters; finished runs are kept.

    Tables go to ``sweep.csv`` and ``summary.csv`` in `folder`. More values, parameters and measures
    can be added later: the same folder then gets the runs that it lacks.

    Parameters
    ----------
    folder : Path or str
        The sweep's directory, see `run_sweep`.
    swept : str
        ``"mli"``, ``"purkinje"`` (a cell driven by a network), ``"olive"``, or ``"cf-synchrony"``
        (a cell driven by a network at levels of synchrony, which are compared).
    vary : mapping of str to iterable or str
        Values by name, such as ``{"connections.pf_rate_Hz": [2, 4, 8], "seed": "1-5"}``: a
        parameter by its path, a shortcut such as ``"w2_pS"``, or ``"seed"``, ``"trial"``,
        ``"duration_ms"`` or ``"cf_sync"``. Parameters of ``"purkinje"`` and ``"cf-synchrony"`` are
        in sections, as ``"purkinje.connections.cf_scale"`` and ``"mli.connections.pf_rate_Hz"``.
        Text is read as on the command line.
    zip : bool
        Pair the values of all parameters, instead of all combinations.
    measures : iterable of str or callable, optional
        Names of measures, and functions that return a number or ``{name: number}`` for a `Run`. By
        default all measures of what is swept. Functions are called in this process, with finished
        runs.
    network : Network, optional
        The network of all runs; by default generated with `seed`.
    morphology : Morphology, optional
        The Purkinje cell; by default the default cell.
    parameters : Parameters or mapping, optional
        Parameters that are not varied, where they differ from their defaults.
    duration_ms : float, optional
        Simulated time of each run; by default 300 ms, and 60 s of the loop.
    seed, trial : int
        Seed and trial of all runs.
    cf_sync : int, optional
        Synchrony level of the climbing fibers, by default 8. For ``"cf-synchrony"``, levels 0 and
        8 are compared, or those of `vary`.
    perturbations : Perturbation, mapping, str, or iterable of these
        Changes during each run of the loop; see `simulate_olive`.
    stimuli : Stimulus, mapping, str or iterable of these
        Stimuli of the Purkinje cell in all runs; see `simulate_purkinje`.
    record : iterable of str
        Probes of the Purkinje cell that are kept for measures of the user, such as
        ``"spiny[150um].v"``; see docs/probes.md. Of the loop, what is recorded, such as
        ``"PC=16"``; see docs/olive.md.
    mechanisms : Path, str or mapping of str to str, optional
        NMODL files of the user, see `simulate_purkinje`; for the levels whose parameters use them.
    keep_calcium : bool
        Keep the calcium of every compartment, 30 MB per run, instead of its mean and peaks.
    parquet : bool
        Also write the table as ``sweep.parquet``.
    engine : str
        Name of the engine of all levels; see `sweep_cf_synchrony` and `simulate_olive_ensemble`.
    batch : int
        Largest number of loops at once on a card.
    ranks : int
        MPI processes of each network.
    executor
        See `run_sweep`.
    announce : callable
        Called with a line before a compilation.
    **options
        ``workers``, ``scheduler``, ``slurm``, ``detach``, ``accept_mixture`` and ``on_progress`` of
        `run_sweep`.

    Returns
    -------
    SweepResult
        Tables of runs and of combinations.

    Raises
    ------
    InputError
        A name or value cannot be used, or a measure fails; see also `run_sweep`.
    MachineError, SimulationError
        See `run_sweep`.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> def first_spike_ms(run):
    ...     return run.of("MLI1").times_ms.min()
    >>> with ThreadPoolExecutor(2) as threads:
    ...     result = cb.sweep(
    ...         "out",
    ...         "mli",
    ...         {"connections.pf_rate_Hz": [2, 8], "seed": [1, 2]},
    ...         measures=["MLI1_rate_Hz", first_spike_ms],
    ...         network=cb.generate_network(seed=1, scale=0.1),
    ...         duration_ms=50,
    ...         executor=threads,
    ...     )
    >>> len(result.table), result.summary["n"].tolist()
    (8, [2, 2, 2, 2])
    """
    kind = swept_of(swept)
    chosen = read_measures(kind, measures)
    if parquet:
        check_parquet()
    arguments = _arguments(kind, seed, trial, duration_ms, cf_sync, perturbations)
    own = read_mechanisms(mechanisms)
    model = parameters_from(kind.parameters, parameters, base=parameters_of(kind, own))
    base = Base(kind, model, check_arguments(kind, model, arguments))
    circuit = _circuit(base, network, morphology, own)
    points = combine(read_variations(kind, _with_levels(kind, vary), model), base, paired=zip)
    _check_points(kind, points, circuit)
    probes = [record] if isinstance(record, str) else list(record)
    of_cell = stimuli_from(stimuli)
    check_cell(kind, circuit, probes, of_cell)
    if executor == "processes":
        check_ranks(ranks)
    on_ranks = {level: ranks if level == "mli" else 1 for level in kind.levels}
    if isinstance(model, OliveParameters):
        engine = engine_of_loops(engine, model, len(points), executor, announce)
        options = workers_of(engine, executor, options)
    engines = choose_engines(engine, on_ranks, folder, announce)
    of_nmodl = _engines_of_nmodl(engine, on_ranks, points, own, announce)
    engines |= of_nmodl
    tasks: dict[str, Task] = {}
    names: list[str] = []
    for point in points:
        of_point = tasks_of(
            point,
            circuit,
            engines=engines,
            ranks=ranks,
            keep_calcium=keep_calcium,
            probes=probes,
            stimuli=of_cell,
            batch=batch,
        )
        tasks |= {task.name: task for task in of_point}
        names.append(of_point[-1].name)
    compiled = {level: name for level, name in engines.items() if level not in of_nmodl}
    compile_engines(compiled, task_paths(folder, [*tasks.values()]).values(), executor, announce)
    results = run_sweep(
        folder,
        tasks.values(),
        experiment=EXPERIMENT,
        settings=_settings(base, circuit),
        identity=model_identity(engines),
        executor=executor,
        prepare=circuit.save if circuit else lambda folder: None,
        **options,
    )
    variables = tuple(points[0].values)
    table, labels = collect_table(points, [results[name] for name in names], kind, chosen)
    result = SweepResult(table, summarize_sweep(table, variables), variables, labels)
    save_table(result.table, Path(folder) / TABLE_FILE, as_parquet=parquet)
    save_table(result.summary, Path(folder) / SUMMARY_FILE)
    return result


def _arguments(
    kind: Swept,
    seed: int,
    trial: int,
    duration_ms: float | None,
    cf_sync: int | None,
    perturbations: Perturbed | Iterable[Perturbed],
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "seed": seed,
        "trial": trial,
        "duration_ms": kind.duration_ms if duration_ms is None else duration_ms,
    }
    changes = perturbations_from(perturbations)
    if LEVEL in kind.arguments:
        if changes:
            raise InputError(
                f"{kind.name} takes no `perturbations`", remedy="Omit them, or sweep olive"
            )
        if kind.compares_levels and cf_sync is not None:
            raise InputError(
                f"{kind.name} compares levels of synchrony, and takes no `cf_sync`",
                remedy=f"Give the levels in `vary`, such as {LEVEL}=0,4,8",
            )
        return given | {LEVEL: 8 if cf_sync is None else cf_sync}
    if cf_sync is not None:
        raise InputError(f"{kind.name} takes no `cf_sync`", remedy="Omit it")
    return given | {"perturbations": changes}


def _with_levels(
    kind: Swept, vary: Mapping[str, Iterable[Any] | str]
) -> Mapping[str, Iterable[Any] | str]:
    levels_given = any(name in vary for name in (LEVEL, LEVEL.replace("_", "-")))
    return vary if levels_given or not kind.compares_levels else {**vary, LEVEL: _LEVELS}


def _circuit(
    base: Base, network: Network | None, morphology: Morphology | None, own: OwnMechanisms
) -> SyncModel | None:
    """Return network and cell with the base's parameters; None for the loop, which has none."""
    kind, parameters, arguments = base
    if "mli" not in kind.levels:
        for name, given in (("network", network), ("morphology", morphology)):
            if given is not None:
                raise InputError(f"{kind.name} takes no `{name}`", remedy="Omit it")
        return None
    if "purkinje" not in kind.levels and morphology is not None:
        raise InputError(f"{kind.name} takes no `morphology`", remedy="Omit it, or sweep purkinje")
    both = parameters if isinstance(parameters, CortexParameters) else None
    return SyncModel(
        network or generate_network(seed=arguments["seed"]),
        morphology or load_default_morphology(),
        both.mli if both else parameters,  # type: ignore[arg-type]
        *([both.purkinje] if both else []),
        duration_ms=arguments["duration_ms"],
        seed=arguments["seed"],
        mechanisms=own.texts,
    )


def _engines_of_nmodl(
    asked: str,
    ranks: Mapping[str, int],
    points: Sequence[Point],
    own: OwnMechanisms,
    announce: Callable[[str], None],
) -> dict[str, str]:
    """Return the engine of each level that runs mechanisms of the user."""
    chosen = {}
    for level, n_ranks in ranks.items() if own.described else ():
        of_level = [getattr(point.parameters, level, point.parameters) for point in points]
        if any(map(uses_mechanisms, of_level)):
            engines = resolve(level_of(level).engines)
            engine = engine_for(asked, engines, own, ranks=None if n_ranks == 1 else n_ranks)
            for line in describe_choice(engine, own):
                announce(line)
            chosen[level] = engine.name
    return chosen


def _settings(base: Base, circuit: SyncModel | None) -> dict[str, Any]:
    """Return what all runs of a folder share."""
    kind, parameters, arguments = base
    inputs = {} if circuit is None else circuit.settings
    shared = ("network", *(("morphology",) if "purkinje" in kind.levels else ()))
    return {
        "swept": kind.name,
        **{name: inputs[name] for name in shared if name in inputs},
        "parameters": parameters.model_dump(mode="json"),
        **arguments,
    }


def _check_points(kind: Swept, points: Sequence[Point], circuit: SyncModel | None) -> None:
    """Raise InputError for levels that the network lacks, and for runs too short to compare."""
    if circuit is None:
        return
    known = list(circuit.network.cf_times_ms)
    for point in points:
        level = point.arguments[LEVEL]
        if level not in known or isinstance(level, bool):
            raise InputError(
                f"network {circuit.network.name} has no synchrony level {level!r}",
                remedy=f"It has {', '.join(map(str, known))}",
            )
        duration_ms = point.arguments["duration_ms"]
        if kind.compares_levels and duration_ms < DIP_MS[1]:
            raise InputError(
                f"`duration_ms` is {duration_ms:g}, but the response of the network is measured "
                f"until {DIP_MS[1]:g} ms",
                remedy=f"Give {DIP_MS[1]:g} ms or more",
            )
