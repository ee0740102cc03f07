"""Stimuli of the molecular layer: their cells and their currents."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.molecular_layer import places
from cerebella.molecular_layer.request import MLIRequest
from cerebella.molecular_layer.wiring import input_delays_ms
from cerebella.network.network import Network
from cerebella.randomness import Purpose
from cerebella.results.spikes import SpikeTrains
from cerebella.stimuli.injection import Injection, inject
from cerebella.stimuli.stimulus import PlacedStimulus
from cerebella.stimuli.synaptic import CFSpikes, PFVolley, SynapticBlock, is_blocked
from cerebella.stimuli.voltage_clamp import Clamping, clamp_cells

_CONDUCTANCES = {
    "pf": (),
    "cf": (),
    "mli": ("inhibitory_weight_pS", "mli2_to_mli1_weight_pS"),
    "gap": ("gap_conductance_nS",),
}
"""Conductances that are zero if an input is blocked; of PFs and CFs, spikes are left out."""


def injection_of(request: MLIRequest, network: Network) -> Injection:
    """Return the currents that the stimuli of a run inject into its cells, by gid.

    Parameters
    ----------
    request : MLIRequest
        The run.
    network : Network
        The network.

    Returns
    -------
    Injection

    Raises
    ------
    InputError
        The network has no such cell.
    """
    return inject(
        request.stimuli,
        lambda stimulus: gids_at(stimulus, network),
        seed=request.seed,
        trial=request.trial,
        purpose=Purpose.MLI_STIMULI,
        time_step_ms=request.parameters.time_step_ms,
    )


def clamping_of(request: MLIRequest, network: Network) -> Clamping:
    """Return the voltage clamps of a run, by gid; see `injection_of`."""
    return clamp_cells(
        request.stimuli,
        lambda stimulus: gids_at(stimulus, network),
        request.parameters.time_step_ms,
    )


def check_stimuli(request: MLIRequest, network: Network) -> None:
    """Raise InputError if a stimulus is not one of interneurons, or has no cell."""
    for one in request.stimuli:
        if isinstance(one, CFSpikes | PFVolley):
            raise one.refused(
                "it is a stimulus of the Purkinje cell",
                "Give spikes of the network as `cf_spikes`, or as `pf_spikes` in Python",
            )
        if isinstance(one, SynapticBlock) and not one.whole_run:
            lasting = [name for name in one.inputs if _CONDUCTANCES[name]]
            if lasting:
                raise one.refused(
                    f"{lasting[0]} can only be blocked for the whole run", "Omit the window"
                )
    injection_of(request, network)
    clamping_of(request, network)


def apply_blocks(
    request: MLIRequest, network: Network, inputs: SpikeTrains
) -> tuple[MLIRequest, SpikeTrains]:
    """Return a request without the conductances that are blocked, and inputs that reach synapses.

    Parameters
    ----------
    request : MLIRequest
        The run.
    network : Network
        The network.
    inputs : SpikeTrains
        Spikes of PFs and CFs.

    Returns
    -------
    request, inputs : MLIRequest, SpikeTrains
        The same objects if nothing is blocked.
    """
    blocks = [one for one in request.stimuli if isinstance(one, SynapticBlock)]
    if not blocks:
        return request, inputs
    zero = {name: 0.0 for one in blocks for kind in one.inputs for name in _CONDUCTANCES[kind]}
    parameters = request.parameters
    arrival_ms = inputs.times_ms + input_delays_ms(parameters, network, inputs.gids)
    kept = np.ones(len(arrival_ms), dtype=bool)
    for name in ("pf", "cf"):
        population = network.population(name.upper())
        own = (inputs.gids >= population.first_gid) & (
            inputs.gids < population.first_gid + population.n_cells
        )
        kept &= ~(own & is_blocked(blocks, name, arrival_ms))
    connections = parameters.connections.model_copy(update=zero)
    acting = parameters.model_copy(update={"connections": connections})
    return request.model_copy(update={"parameters": acting}), SpikeTrains(
        inputs.times_ms[kept], inputs.gids[kept], inputs.populations, inputs.duration_ms
    )


def gids_at(stimulus: PlacedStimulus, network: Network) -> npt.NDArray[np.int64]:
    """Return the cells of a stimulus.

    Parameters
    ----------
    stimulus : Stimulus
        The stimulus; its place is a type of cell, with or without numbers in brackets.
    network : Network
        The network.

    Returns
    -------
    ndarray of int64
        Gids in ascending order.

    Raises
    ------
    InputError
        The network has no such cell.
    """
    populations = {name: network.population(name) for name in ("MLI1", "MLI2")}
    try:
        return places.gids_at(stimulus.place, populations)
    except InputError as error:
        raise stimulus.refused(error.problem, error.remedy) from None
