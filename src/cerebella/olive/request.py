"""A request for a run of the loop: everything that determines its results, validated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import Field, model_validator

from cerebella.errors import InputError
from cerebella.olive.perturbation_grammar import stored_perturbations
from cerebella.olive.perturbations import Perturbation, initial_drive, perturb
from cerebella.olive.recording import OliveRecording, recorded_cells, sampled_cells
from cerebella.olive.rules.own import OwnRule
from cerebella.olive.stimulation.timeline import Timeline, timeline_of
from cerebella.olive.stimulation.values import LoopStimulus
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.parameters.settings import parameters_from
from cerebella.parameters.times import format_time
from cerebella.runs.request import Request

_BYTES_PER_SYNAPSE = 12
_MOST_STEPS = 1 << 32


class OliveRequest(Request):
    """Request of a run; equal requests give bitwise equal results with any engine.

    Raises
    ------
    InputError
        The duration is not a multiple of the time step, a recorded cell does not exist, a
        perturbation or stimulus comes after the end or is invalid, or the circuit exceeds the
        memory of this machine.
    """

    parameters: OliveParameters = OliveParameters()
    perturbations: tuple[Perturbation, ...] = Field((), description="changes, sorted by time")
    stimuli: tuple[LoopStimulus, ...] = Field((), description="stimuli of the loop")
    recording: OliveRecording = OliveRecording()
    own_rule: OwnRule | None = Field(None, description="rule of plasticity of the user")

    @model_validator(mode="after")
    def _check(self) -> Self:
        """Check that the parts are consistent."""
        _check_duration(self.parameters, self.duration_ms)
        _check_memory(self.parameters)
        _check_recording(self)
        _check_perturbations(self)
        _check_stimuli(self)
        return self

    @cached_property
    def timeline(self) -> Timeline:
        """Changes of settings by stimuli."""
        return timeline_of(self.stimuli, self.parameters)

    @property
    def n_steps(self) -> int:
        """Number of time steps."""
        return self.parameters.steps(self.duration_ms)


def request_from_mapping(stored: Mapping[str, Any]) -> OliveRequest:
    """Return the request of a manifest, which may come from an older version."""
    return OliveRequest(
        parameters=parameters_from(OliveParameters, stored["parameters"]),
        duration_ms=stored["duration_ms"],
        seed=stored["seed"],
        trial=stored.get("trial", 1),
        perturbations=stored_perturbations(stored),
        stimuli=stored.get("stimuli", ()),
        recording=parameters_from(OliveRecording, stored["recording"]),
        own_rule=stored.get("own_rule"),
    )


def _check_duration(parameters: OliveParameters, duration_ms: float) -> None:
    step = parameters.time_step_ms
    n_steps = parameters.steps(duration_ms)
    if n_steps < 1 or abs(duration_ms / step - n_steps) > 1e-6:
        raise InputError(
            f"a duration of {duration_ms:g} ms is not a whole number of time steps of {step:g} ms",
            remedy="Give a positive duration that is a multiple of the time step",
        )
    if n_steps >= _MOST_STEPS:
        raise InputError("more than 2³² time steps", remedy="Give a shorter duration")


def _check_recording(request: OliveRequest) -> None:
    parameters, recording = request.parameters, request.recording
    recorded_cells(recording, parameters.circuit.sizes, request.seed)
    sampled_cells(recording, parameters.circuit.sizes)
    if recording.pf_groups > parameters.circuit.sizes["PF"]:
        raise InputError(
            f"pf_groups = {recording.pf_groups} is more than the number of PFs, "
            f"{parameters.circuit.sizes['PF']}"
        )
    for name in ("v_every_ms", "weights_every_ms"):
        interval = getattr(recording, name)
        if parameters.steps(interval) < 1:
            raise InputError(
                f"{name} = {interval:g} is shorter than the time step of "
                f"{parameters.time_step_ms:g} ms",
                remedy="Give a longer interval",
            )


def _check_perturbations(request: OliveRequest) -> None:
    drive = initial_drive(request.parameters)
    for one in request.perturbations:
        if not one.time_ms < request.duration_ms:
            raise InputError(
                f"perturbation {str(one)!r} is not before the end at "
                f"{format_time(request.duration_ms)}",
                remedy="Give an earlier time, or a longer duration",
            )
        drive = perturb(drive, one, request.parameters)


def _check_stimuli(request: OliveRequest) -> None:
    steps = request.timeline.steps
    if steps and steps[-1] > request.n_steps:
        end = format_time(steps[-1] * request.parameters.time_step_ms)
        raise InputError(
            f"`stimuli`: the last one ends at {end}, after the end of the run at "
            f"{format_time(request.duration_ms)}",
            remedy="Give earlier times, or a longer duration",
        )


def _check_memory(parameters: OliveParameters) -> None:
    """Raise InputError if sources and weights alone exceed the memory of this machine."""
    circuit, n = parameters.circuit, parameters.circuit.sizes
    n_synapses = n["PC"] * circuit.pf_per_purkinje + n["BC"] * circuit.pf_per_bc
    needed_GB = n_synapses * _BYTES_PER_SYNAPSE / 1e9
    memory_GB = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    if needed_GB > memory_GB:
        raise InputError(
            f"a circuit of scale {circuit.scale:g} requires more than {needed_GB:.3g} GB "
            f"of memory, but this machine has {memory_GB:.3g} GB",
            remedy="Give a smaller scale",
        )
