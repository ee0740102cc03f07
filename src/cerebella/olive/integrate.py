"""Integration of a run block by block, with recording and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.olive.checkpoints import write_checkpoint
from cerebella.olive.engines.engine import (
    Block,
    Integrator,
    Model,
    Plan,
    VoltageRequest,
)
from cerebella.olive.engines.engines import integrator_of
from cerebella.olive.partial_run import PARTIAL
from cerebella.olive.perturbations import initial_drive, perturb
from cerebella.olive.recorder import Recorder
from cerebella.olive.recording import sampled_cells
from cerebella.olive.request import OliveRequest
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.state import State, initial_state, shuffle_weights, state_from_arrays
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import wire_circuit
from cerebella.randomness import seed_of_trial
from cerebella.runs.engines import Engine

_BLOCK_MS = 1000.0
_MOST_CELL_STEPS = 50_000_000


class OliveProgress(NamedTuple):
    """Progress of a run.

    Attributes
    ----------
    fraction : float
        Simulated part of the run, 0 to 1.
    simulated_ms : float
        Simulated time in ms.
    io_rate_Hz : float
        Mean rate of IO cells in the last block.
    mean_weight : float
        Mean weight of PF→PC in the last sample.
    """

    fraction: float
    simulated_ms: float
    io_rate_Hz: float
    mean_weight: float


class Integrated(NamedTuple):
    """A run that has reached its end.

    Attributes
    ----------
    model : Model
        The model.
    recorder : Recorder
        Recorded values.
    final_weights : ndarray of int32, shape (n PC, fan-in)
        Weights of PF→PC at the end, in units of 2⁻²⁶.
    timings_s : dict of str to float
        Wall time in s by part.
    """

    model: Model
    recorder: Recorder
    final_weights: npt.NDArray[np.int32]
    timings_s: dict[str, float]


def build_model(request: OliveRequest, own_rule: PlasticityRule | None = None) -> Model:
    """Return the model of a request and of the rule of the user, if any; its circuit is drawn."""
    parameters, recording = request.parameters, request.recording
    circuit = wire_circuit(parameters, request.seed)
    every = max(1, parameters.steps(recording.v_every_ms))
    voltages = VoltageRequest(every, sampled_cells(recording, circuit.sizes))
    seed = seed_of_trial(request.seed, request.trial)
    coefficients = derive_coefficients(parameters, own_rule)
    return Model(parameters, circuit, coefficients, seed, voltages)


def integrate(
    folder: Path,
    request: OliveRequest,
    own_rule: PlasticityRule | None,
    engine: Engine,
    saved: Mapping[str, npt.NDArray] | None,
    checkpoint_every_s: float,
    report: Callable[[OliveProgress], None],
) -> Integrated:
    """Integrate a run to its end.

    Parameters
    ----------
    folder : Path
        Run directory, with the folder of the unfinished run.
    request : OliveRequest
        The run.
    own_rule : PlasticityRule or None
        The rule of the user, if any.
    engine : Engine
        The engine.
    saved : mapping of str to ndarray, or None
        The checkpoint to start from.
    checkpoint_every_s : float
        Wall time between checkpoints in s.
    report : callable
        Called with an `OliveProgress` after each block.

    Returns
    -------
    Integrated
        The run at its end.
    """
    start = time.perf_counter()
    model = build_model(request, own_rule)
    state = _state(folder, model, saved)
    recorder = Recorder(folder / PARTIAL, request.recording, model.circuit, request.seed, saved)
    integrator = integrator_of(engine, model, state)
    if saved is None:
        _sample_weights(integrator, recorder, 0)
    set_up_s = time.perf_counter() - start
    last_saved = time.perf_counter()
    every = _weight_interval(request)
    plans = plan_blocks(request, state.step)
    try:
        for shuffled, part in groupby(plans, lambda plan: _last_shuffle(request, plan.stop)):
            if shuffled >= state.step:  # a checkpoint at this step was written before
                shuffle = shuffle_weights(integrator.state(), request.seed)
                integrator = integrator_of(engine, model, shuffle)
            for block in integrator.blocks(part):
                recorder.append(block)
                if block.stop % every == 0:
                    _sample_weights(integrator, recorder, block.stop)
                due = time.perf_counter() - last_saved > checkpoint_every_s
                if due and block.stop < request.n_steps:
                    arrays = integrator.state().to_arrays() | recorder.saved_arrays()
                    write_checkpoint(folder / PARTIAL, arrays)
                    last_saved = time.perf_counter()
                report(_progress(request, block, recorder.mean_weight))
    finally:
        recorder.close()
    solve_s = time.perf_counter() - start - set_up_s
    timings_s = {"set_up": set_up_s, "solve": solve_s}
    return Integrated(model, recorder, integrator.weights().copy(), timings_s)


def plan_blocks(request: OliveRequest, first: int) -> Iterator[Plan]:
    """Yield the blocks that end after step `first`.

    Blocks end at perturbations, at samples, and where a stimulus begins or ends.

    Results do not depend on the division into blocks.
    """
    parameters = request.parameters
    drive, timeline = initial_drive(parameters), request.timeline
    at = [(parameters.steps(one.time_ms), one) for one in request.perturbations]
    n_pf = parameters.circuit.sizes["PF"]
    length = max(1, min(parameters.steps(_BLOCK_MS), _MOST_CELL_STEPS // n_pf))
    every = _weight_interval(request)
    step = 0
    while step < request.n_steps:
        for when, perturbation in at:
            if when == step:
                drive = perturb(drive, perturbation, parameters)
        stop = min(
            [
                request.n_steps,
                step - step % length + length,
                step - step % every + every,
                *(when for when, _ in at if when > step),
                timeline.next_step(step) or request.n_steps,
            ]
        )
        if stop > first:
            yield Plan(stop, timeline.applied(drive, step))
        step = stop


def _last_shuffle(request: OliveRequest, stop: int) -> int:
    """Return the step of the last shuffling of the weights before a step; -1 without any."""
    steps = (
        request.parameters.steps(one.time_ms)
        for one in request.perturbations
        if one.quantity == "weights"
    )
    return max((step for step in steps if step < stop), default=-1)


def _weight_interval(request: OliveRequest) -> int:
    """Return the number of steps between samples of weights."""
    return max(1, request.parameters.steps(request.recording.weights_every_ms))


def _state(folder: Path, model: Model, saved: Mapping[str, npt.NDArray] | None) -> State:
    if saved is None:
        return initial_state(model.parameters, model.circuit, model.coefficients, model.seed)
    try:
        return state_from_arrays(saved)
    except KeyError as error:
        raise InputError(
            f"the checkpoint was written by another version of cerebella (it lacks {error})",
            file=folder,
            remedy="Resume the run with that version, or start it again with `force`",
        ) from None


def _sample_weights(integrator: Integrator, recorder: Recorder, step: int) -> None:
    recorder.append_weights(step, integrator.weight_sample(recorder.n_bins, recorder.synapses))
    if recorder.has_groups:
        recorder.append_groups(integrator.weights())


def _progress(request: OliveRequest, block: Block, mean_weight: float) -> OliveProgress:
    step_ms, n_io = request.parameters.time_step_ms, request.parameters.circuit.sizes["IO"]
    seconds = (block.stop - block.first) * step_ms / 1000
    return OliveProgress(
        block.stop / request.n_steps,
        block.stop * step_ms,
        len(block.spikes["IO"].ids) / seconds / n_io,
        mean_weight,
    )
