"""`compute_cf_threshold`: the strengths of the climbing fiber at which the dendrite spikes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from cerebella.analysis.cf_threshold import CFThreshold, analyze_recruitment
from cerebella.analysis.dendritic_territories import RECRUITED_MV, Responses
from cerebella.compiled.compilation import announcing_compilation
from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.morphology.compartments import compute_compartments
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import REGIONS, Morphology
from cerebella.network.generate import generate_network
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.settings import parameters_from
from cerebella.purkinje.cf_responses import ResponseWindow, prepare_cf_responses
from cerebella.runs.progress import Progress, Reporter, reporting

WINDOW_MS = 30.0
"""Time after the CF in which dendrites are recruited, in ms."""

_WINDOW = ResponseWindow(0.0, WINDOW_MS, WINDOW_MS)

MIN_CHANGE = 0.02
"""A step is located further if it is at least this share of the spiny membrane."""

ASYNCHRONOUS = 0
"""Synchrony level of the CFs of the network."""

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


def compute_cf_threshold(
    morphology: Morphology | None = None,
    *,
    network: Network | None = None,
    trials: Iterable[int] = (1, 2, 3, 4, 5),
    scale_range: tuple[float, float] = (10.0, 60.0),
    tolerance: float = 0.4,
    seed: int = 0,
    parameters: PurkinjeParameters | Mapping[str, Any] | None = None,
    network_parameters: MLIParameters | Mapping[str, Any] | None = None,
    progress: Progress | Reporter = True,
) -> CFThreshold:
    """Find the strengths of the climbing fiber (CF) at which parts of the dendrite spike.

    The cell is driven by a network whose CFs are not synchronous. In each trial, it is simulated up
    to its CF, and from there with CFs of several scales. Steps of the recruited membrane are
    located by bisection.

    Parameters
    ----------
    morphology : Morphology, optional
        The cell; by default the default cell.
    network : Network, optional
        The network; by default that of `generate_network`.
    trials : iterable of int
        Trials of network and cell, an odd number of them for medians that are those of one trial.
    scale_range : tuple of float
        Weakest and strongest CF. The weakest must recruit next to nothing.
    tolerance : float
        Steps are located within intervals of this width, in units of the CF scale.
    seed : int
        Seed of all random streams.
    parameters : PurkinjeParameters or mapping, optional
        Parameters of the cell, or those that differ from the defaults.
    network_parameters : MLIParameters or mapping, optional
        Parameters of the network, or those that differ from the defaults.
    progress : bool or callable
        True for a bar in a terminal or notebook, False for none, or a function of the fraction
        done.

    Returns
    -------
    CFThreshold
        Territories, their thresholds, and the main threshold of the cell.

    Raises
    ------
    InputError
        An argument is out of range, or thresholds are outside of `scale_range`.

    References
    ----------
    Cell: zang2018; synapses and protocol: park2026 (see ``cerebella cite``).

    Examples
    --------
    A coarse search, with an early CF and a small network; with the defaults, the default cell takes
    about a minute and has a threshold of 26.6.

    >>> found = cb.compute_cf_threshold(
    ...     network=cb.generate_network(seed=1, scale=0.1),
    ...     trials=[1],
    ...     scale_range=(20, 60),
    ...     tolerance=40,
    ...     parameters={"connections": {"cf_time_ms": 20.0}},
    ... )
    >>> found.main_threshold
    40.0
    """
    model = parameters_from(PurkinjeParameters, parameters)
    cell = morphology or load_default_morphology()
    responses = find_recruitment(
        cell,
        network or generate_network(seed=seed),
        list(trials),
        scale_range,
        tolerance=tolerance,
        seed=seed,
        parameters=model,
        network_parameters=network_parameters,
        progress=progress,
    )
    return analyze_recruitment(cell, responses, cf_scale=model.connections.cf_scale)


def find_recruitment(
    cell: Morphology,
    network: Network,
    trials: list[int],
    scale_range: tuple[float, float],
    *,
    tolerance: float,
    seed: int,
    parameters: PurkinjeParameters,
    network_parameters: MLIParameters | Mapping[str, Any] | None = None,
    progress: Progress | Reporter = True,
) -> dict[int, Responses]:
    """Return what CFs of several scales recruit, by trial; see `compute_cf_threshold`."""
    cf_time_ms = _check(parameters, trials, scale_range, tolerance)
    shares = _spiny_shares(cell)
    engine = Numba()

    def respond_in(trial: int, on_progress: Callable[[float], None]) -> Responses:
        run = simulate_mli(
            network,
            cf_sync=ASYNCHRONOUS,
            duration_ms=cf_time_ms + WINDOW_MS,
            trial=trial,
            seed=seed,
            engine=engine,
            parameters=network_parameters,
            progress=False,
        )
        (respond,) = prepare_cf_responses(
            [run], cell, seed=seed, parameters=parameters, window=_WINDOW
        )
        return locate_steps(
            lambda scale: respond(scale).peak_mV >= RECRUITED_MV,
            scale_range,
            tolerance=tolerance,
            shares=shares,
            on_progress=on_progress,
        )

    with (
        reporting(progress, "Finding the CF threshold") as reporter,
        announcing_compilation(engine, reporter.announce, "Purkinje cell"),
    ):
        return {
            trial: respond_in(
                trial, lambda fraction, done=done: reporter((done + fraction) / len(trials))
            )
            for done, trial in enumerate(trials)
        }


def locate_steps(
    recruit: Callable[[float], BoolArray],
    scale_range: tuple[float, float],
    *,
    tolerance: float,
    shares: FloatArray,
    on_progress: Callable[[float], None] = lambda fraction: None,
) -> Responses:
    """Find the CF scales at which the recruited compartments change.

    Parameters
    ----------
    recruit : callable
        Returns the compartments that a CF of given scale recruits.
    scale_range : tuple of float
        Weakest and strongest CF.
    tolerance : float
        Intervals of this width or less are not divided further.
    shares : ndarray of float, shape (n_compartments,)
        Share of each compartment in the spiny membrane; intervals whose ends differ by less than
        `MIN_CHANGE` are not divided.
    on_progress : callable
        Called with the fraction done; a part of the range is done when it is not divided further.

    Returns
    -------
    Responses
        All scales that were tried.
    """
    weakest, strongest = scale_range
    recruited = {scale: recruit(scale) for scale in scale_range}
    intervals = [scale_range]
    done = 0.0
    while intervals:
        low, high = intervals.pop()
        change = shares[recruited[low] != recruited[high]].sum()
        if high - low <= tolerance or change < MIN_CHANGE:
            done += (high - low) / (strongest - weakest)
            on_progress(min(done, 1.0))
            continue
        middle = (low + high) / 2
        recruited[middle] = recruit(middle)
        intervals += [(middle, high), (low, middle)]
    scales = sorted(recruited)
    return Responses(np.array(scales), np.stack([recruited[scale] for scale in scales]))


def _spiny_shares(morphology: Morphology) -> FloatArray:
    """Return the share of each compartment in the spiny membrane; 0 in other regions."""
    compartments = compute_compartments(morphology)
    is_spiny = compartments.region == REGIONS.index("spiny")
    if not is_spiny.any():
        raise InputError(
            f"{morphology.name} has no spiny dendrite",
            remedy="Give its type of dendrite, or prepare the morphology",
        )
    area_um2 = np.where(is_spiny, compartments.area_um2, 0.0)
    return area_um2 / area_um2.sum()


def _check(
    model: PurkinjeParameters,
    trials: list[int],
    scale_range: tuple[float, float],
    tolerance: float,
) -> float:
    """Return the time of the CF in ms; raise InputError for arguments that make no sense."""
    if model.connections.cf_time_ms is None:
        raise InputError(
            "the climbing fiber of the cell does not fire: connections.cf_time_ms is null",
            remedy="Give a time",
        )
    if not trials or min(trials) < 0 or len(set(trials)) < len(trials):
        raise InputError(
            f"`trials` is {trials}", remedy="Give one or more different numbers from 0 on"
        )
    weakest, strongest = scale_range
    if not 0 < weakest < strongest < np.inf:
        raise InputError(
            f"`scale_range` is {weakest:g} to {strongest:g}",
            remedy="Give two positive CF scales, the weaker one first",
        )
    if not 0 < tolerance <= strongest - weakest:
        raise InputError(
            f"`tolerance` is {tolerance:g}",
            remedy=f"Give a positive number up to {strongest - weakest:g}, the width of the range",
        )
    return model.connections.cf_time_ms
