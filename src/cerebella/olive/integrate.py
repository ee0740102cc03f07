"""Integration of a run block by block, with recording and checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cerebella.errors import InputError
from cerebella.olive.checkpoints import Arrays, write_checkpoint
from cerebella.olive.engines.engine import Block, Model, VoltageRequest
from cerebella.olive.engines.engines import Joined, integrators_of
from cerebella.olive.in_turn import InTurn
from cerebella.olive.partial_run import PARTIAL
from cerebella.olive.plans import last_shuffle, plan_blocks, weight_interval
from cerebella.olive.recorder import Recorder, Sample
from cerebella.olive.recording import recorded_cells, sampled_cells
from cerebella.olive.request import OliveRequest
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.state import State, initial_state, shuffle_weights, state_from_arrays
from cerebella.olive.step_coefficients import derive_coefficients
from cerebella.olive.wiring import Circuit, WiringSettings, wire, wiring_settings
from cerebella.randomness import seed_of_trial
from cerebella.runs.engines import Engine


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


class Member(NamedTuple):
    """A run that is integrated, alone or together with others.

    Attributes
    ----------
    folder : Path
        Run directory, with the folder of the unfinished run.
    request : OliveRequest
        The run.
    model : Model
        Its model.
    saved : mapping of str to ndarray, or None
        The checkpoint to start from.
    """

    folder: Path
    request: OliveRequest
    model: Model
    saved: Mapping[str, npt.NDArray] | None = None

    @property
    def step(self) -> int:
        """Step from which the run starts."""
        return 0 if self.saved is None else int(self.saved["step"])


class Integrated(NamedTuple):
    """A run that has reached its end.

    Attributes
    ----------
    member : Member
        The run.
    recorder : Recorder
        Recorded values.
    final_weights : ndarray of int32, shape (n PC, fan-in)
        Weights of PF→PC at the end, in units of 2⁻²⁶.
    start : float
        When the run was started, as of `time.perf_counter`.
    timings_s : dict of str to float
        Wall time in s by part.
    """

    member: Member
    recorder: Recorder
    final_weights: npt.NDArray[np.int32]
    start: float
    timings_s: dict[str, float]


def build_models(
    requests: Sequence[OliveRequest], own_rule: PlasticityRule | None = None
) -> list[Model]:
    """Return the models of requests and of the rule of the user, if any.

    Circuits are drawn; models with the same parameters of wiring share theirs.
    """
    circuits: dict[tuple[WiringSettings, int], Circuit] = {}
    models = []
    for request in requests:
        parameters, recording = request.parameters, request.recording
        drawn_by = wiring_settings(parameters), request.seed
        if drawn_by not in circuits:
            circuits[drawn_by] = wire(*drawn_by)
        circuit = circuits[drawn_by]
        every = max(1, parameters.steps(recording.v_every_ms))
        models.append(
            Model(
                parameters,
                circuit,
                derive_coefficients(parameters, own_rule),
                seed_of_trial(request.seed, request.trial),
                VoltageRequest(every, sampled_cells(recording, circuit.sizes)),
                recorded_cells(recording, circuit.sizes, request.seed),
            )
        )
    return models


def integrate(
    members: Sequence[Member],
    engine: Engine,
    checkpoint_every_s: float,
    report: Callable[[OliveProgress], None],
    *,
    start: float,
) -> list[Integrated]:
    """Integrate a run to its end, or several that an engine integrates together.

    Parameters
    ----------
    members : sequence of Member
        The runs; several start at the same step and have equal `course_of`.
    engine : Engine
        The engine.
    checkpoint_every_s : float
        Wall time between checkpoints in s.
    report : callable
        Called with an `OliveProgress` after each block.
    start : float
        When the runs were started, as of `time.perf_counter`.

    Returns
    -------
    list of Integrated
        The runs at their ends.
    """
    models, states = [member.model for member in members], list(map(_state, members))
    recorders = list(map(_recorder, members))
    joined = integrators_of(engine, models, states)
    if members[0].saved is None:
        for recorder, sample in zip(recorders, _samples(joined, recorders), strict=True):
            recorder.append_sample(0, sample)
    set_up_s = time.perf_counter() - start
    last_saved = time.perf_counter()
    first, begin = members[0].request, members[0].step
    every = weight_interval(first)
    plans = zip(*(plan_blocks(member.request, begin) for member in members), strict=True)
    with (
        InTurn(in_background=joined.on_card) as saving,
        InTurn(in_background=joined.on_card) as recording,
    ):
        for shuffled, part in groupby(plans, lambda plan: last_shuffle(first, plan[0].stop)):
            if shuffled >= begin:  # a checkpoint at this step was written before
                states = [
                    shuffle_weights(integrator.state(), member.request.seed)
                    for member, integrator in zip(members, joined.each, strict=True)
                ]
                joined = integrators_of(engine, models, states)
            for stop, finish in joined.blocks(part):
                samples = _samples(joined, recorders) if stop % every == 0 else None
                states = None
                if time.perf_counter() - last_saved > checkpoint_every_s and stop < first.n_steps:
                    states = [integrator.state() for integrator in joined.each]
                    last_saved = time.perf_counter()
                record = partial(_record, members, recorders, finish, samples, states, saving)
                for progress in recording.do(record):
                    report(progress)
        for progress in recording.wait():
            report(progress)
        saving.wait()
    solve_s = time.perf_counter() - start - set_up_s
    timings_s = {"set_up": set_up_s, "solve": solve_s}
    return [
        Integrated(member, recorder, integrator.weights().copy(), start, timings_s)
        for member, recorder, integrator in zip(members, recorders, joined.each, strict=True)
    ]


def _recorder(member: Member) -> Recorder:
    folder, request = member.folder / PARTIAL, member.request
    return Recorder(
        folder,
        request.recording,
        member.model.circuit,
        request.seed,
        member.saved,
        mf_is_plastic=member.model.coefficients.mossy is not None,
    )


def _samples(joined: Joined, recorders: Sequence[Recorder]) -> list[Sample]:
    """Return what is recorded of the weights of each run."""
    asked = [(recorder.n_bins, recorder.synapses) for recorder in recorders]
    return [
        Sample(
            weights,
            integrator.mf_weights() if recorder.has_plastic_mfs else None,
            integrator.weights() if recorder.has_groups else None,
        )
        for weights, integrator, recorder in zip(
            joined.weigh(asked), joined.each, recorders, strict=True
        )
    ]


def _record(
    members: Sequence[Member],
    recorders: Sequence[Recorder],
    finish: Callable[[], Sequence[Block]],
    samples: Sequence[Sample] | None,
    states: Sequence[State] | None,
    saving: InTurn[None],
) -> OliveProgress:
    """Record the blocks of all runs, and samples and checkpoints at their end, if given."""
    blocks = finish()
    for recorder, block in zip(recorders, blocks, strict=True):
        recorder.append(block)
    if samples is not None:
        for recorder, block, sample in zip(recorders, blocks, samples, strict=True):
            recorder.append_sample(block.stop, sample)
    if states is not None:
        checkpoints = [
            (member.folder / PARTIAL, state.to_arrays() | recorder.saved_arrays())
            for member, recorder, state in zip(members, recorders, states, strict=True)
        ]
        saving.do(partial(_save, checkpoints))
    return _progress(members[0].request, blocks, recorders)


def _save(checkpoints: Sequence[tuple[Path, Arrays]]) -> None:
    """Write a checkpoint of each run into its folder."""
    for folder, arrays in checkpoints:
        write_checkpoint(folder, arrays)


def _state(member: Member) -> State:
    model = member.model
    if member.saved is None:
        return initial_state(model.parameters, model.circuit, model.coefficients, model.seed)
    try:
        return state_from_arrays(member.saved)
    except KeyError as error:
        raise InputError(
            f"the checkpoint was written by another version of cerebella (it lacks {error})",
            file=member.folder,
            remedy="Resume the run with that version, or start it again with `force`",
        ) from None


def _progress(
    request: OliveRequest, blocks: Sequence[Block], recorders: Sequence[Recorder]
) -> OliveProgress:
    """Return the progress of runs of one course, with their mean rate and weight."""
    step_ms, n_io = request.parameters.time_step_ms, request.parameters.circuit.sizes["IO"]
    first, stop = blocks[0].first, blocks[0].stop
    n_spikes = np.mean([len(block.spikes["IO"].ids) for block in blocks])
    return OliveProgress(
        stop / request.n_steps,
        stop * step_ms,
        float(n_spikes / ((stop - first) * step_ms / 1000) / n_io),
        float(np.mean([recorder.mean_weight for recorder in recorders])),
    )
