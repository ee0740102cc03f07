"""Inputs of the molecular layer: bias currents, inhibitory delays, PF trains and CF spikes.

All inputs are numpy arrays, which can be inspected, saved and replaced without NEURON. The random
streams of cerebella depend only on seed, trial and gid. For those of the published runs, see
`published_streams`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.molecular_layer.published_streams import published_bias_and_delay_draws
from cerebella.network.network import SILENT_FROM_MS, Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.randomness import Purpose, poisson_trains, random123
from cerebella.results.spikes import SpikeTrains


def draw_bias_and_delays(
    network: Network,
    parameters: MLIParameters,
    *,
    seed: int,
    trial: int,
    published_ranks: int | None = None,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Draw the bias current of every MLI and the delay of every inhibitory synapse.

    Parameters
    ----------
    network : Network
        The network.
    parameters : MLIParameters
        Parameters with the ranges of both.
    seed, trial : int
        Names of the random streams; the published streams do not depend on `seed`.
    published_ranks : int, optional
        Number of MPI ranks of a published run, to use its random streams; by default, those of
        cerebella are used.

    Returns
    -------
    bias_nA : numpy.ndarray
        Bias currents in nA, by gid: (n_mli,).
    delay_ms : numpy.ndarray
        Delays in ms, by row of ``network.synapses``: (n_synapses,), 0 for PF and CF synapses.
    """
    n_mli = sum(network.population(name).n_cells for name in ("MLI1", "MLI2"))
    inhibitory = np.flatnonzero(network.synapses.source_gid < n_mli)
    delay_ms = np.zeros(len(network.synapses))
    if published_ranks is None:
        bias_nA = draw_bias_nA(network, parameters, seed, trial)
        delay_ms[inhibitory] = draw_inhibitory_delays_ms(
            network, inhibitory, parameters, seed, trial
        )
        return bias_nA, delay_ms
    bias_uniform, delay_uniform = published_bias_and_delay_draws(network, trial, published_ranks)
    connections = parameters.connections
    delay_ms[inhibitory] = (
        connections.inhibitory_delay_ms
        + connections.inhibitory_delay_range_ms * delay_uniform[inhibitory]
    )
    return _bias_nA(network, parameters, bias_uniform), delay_ms


def _bias_nA(
    network: Network, parameters: MLIParameters, uniform: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Scale one number from 0 to 1 for each MLI, shape (n_mli,), to the range of its type."""
    sizes = [network.population(name).n_cells for name in ("MLI1", "MLI2")]
    middle, half_range = (
        np.repeat([getattr(parameters.of_type(name), field) for name in ("MLI1", "MLI2")], sizes)
        for field in ("bias_nA", "bias_half_range_nA")
    )
    return middle + half_range * (2 * uniform - 1)


def draw_bias_nA(
    network: Network, parameters: MLIParameters, seed: int, trial: int
) -> npt.NDArray[np.float64]:
    """Draw uniform bias currents of all MLIs in the ranges of their types from cerebella's streams.

    Parameters
    ----------
    network : Network
        The network.
    parameters : MLIParameters
        Parameters with the range of each type.
    seed, trial : int
        Names of the random streams.

    Returns
    -------
    numpy.ndarray
        Bias currents in nA, by gid: (n_mli,).
    """
    n_mli = sum(network.population(name).n_cells for name in ("MLI1", "MLI2"))
    uniform = random123(seed, Purpose.BIAS, np.arange(n_mli), trial, 1)[:, 0]
    return _bias_nA(network, parameters, uniform)


def draw_inhibitory_delays_ms(
    network: Network,
    inhibitory_rows: npt.NDArray[np.int64],
    parameters: MLIParameters,
    seed: int,
    trial: int,
) -> npt.NDArray[np.float64]:
    """Draw uniform delays of inhibitory synapses from cerebella's streams.

    Parameters
    ----------
    network : Network
        The network.
    inhibitory_rows : numpy.ndarray
        Rows of ``network.synapses``, ascending: (n_rows,). The k-th row of a target takes the
        k-th draw of the target's stream.
    parameters : MLIParameters
        Parameters with the range of the delays.
    seed, trial : int
        Names of the random streams.

    Returns
    -------
    numpy.ndarray
        Delays in ms: (n_rows,).
    """
    connections = parameters.connections
    if not len(inhibitory_rows):
        return np.empty(0)
    # Rows are sorted by target, so that rows of one target form a block.
    targets, first, count = np.unique(
        network.synapses.target_gid[inhibitory_rows], return_index=True, return_counts=True
    )
    draws = random123(seed, Purpose.INHIBITORY_DELAY, targets, trial, int(count.max()))
    target_index = np.repeat(np.arange(len(targets)), count)
    u = draws[target_index, np.arange(len(inhibitory_rows)) - np.repeat(first, count)]
    return connections.inhibitory_delay_ms + connections.inhibitory_delay_range_ms * u


def draw_pf_spikes(
    network: Network,
    parameters: MLIParameters,
    duration_ms: float,
    seed: int,
    trial: int,
    *,
    published_streams: bool = False,
) -> SpikeTrains:
    """Draw independent Poisson trains of all parallel fibers (PFs).

    Parameters
    ----------
    network : Network
        The network.
    parameters : MLIParameters
        Parameters with the firing rate.
    duration_ms : float
        Simulated time in ms.
    seed, trial : int
        Names of the random streams.
    published_streams : bool
        Use the streams of the published runs, in which trial t of a PF equals trial t - 1 of
        the next PF. They do not depend on `seed`.

    Returns
    -------
    SpikeTrains
        Spikes of all PFs.
    """
    pf = network.population("PF")
    rate_Hz = parameters.connections.pf_rate_Hz
    gids = np.arange(pf.first_gid, pf.first_gid + pf.n_cells)
    stream_ids, stream_trial, stream_seed = (
        (gids + trial, 0, 0) if published_streams else (gids, trial, seed)
    )
    times, owners = poisson_trains(
        stream_seed, Purpose.PF_TRAIN, stream_ids, stream_trial, rate_Hz, duration_ms
    )
    return SpikeTrains(times, gids[owners], (pf,), duration_ms)


def cf_spikes_of_level(network: Network, level: int, duration_ms: float) -> SpikeTrains:
    """Return the climbing-fiber (CF) spikes of a synchrony level of the network.

    Parameters
    ----------
    network : Network
        The network.
    level : int
        Synchrony level.
    duration_ms : float
        Simulated time in ms.

    Returns
    -------
    SpikeTrains
        Spikes of all CFs that fire at this level.

    Raises
    ------
    InputError
        The network has no such level.
    """
    cf = network.population("CF")
    if level not in network.cf_times_ms:
        known = ", ".join(map(str, network.cf_times_ms)) or "none"
        raise InputError(
            f"CF synchrony level {level} is not in network {network.name} (levels: {known})",
            remedy="Choose one of these, or give your own CF spikes as `cf_spikes`",
        )
    times = network.cf_times_ms[level]
    fires = (times <= duration_ms) & (times < SILENT_FROM_MS)
    gids = np.arange(cf.first_gid, cf.first_gid + cf.n_cells)
    return SpikeTrains(times[fires], gids[fires], (cf,), duration_ms)
