"""Calcium of parallel and climbing fibers together, with and without inhibition, in many cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from cerebella.analysis.level_statistics import TRIAL
from cerebella.analysis.pairing import measure_sites, summarize_pairing
from cerebella.errors import InputError
from cerebella.experiments.cf_strength.tasks import run_duration_ms
from cerebella.experiments.cf_synchrony.sweep import check_request
from cerebella.experiments.disinhibition.tasks import (
    ASYNCHRONOUS,
    BEFORE_CF_MS,
    INHIBITED_BEFORE_MS,
    Placements,
    list_pairings,
    pairing_tasks,
    run_pairings,
    site_weights,
)
from cerebella.experiments.many_cells import (
    ENGINES,
    check_cells,
    failures,
    load_arrays,
    model_of,
    run_cells,
)
from cerebella.experiments.tables import save_table
from cerebella.morphology.morphology import Morphology
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.purkinje_synapses import CFPlacement, MLIPlacement
from cerebella.sweeps.executors import ExecutorName

if TYPE_CHECKING:
    import pandas as pd

EXPERIMENT = "disinhibition"
CF_PLACEMENTS, MLI_PLACEMENTS = get_args(CFPlacement), get_args(MLIPlacement)
TRIALS = (1, 2)
SITES_FILE, SUMMARY_FILE = "sites.csv", "summary.csv"


class DisinhibitionResult(NamedTuple):
    """Results of the experiment.

    Attributes
    ----------
    sites : pandas.DataFrame
        One row for each cell, placement, trial and site: calcium in % of the linear sum, spikelets.
    summary : pandas.DataFrame
        See `summarize_pairing`.
    failed : dict of str to str
        {name of a failed run: error}.

    Examples
    --------
    >>> import pandas as pd
    >>> cb.DisinhibitionResult(pd.DataFrame(), pd.DataFrame(), failed={}).failed
    {}
    """

    sites: pd.DataFrame
    summary: pd.DataFrame
    failed: dict[str, str]


def sweep_disinhibition(
    folder: Path | str,
    cells: Iterable[Morphology],
    *,
    network: Network | None = None,
    cf_placements: Iterable[str] = CF_PLACEMENTS,
    mli_placements: Iterable[str] = MLI_PLACEMENTS,
    n_sites: int = 3,
    n_contacts: int | None = None,
    trials: Iterable[int] = TRIALS,
    seed: int = 0,
    parameters: PurkinjeParameters | None = None,
    network_parameters: MLIParameters | None = None,
    executor: ExecutorName | Executor = "processes",
    announce: Callable[[str], None] = lambda message: None,
    **options: Any,
) -> DisinhibitionResult:
    """Compare calcium of parallel (PF) and climbing fiber (CF) together with their linear sum.

    A tetanus of PFs onto a branch begins 50 ms before the CF. The cell is inhibited by the
    interneurons (MLI) of a network with asynchronous CFs, or not. Finished runs are kept: cells,
    placements and trials may be added.

    Parameters
    ----------
    folder : Path or str
        The sweep's directory, see `run_sweep`. Tables are written to it.
    cells : iterable of Morphology
        The cells, with different names.
    network : Network, optional
        The network; by default that of `generate_network`.
    cf_placements, mli_placements : iterable of str
        Placements of CF synapses and of MLI sites, in all combinations.
    n_sites : int
        Stimulated branches of each cell, see `find_sites`.
    n_contacts : int, optional
        PF contacts of a pulse; by default all of the branch.
    trials : iterable of int
        Trials in increasing order.
    seed : int
        Seed of all random streams.
    parameters : PurkinjeParameters, optional
        Parameters of the cells.
    network_parameters : MLIParameters, optional
        Parameters of the network.
    executor
        See `run_sweep`.
    announce : callable
        Called with a line before a compilation.
    **options
        ``workers``, ``scheduler``, ``slurm``, ``detach``, ``accept_mixture`` and ``on_progress`` of
        `run_sweep`.

    Returns
    -------
    DisinhibitionResult
        Tables.

    Raises
    ------
    InputError
        An argument is out of range; see also `run_sweep`.
    MachineError, SimulationError
        See `run_sweep`.

    Examples
    --------
    >>> cb.sweep_disinhibition("out", [cb.load_default_morphology()], n_sites=1000)
    Traceback (most recent call last):
    cerebella.errors.InputError: 1000 sites, but default has 44 branches of 100 to 300 µm of spiny
    dendrite. Give 1 to 44
    """
    import pandas as pd

    trials = list(trials)
    model = model_of(
        cells,
        network,
        parameters,
        network_parameters,
        duration_ms=run_duration_ms,
        seed=seed,
    )
    placements = _placements(list(cf_placements), list(mli_placements))
    check_request(model.layer, [ASYNCHRONOUS], trials)
    check_cells(model.cells)
    _check(model.layer.purkinje, n_contacts)
    tasks = pairing_tasks(
        model, placements, trials, n_sites=n_sites, n_contacts=n_contacts, engines=ENGINES
    )
    results = run_cells(
        folder,
        model,
        tasks,
        experiment=EXPERIMENT,
        executor=executor,
        announce=announce,
        **options,
    )
    by_name = {cell.name: cell for cell in model.cells}
    rows = []
    for task in tasks:
        result = results[task.name]
        if task.run is not run_pairings or result.error is not None:
            continue
        sites, connections = task.settings["sites"], task.settings["parameters"]["connections"]
        cell = by_name[task.settings["cell"]["name"]]
        measured = measure_sites(
            list_pairings(n_sites),
            **load_arrays(result.path),
            site_weights=site_weights(cell, sites),
        )
        named = {name: connections[name] for name in ("cf_placement", "mli_placement")}
        sections = [sites[site] for site in measured["site"]]
        rows.append(
            measured.assign(
                cell=cell.name, **named, **{TRIAL: task.labels["trial"]}, section=sections
            )
        )
    table = pd.concat(rows, ignore_index=True)
    failed = failures(results)
    result = DisinhibitionResult(table, summarize_pairing(table), failed)
    save_table(result.sites, Path(folder) / SITES_FILE)
    save_table(result.summary, Path(folder) / SUMMARY_FILE, as_json=True)
    return result


def _placements(cf: list[str], mli: list[str]) -> list[Placements]:
    """Return all combinations of placements."""
    for given, known, what in (
        (cf, CF_PLACEMENTS, "cf_placements"),
        (mli, MLI_PLACEMENTS, "mli_placements"),
    ):
        if not given or len(set(given)) < len(given) or not set(given) <= set(known):
            raise InputError(
                f"`{what}` is {', '.join(given) or 'empty'}",
                remedy=f"Give {' or '.join(known)}, or both",
            )
    return [Placements(of_cf, of_mli) for of_cf in cf for of_mli in mli]


def _check(parameters: PurkinjeParameters, n_contacts: int | None) -> None:
    """Raise InputError for stimuli that cannot be given."""
    if n_contacts is not None and n_contacts < 1:
        raise InputError(f"`n_contacts` is {n_contacts!r}", remedy="Give 1 or more")
    earliest_ms = BEFORE_CF_MS + INHIBITED_BEFORE_MS
    cf_time_ms = parameters.connections.cf_time_ms
    assert cf_time_ms is not None
    if cf_time_ms < earliest_ms:
        raise InputError(
            f"the climbing fiber fires at {cf_time_ms:g} ms, but MLIs are inhibited from "
            f"{earliest_ms:g} ms before it on",
            remedy=f"Give a cf_time_ms of {earliest_ms:g} or more",
        )
