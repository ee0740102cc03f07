"""Single cells under electrodes: many conditions of one cell, without presynaptic cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.morphology.default import load_default_morphology
from cerebella.morphology.morphology import Morphology
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.network import Network
from cerebella.neuron_backend.own_mechanisms import Mechanisms, OwnMechanisms, read_mechanisms
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.own_mechanisms import with_mechanisms
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.settings import parameters_from
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.engines import Engine
from cerebella.runs.progress import Reporter
from cerebella.stimuli.stimulus import PlacedStimulus, Stimulus

PURKINJE = "purkinje"
"""Name of the default Purkinje cell."""

CELLS = ("MLI1", "MLI2", PURKINJE)

Floats = npt.NDArray[np.float64]
Condition = Sequence[Stimulus]
"""Stimuli of the soma, with the place ``"soma"``."""

_NO_CURRENT = {"bias_nA": 0.0, "bias_half_range_nA": 0.0}
_NO_INPUT = {"pf_rate_Hz": 0.0, "cf_time_ms": None}


class Courses(NamedTuple):
    """Courses of a cell under some conditions.

    Attributes
    ----------
    times_ms : ndarray of float, shape (n_samples,)
        Times of all time steps in ms.
    v_mV : ndarray of float, shape (n_conditions, n_samples)
        Potential of the soma in mV.
    spikes_ms : list of ndarray of float
        Spike times of each condition in ms.
    clamp_nA : ndarray of float, shape (n_conditions, n_samples) or (0, 0)
        Current of the voltage clamp, if there is one.
    """

    times_ms: Floats
    v_mV: Floats
    spikes_ms: list[Floats]
    clamp_nA: Floats


class Cell(NamedTuple):
    """A cell of which protocols are made.

    Attributes
    ----------
    name : str
        Name in tables.
    parameters : MLIParameters or PurkinjeParameters
        Parameters of its model; an MLI has no bias current, a Purkinje cell no active fibers.
    morphology : Morphology or None
        Morphology of a Purkinje cell; None for an MLI.
    mechanisms : OwnMechanisms
        NMODL of the user.
    """

    name: str
    parameters: Any
    morphology: Morphology | None
    mechanisms: OwnMechanisms

    @property
    def is_mli(self) -> bool:
        """Whether it is an interneuron."""
        return self.morphology is None

    @property
    def time_step_ms(self) -> float:
        """Time step in ms."""
        return self.parameters.time_step_ms


def cell_of(
    cell: str | Morphology,
    parameters: Any | Mapping[str, Any] | None,
    mechanisms: Mechanisms = None,
) -> Cell:
    """Return a cell by its name, or one of a morphology.

    Parameters
    ----------
    cell : str or Morphology
        ``"MLI1"``, ``"MLI2"``, ``"purkinje"`` for the default Purkinje cell, or a morphology.
    parameters : MLIParameters, PurkinjeParameters or mapping, optional
        Parameters of the model, or those that differ from the defaults.
    mechanisms : Path, str or mapping of str to str, optional
        NMODL of the user; see `simulate_purkinje`.

    Returns
    -------
    Cell

    Raises
    ------
    InputError
        There is no such cell, or the NMODL cannot be used.
    """
    own = read_mechanisms(mechanisms)
    if isinstance(cell, Morphology):
        base = with_mechanisms(PurkinjeParameters(), own.described)
        model = parameters_from(PurkinjeParameters, parameters, base=base)
        connections = model.connections.model_copy(update=_NO_INPUT)
        return Cell(cell.name, model.model_copy(update={"connections": connections}), cell, own)
    if cell == PURKINJE:
        return cell_of(load_default_morphology(), parameters, own)
    if not isinstance(cell, str) or cell.upper() not in CELLS:
        raise InputError(
            f"`cell` {cell!r} is unknown", remedy=f"Choose from {', '.join(CELLS)}, or a morphology"
        )
    base = with_mechanisms(MLIParameters(), own.described)
    model = parameters_from(MLIParameters, parameters, base=base)
    name = cell.upper()
    of_type = model.of_type(name).model_copy(update=_NO_CURRENT)
    return Cell(name, model.model_copy(update={name.lower(): of_type}), None, own)


def simulate_conditions(
    cell: Cell,
    conditions: Sequence[Condition],
    duration_ms: float,
    engine: Engine | str,
    reporter: Reporter,
) -> Courses:
    """Simulate a cell under each condition.

    Parameters
    ----------
    cell : Cell
        The cell. MLIs of all conditions are simulated side by side.
    conditions : sequence of Condition
        Stimuli of each condition.
    duration_ms : float
        Simulated time in ms.
    engine : Engine or str
        The engine.
    reporter : callable
        Receives the fraction done.

    Returns
    -------
    Courses
    """
    if cell.is_mli:
        network = isolated_mlis(cell, len(conditions))
        return simulate_mlis(cell, network, conditions, duration_ms, engine, reporter)
    silence = SpikeTrains(np.empty(0), np.empty(0, dtype=np.int64), (), duration_ms)
    runs = []
    for number, condition in enumerate(conditions):
        runs.append(
            simulate_purkinje(
                silence,
                network={cell_type.name: 0 for cell_type in CELL_TYPES},
                morphology=cell.morphology,
                stimuli=condition,
                record=["soma_v"],
                engine=engine,
                parameters=cell.parameters,
                mechanisms=cell.mechanisms,
                progress=False,
            )
        )
        reporter((number + 1) / len(conditions))
    clamps = [run.traces["clamp"].values[:, 0] for run in runs if "clamp" in run.traces]
    return Courses(
        runs[0].traces["soma_v"].times_ms,
        np.stack([run.traces["soma_v"].values[:, 0] for run in runs]),
        [run.of("PC").times_ms for run in runs],
        np.stack(clamps) if clamps else np.empty((0, 0)),
    )


def isolated_mlis(cell: Cell, n_cells: int, synapses: Synapses | None = None) -> Network:
    """Return a network of equal MLIs, with a parallel and a climbing fiber.

    Parameters
    ----------
    cell : Cell
        The MLI.
    n_cells : int
        Number of MLIs.
    synapses : Synapses, optional
        Synapses of the fibers, whose gids are `n_cells` and `n_cells` + 1.

    Returns
    -------
    Network
    """
    none = np.empty(0, dtype=np.int64)
    pf = "PF_MLI1" if cell.name == "MLI1" else "PF_MLI2"
    return Network(
        {cell.name: n_cells, pf: 1, "CF": 1},
        synapses or Synapses(none, none, none, np.empty(0)),
        GapJunctions(none, none, np.empty(0), none, none, np.empty(0)),
    )


def simulate_mlis(
    cell: Cell,
    network: Network,
    conditions: Sequence[Condition],
    duration_ms: float,
    engine: Engine | str,
    reporter: Reporter,
    *,
    pf_times_ms: Sequence[float] = (),
    cf_times_ms: Sequence[float] = (),
) -> Courses:
    """Simulate the MLIs of a network of `isolated_mlis`, each under its own condition."""
    n_cells = len(conditions)
    run = simulate_mli(
        network,
        pf_spikes=SpikeTrains(np.array(pf_times_ms), np.full(len(pf_times_ms), n_cells)),
        cf_spikes=SpikeTrains(np.array(cf_times_ms), np.full(len(cf_times_ms), n_cells + 1)),
        duration_ms=duration_ms,
        stimuli=[
            replace(one, place=f"{cell.name}[{number}]")
            for number, condition in enumerate(conditions)
            for one in condition
            if isinstance(one, PlacedStimulus)
        ],
        record={"v": range(n_cells)},
        engine=engine,
        parameters=cell.parameters,
        mechanisms=cell.mechanisms,
        progress=reporter,
    )
    potentials, spikes = run.traces["voltage"], run.of(cell.name)
    clamp = run.traces.get("clamp")
    return Courses(
        potentials.times_ms,
        potentials.values.T.astype(np.float64),
        [spikes.times_ms[spikes.cells == number] for number in range(n_cells)],
        np.empty((0, 0)) if clamp is None else clamp.values.T.astype(np.float64),
    )


def finite_numbers(
    given: Iterable[float] | None, default: Iterable[float], name: str
) -> list[float]:
    """Return the numbers of an argument, or its default.

    Parameters
    ----------
    given : iterable of float or None
        The argument.
    default : iterable of float
        Numbers for None.
    name : str
        Its name.

    Returns
    -------
    list of float

    Raises
    ------
    InputError
        There is none, or one is not finite.
    """
    numbers = [float(one) for one in (default if given is None else given)]
    if not numbers or not np.isfinite(numbers).all():
        raise InputError(f"`{name}` is {numbers}", remedy="Give one or more finite numbers")
    return numbers


def positive(given: float | None, default: float, name: str, *, or_zero: bool = False) -> float:
    """Return a positive argument, or its default.

    Parameters
    ----------
    given : float or None
        The argument.
    default : float
        Value for None.
    name : str
        Its name.
    or_zero : bool
        Accept 0.

    Returns
    -------
    float

    Raises
    ------
    InputError
        It is not positive.
    """
    value = default if given is None else float(given)
    if not (0 < value < np.inf or (or_zero and value == 0)):
        raise InputError(f"`{name}` is {value:g}", remedy="Give a positive number")
    return value
