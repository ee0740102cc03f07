"""The runs of the experiment: networks, and all pairings of a cell in one trial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.analysis.dendritic_calcium import CALCIUM_WINDOW_MS, NM_PER_MM
from cerebella.analysis.pairing import ACTIVE, INHIBITED, Pairing
from cerebella.analysis.soma_spikes import (
    COMPLEX_SPIKE_WINDOW_MS,
    compute_complex_spike,
    window_around,
)
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.experiments.cf_synchrony.tasks import CELL_WEIGHT, SyncModel, network_task
from cerebella.experiments.many_cells import (
    CellsModel,
    identity_of,
    load_input_cell,
    save_arrays,
)
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.morphology.places import compartments_at
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.settings import set_values
from cerebella.purkinje.placement import place_synapses
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.runs.load import load_run
from cerebella.runs.run import Run
from cerebella.stimuli.stimulus import Stimulus
from cerebella.stimuli.synaptic import PFVolley, SynapticBlock
from cerebella.sweeps.task import Task

ASYNCHRONOUS = 0
"""Synchrony level of the other CFs."""

BEFORE_CF_MS, INTERVAL_MS = 50.0, 10.0
"""Time from the first pulse of the tetanus to the CF, and between pulses."""

INHIBITED_BEFORE_MS = 50.0
"""Time from the beginning of the inhibition of MLIs to the first pulse."""

SITE_UM = (100.0, 300.0)
"""Shortest and longest spiny dendrite of a site."""

_S_PER_MS = 0.01  # upper estimate of the duration in s for each simulated ms


class Placements(NamedTuple):
    """Placement of CF synapses and of MLI sites."""

    cf: str
    mli: str


def find_sites(morphology: Morphology, n_sites: int) -> list[str]:
    """Return sections that carry a site: branches with 100 to 300 µm of spiny dendrite.

    Parameters
    ----------
    morphology : Morphology
        The cell.
    n_sites : int
        Number of sites.

    Returns
    -------
    list of str
        Names of their first sections, evenly spaced in the order of path distance from the soma.
        A branch that is a part of another one of at most 300 µm is not a site.

    Raises
    ------
    InputError
        The cell has fewer such branches.

    Examples
    --------
    >>> from cerebella.experiments.disinhibition.tasks import find_sites
    >>> len(find_sites(cb.load_default_morphology(), 3))
    3
    """
    compartments = compute_compartments(morphology)
    is_spiny = morphology.regions == REGIONS.index("spiny")
    own_um = np.bincount(compartments.section, compartments.length_um, morphology.n_sections)
    carried_um = np.where(is_spiny, own_um, 0.0)
    for section in range(morphology.n_sections - 1, 0, -1):  # parents come first
        carried_um[morphology.parents[section]] += carried_um[section]
    shortest, longest = SITE_UM
    is_small = is_spiny & (carried_um <= longest)
    is_part = np.append(False, is_small[morphology.parents[1:]])
    roots = np.flatnonzero(is_small & ~is_part & (carried_um >= shortest))
    if not 0 < n_sites <= len(roots):
        raise InputError(
            f"{n_sites} sites, but {morphology.name} has {len(roots)} branches of "
            f"{shortest:g} to {longest:g} µm of spiny dendrite",
            remedy=f"Give 1 to {len(roots)}" if len(roots) else "Give another cell",
        )
    first = np.searchsorted(compartments.section, roots)
    roots = roots[np.argsort(compartments.path_distance_um[first], kind="stable")]
    chosen = (2 * np.arange(n_sites) + 1) * len(roots) // (2 * n_sites)
    return [morphology.section_names[root] for root in roots[chosen].tolist()]


def list_pairings(n_sites: int) -> list[Pairing]:
    """Return the stimuli of all simulations of a cell in one trial."""
    pairings = []
    for mli, numbers in ((ACTIVE, (3,)), (INHIBITED, (3, 9))):
        pairings += [Pairing(mli, 0, cf, None) for cf in (False, True)]
        pairings += [
            Pairing(mli, n_pulses, cf, site)
            for site in range(n_sites)
            for n_pulses in numbers
            for cf in (False, True)
        ]
    return pairings


def count_contacts(
    cell: Morphology, sites: Sequence[str], parameters: PurkinjeParameters, seed: int
) -> list[int]:
    """Return the number of PF contacts of each site."""
    placement = place_synapses(cell, parameters.connections, n_network_pf=0, seed=seed)
    places = (compartments_at(f"{site}+", cell) for site in sites)
    return [int(np.isin(placement.pf_compartment, place).sum()) for place in places]


def pairing_stimuli(
    pairing: Pairing, sites: Sequence[str], n_contacts: Sequence[int], cf_time_ms: float
) -> list[Stimulus]:
    """Return the stimuli of a simulation.

    Parameters
    ----------
    pairing : Pairing
        Which ones.
    sites : sequence of str
        First sections of the sites.
    n_contacts : sequence of int
        PF contacts of a pulse, by site.
    cf_time_ms : float
        Time of the CF in ms.
    """
    begin_ms = cf_time_ms - BEFORE_CF_MS
    stimuli: list[Stimulus] = []
    if pairing.mli == INHIBITED:
        stimuli.append(SynapticBlock(("mli",), start_ms=begin_ms - INHIBITED_BEFORE_MS))
    if not pairing.cf:
        stimuli.append(SynapticBlock(("cf",)))
    if pairing.site is not None:
        times_ms = tuple((begin_ms + INTERVAL_MS * np.arange(pairing.n_pulses)).tolist())
        place, n = f"{sites[pairing.site]}+", n_contacts[pairing.site]
        stimuli.append(PFVolley(place, n, times_ms))
    return stimuli


def pairing_tasks(
    model: CellsModel,
    placements: Sequence[Placements],
    trials: Sequence[int],
    *,
    n_sites: int,
    n_contacts: int | None,
    engines: Mapping[str, str],
) -> list[Task]:
    """Return all tasks, by trial, so that early trials are complete."""
    layer = model.layer
    tasks = []
    sites = {cell.name: find_sites(cell, n_sites) for cell in model.cells}
    for trial in trials:
        network = network_task(layer, ASYNCHRONOUS, trial, engine=engines["mli"])
        tasks.append(network)
        for cell in model.cells:
            for one in placements:
                tasks.append(_task(layer, cell, one, trial, network, sites[cell.name], n_contacts))
    return tasks


def _task(
    layer: SyncModel,
    cell: Morphology,
    placements: Placements,
    trial: int,
    network: Task,
    sites: list[str],
    n_contacts: int | None,
) -> Task:
    parameters = set_values(
        layer.purkinje,
        [
            ("connections.cf_placement", placements.cf),
            ("connections.mli_placement", placements.mli),
        ],
    )
    n_runs = len(list_pairings(len(sites)))
    return Task(
        f"pairing_{cell.name}_cf-{placements.cf}_mli-{placements.mli}_trial{trial}",
        "pf-cf-pairing",
        run_pairings,
        {
            "cell": identity_of(cell),
            "parameters": parameters.model_dump(mode="json"),
            "seed": layer.seed,
            "sites": sites,
            "n_contacts": n_contacts,
        },
        after=(network.name,),
        weight=CELL_WEIGHT * n_runs,
        labels={"trial": trial},
        seconds=_S_PER_MS * n_runs * layer.duration_ms,
    )


def run_pairings(path: Path, settings: Mapping[str, Any], needed: Sequence[Path]) -> None:
    """Simulate all pairings of a cell in one trial; see `RunTask`."""
    cell = load_input_cell(path, settings)
    parameters = PurkinjeParameters.model_validate(settings["parameters"])
    cf_time_ms = parameters.connections.cf_time_ms
    assert cf_time_ms is not None
    network, sites, seed = load_run(needed[0]), settings["sites"], settings["seed"]
    n_contacts = count_contacts(cell, sites, parameters, seed)
    if settings["n_contacts"] is not None:
        n_contacts = [settings["n_contacts"]] * len(sites)
    calcium, spikelets = [], []
    for pairing in list_pairings(len(sites)):
        run = simulate_purkinje(
            network,
            morphology=cell,
            seed=seed,
            stimuli=pairing_stimuli(pairing, sites, n_contacts, cf_time_ms),
            engine=Numba(),
            parameters=parameters,
            progress=False,
        )
        spike = compute_complex_spike(run.traces["soma_v"], cf_time_ms)
        assert spike is not None
        spikelets.append(spike.n_spikelets)
        calcium.append(_spiny_calcium_nM(run, cell, cf_time_ms))
    arrays = {"calcium_nM": np.array(calcium), "n_spikelets": np.array(spikelets, float)}
    duration_ms = cf_time_ms + COMPLEX_SPIKE_WINDOW_MS[1]
    about = {"n_contacts": n_contacts}
    save_arrays(path, "pf-cf-pairing", settings, arrays, about, duration_ms=duration_ms)


def _spiny_calcium_nM(run: Run, cell: Morphology, cf_time_ms: float) -> npt.NDArray[np.float64]:
    """Return the mean calcium of each spiny compartment after the CF."""
    calcium = run.traces["calcium"]
    window_ms = np.array(window_around(cf_time_ms, CALCIUM_WINDOW_MS)) - 1e-6
    inside = slice(*np.searchsorted(calcium.times_ms, window_ms))
    spiny = compute_compartments(cell).of("spiny")
    return calcium.values[inside, spiny].mean(axis=0, dtype=np.float64) * NM_PER_MM


def site_weights(cell: Morphology, sites: Sequence[str]) -> list[npt.NDArray[np.float64]]:
    """Return the share of each spiny compartment in the membrane of each site."""
    compartments = compute_compartments(cell)
    spiny = compartments.of("spiny")
    weights = []
    for site in sites:
        inside = np.isin(spiny, compartments_at(f"{site}+", cell))
        area = np.where(inside, compartments.area_um2[spiny], 0.0)
        weights.append(area / area.sum())
    return weights
