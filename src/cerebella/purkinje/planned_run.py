"""Plan of a run of the Purkinje cell: validated arguments, synapses and their events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cerebella.errors import InputError
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.network.network import Network
from cerebella.neuron_backend.own_mechanisms import (
    Mechanisms,
    OwnMechanisms,
    read_mechanisms,
)
from cerebella.parameters.purkinje_cell import DENSITIES
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.shortcuts import apply_shortcuts
from cerebella.purkinje.cell_size import SizeFactors, compute_size_factors, scale_connections
from cerebella.purkinje.engines import ENGINES
from cerebella.purkinje.pf_table import read_pf_table
from cerebella.purkinje.placement import Placement, place_synapses
from cerebella.purkinje.presynaptic_network import PresynapticNetwork
from cerebella.purkinje.recordings import Recording, plan_recordings
from cerebella.purkinje.request import PurkinjeRequest
from cerebella.purkinje.shortcuts import SHORTCUTS
from cerebella.purkinje.stimulation import injection_of, volleys_of
from cerebella.purkinje.synaptic_events import SynapticEvents, collect_events, network_cells
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.engines import AUTO, Engine
from cerebella.runs.mechanisms import engine_for, parameters_with
from cerebella.runs.request import validated
from cerebella.runs.run import Run
from cerebella.stimuli.grammar import Stimulation, stimuli_from

PUBLISHED_DURATION_MS = 299.0


class PlannedRun(NamedTuple):
    """A run with everything that its integration requires; see `simulate_purkinje`."""

    request: PurkinjeRequest
    engine: Engine
    own: OwnMechanisms
    source: PresynapticNetwork
    morphology: Morphology
    pf_table: Path | str | None
    replay_published: bool
    recordings: list[Recording]
    placement: Placement
    size: SizeFactors
    events: SynapticEvents


def plan_run(
    spikes: Run | SpikeTrains,
    *,
    network: Network | Mapping[str, int] | None = None,
    morphology: Morphology | None = None,
    pf_table: Path | str | None = None,
    duration_ms: float | None = None,
    seed: int = 0,
    trial: int | None = None,
    stimuli: Stimulation | Iterable[Stimulation] = (),
    record: Iterable[str] = ("soma_v", "calcium"),
    record_dt_ms: float = 0.1,
    engine: Engine | str = AUTO,
    parameters: PurkinjeParameters | Mapping[str, Any] | None = None,
    mechanisms: Mechanisms = None,
    replay_published: bool = False,
    **shortcuts: Any,
) -> PlannedRun:
    """Validate the arguments of `simulate_purkinje`, and draw the synapses and their events."""
    own = read_mechanisms(mechanisms)
    chosen = engine_for(engine, ENGINES, own)
    source = PresynapticNetwork.of(spikes, network)
    if duration_ms is None:
        whole = source.spikes.duration_ms
        duration_ms = min(whole, PUBLISHED_DURATION_MS) if replay_published else whole
    of_spikes = source.condition.trial
    model = parameters_with(PurkinjeParameters, parameters, own, DENSITIES)
    request = validated(
        PurkinjeRequest,
        {
            "parameters": apply_shortcuts(model, SHORTCUTS, shortcuts),
            "duration_ms": duration_ms,
            "trial": (1 if of_spikes is None else of_spikes) if trial is None else trial,
            "seed": seed,
            "engine": chosen.name,
            "record": tuple(dict.fromkeys([record] if isinstance(record, str) else record)),
            "record_dt_ms": record_dt_ms,
            "stimuli": stimuli_from(stimuli),
            "mechanisms": own.texts,
        },
    )
    _check(source, request)
    morphology = morphology or load_default_morphology()
    injection_of(request, morphology)  # refuses places that the cell does not have
    recordings = plan_recordings(request, morphology)
    drawn = draw_synapses(
        morphology, request, source, pf_table=pf_table, published_streams=replay_published
    )
    of_run = (request, chosen, own, source, morphology, pf_table, replay_published)
    return PlannedRun(*of_run, recordings, *drawn)


def draw_synapses(
    morphology: Morphology,
    request: PurkinjeRequest,
    source: PresynapticNetwork,
    *,
    pf_table: Path | str | None = None,
    published_streams: bool = False,
) -> tuple[Placement, SizeFactors, SynapticEvents]:
    """Place the synapses of a run and collect their events; see `simulate_purkinje`."""
    placement = _place(morphology, request, source, pf_table, published_streams)
    connections = request.parameters.connections
    size = compute_size_factors(compute_compartments(morphology), connections)
    of_cell = {"connections": scale_connections(connections, size)}
    events = collect_events(
        placement,
        source.spikes,
        source.cell_counts,
        request.parameters.model_copy(update=of_cell),
        duration_ms=request.duration_ms,
        trial=request.trial,
        seed=request.seed,
        stimuli=request.stimuli,
        pf_volleys=volleys_of(request, morphology, placement),
        published_streams=published_streams,
    )
    return placement, size, events


def _check(source: PresynapticNetwork, request: PurkinjeRequest) -> None:
    """Raise InputError for an invalid duration."""
    if request.duration_ms > source.spikes.duration_ms + 1:
        raise InputError(
            f"`duration_ms` is {request.duration_ms:g}, but the spikes end at "
            f"{source.spikes.duration_ms:g} ms",
            remedy="Simulate the network for a longer time first",
        )


def _place(
    morphology: Morphology,
    request: PurkinjeRequest,
    source: PresynapticNetwork,
    pf_table: Path | str | None,
    replay_published: bool,
) -> Placement:
    connections = request.parameters.connections
    _, _, shared_pf = network_cells(source.cell_counts)
    placement = place_synapses(
        morphology,
        connections,
        n_network_pf=len(shared_pf),
        seed=request.seed,
        published_streams=replay_published,
    )
    if pf_table is None:
        return placement
    compartment, shared = read_pf_table(pf_table, morphology, connections)
    if shared.max() >= len(shared_pf):
        raise InputError(
            f"shares {int(shared.max()) + 1} contacts with the network, which has only "
            f"{len(shared_pf)} fibers that contact Purkinje cells",
            file=pf_table,
            column="pf_index",
            remedy="Give the table of this network",
        )
    return Placement(compartment, shared, placement.mli_compartment, placement.cf_compartment)
