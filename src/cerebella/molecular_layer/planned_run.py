"""Plan of a run of the molecular layer: validated arguments, and input spikes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cerebella.errors import InputError
from cerebella.molecular_layer.engines import choose_engine
from cerebella.molecular_layer.inputs import cf_spikes_of_level, draw_pf_spikes
from cerebella.molecular_layer.published_streams import check_replay
from cerebella.molecular_layer.recordings import ProbeRecording, plan_probes, with_probes
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.shortcuts import SHORTCUTS
from cerebella.molecular_layer.stimulation import apply_blocks, check_stimuli, clamping_of
from cerebella.network.cf_contacts import add_cf_contacts
from cerebella.network.network import Network
from cerebella.neuron_backend.launcher import ranks_of_launcher
from cerebella.neuron_backend.own_mechanisms import (
    Mechanisms,
    OwnMechanisms,
    read_mechanisms,
)
from cerebella.neuron_backend.ranks import check_ranks
from cerebella.parameters.mli_cell import DENSITIES
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.results.spikes import SpikeTrains, merge_spike_trains
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.mechanisms import parameters_with
from cerebella.runs.request import validated
from cerebella.stimuli.grammar import Stimulation, stimuli_from
from cerebella.stimuli.voltage_clamp import Clamping


class PlannedRun(NamedTuple):
    """A run with everything that its integration requires; see `simulate_mli`.

    The engine gets `acting` and `reaching`: the request with all that is recorded for probes and
    clamps, and input spikes without those that are blocked.
    """

    request: MLIRequest
    engine: Engine
    own: OwnMechanisms
    network: Network
    cf_sync: int | None
    inputs: SpikeTrains
    clamping: Clamping
    probes: list[ProbeRecording]
    acting: MLIRequest
    reaching: SpikeTrains


def plan_run(
    network: Network,
    *,
    cf_sync: int | None = None,
    cf_spikes: SpikeTrains | None = None,
    pf_spikes: SpikeTrains | None = None,
    duration_ms: float = 300.0,
    seed: int = 0,
    trial: int = 1,
    stimuli: Stimulation | Iterable[Stimulation] = (),
    record: Mapping[str, Iterable[Any]] | str | Iterable[str] | None = None,
    engine: Engine | str = AUTO,
    parameters: MLIParameters | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    replay_published: bool = False,
    published_ranks: int | None = None,
    **shortcuts: Any,
) -> PlannedRun:
    """Validate the arguments of `simulate_mli`, and draw the input spikes."""
    if not isinstance(network, Network):
        raise InputError(
            f"`network` is {network!r}, not a network",
            remedy="Use generate_network, or read tables with load_network",
        )
    own = read_mechanisms(mechanisms)
    chosen = choose_engine(engine, own)
    model = parameters_with(MLIParameters, parameters, own, DENSITIES)
    model = apply_shortcuts(model, SHORTCUTS, shortcuts)
    request = validated(
        MLIRequest,
        {
            "parameters": model,
            "duration_ms": duration_ms,
            "trial": trial,
            "seed": seed,
            "engine": chosen.name,
            **_recorded(record),
            "stimuli": stimuli_from(stimuli),
            "published_ranks": check_replay(replay_published, published_ranks, seed),
            "mechanisms": own.texts,
        },
    )
    network = add_cf_contacts(
        network, request.parameters.connections.cf_contacts_per_mli1, seed=request.seed
    )
    _check(network, request, chosen)
    inputs, cf_sync = _inputs(network, request, cf_sync, cf_spikes, pf_spikes)
    clamping, probes = clamping_of(request, network), plan_probes(request, network)
    acting, reaching = apply_blocks(request, network, inputs)
    acting = acting.model_copy(update={"record_v": (*request.record_v, *clamping.place.tolist())})
    acting = with_probes(acting, probes)
    of_run = (request, chosen, own, network, cf_sync, inputs, clamping, probes)
    return PlannedRun(*of_run, acting, reaching)


def _recorded(record: Mapping[str, Iterable[Any]] | str | Iterable[str] | None) -> dict[str, Any]:
    """Return the fields of a request that say what is recorded."""
    if not isinstance(record, Mapping):
        record = {"probes": (record,) if isinstance(record, str) else record or ()}
    unknown = [name for name in record if name not in ("v", "probes")]
    if unknown:
        raise InputError(
            f"`record` names {unknown[0]!r}, which is not recorded",
            remedy='Give probes, such as ["MLI1[3].v"], or {"v": gids}',
        )
    return {
        "record_v": tuple(record.get("v", ())),
        "probes": tuple(dict.fromkeys(record.get("probes", ()))),
    }


def _check(network: Network, request: MLIRequest, engine: Engine) -> None:
    """Raise InputError if the request does not match the network, the machine or the launch."""
    ranks, launched = getattr(engine, "ranks", 1), ranks_of_launcher()
    if launched > 1 and ranks not in (1, launched):
        raise InputError(
            f"{ranks} ranks were requested inside a launch of {launched}",
            remedy="Leave the number of ranks to mpiexec",
        )
    if launched == 1:
        check_ranks(ranks, oversubscribe=getattr(engine, "oversubscribe", False))
    n_mli = sum(network.population(name).n_cells for name in ("MLI1", "MLI2"))
    if n_mli == 0:
        raise InputError(f"network {network.name} has no MLI", remedy="Give a network with cells")
    check_stimuli(request, network)
    unknown = [gid for gid in request.record_v if not 0 <= gid < n_mli]
    if unknown:
        raise InputError(
            f"`record`: there is no MLI with gid {unknown[0]}",
            remedy=f"MLIs of this network have gids 0 to {n_mli - 1}",
        )


def _inputs(
    network: Network,
    request: MLIRequest,
    cf_sync: int | None,
    cf_spikes: SpikeTrains | None,
    pf_spikes: SpikeTrains | None,
) -> tuple[SpikeTrains, int | None]:
    """Return PF and CF spikes within the run, and the synchrony level if there is one."""
    duration_ms = request.duration_ms
    if cf_spikes is None:
        cf_sync = 8 if cf_sync is None else cf_sync
        cf_spikes = cf_spikes_of_level(network, cf_sync, duration_ms)
    elif cf_sync is not None:
        raise InputError("`cf_sync` and `cf_spikes` exclude each other", remedy="Give one of them")
    if pf_spikes is None:
        pf_spikes = draw_pf_spikes(
            network,
            request.parameters,
            duration_ms,
            request.seed,
            request.trial,
            published_streams=request.published_ranks is not None,
        )
    given = {"PF": pf_spikes, "CF": cf_spikes}
    return merge_spike_trains(
        [_of_population(network, name, spikes, duration_ms) for name, spikes in given.items()]
    ), cf_sync


def _of_population(
    network: Network, name: str, spikes: SpikeTrains, duration_ms: float
) -> SpikeTrains:
    """Return input spikes within the run.

    Raises
    ------
    InputError
        A spike belongs to another population.
    """
    population = network.population(name)
    outside = (spikes.gids < population.first_gid) | (
        spikes.gids >= population.first_gid + population.n_cells
    )
    if outside.any():
        raise InputError(
            f"gid {spikes.gids[outside][0]} is not a {name} of network {network.name}",
            remedy=f"Its {name}s have gids {population.first_gid} to {population.gids[-1]}"
            if population.n_cells
            else f"It has no {name}",
        )
    inside = (spikes.times_ms >= 0) & (spikes.times_ms <= duration_ms)
    return SpikeTrains(spikes.times_ms[inside], spikes.gids[inside], (population,), duration_ms)
