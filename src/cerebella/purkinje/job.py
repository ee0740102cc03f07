"""What one simulation of the Purkinje cell was asked to do, as a value for another process."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from pydantic import Field

from cerebella.morphology.morphology import Morphology
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.parameters.quantity import Parameters
from cerebella.purkinje.synaptic_events import SynapticEvents

Engine = Literal["coreneuron", "neuron"]
Recorded = Literal["soma_v", "calcium", "v"]
RECORDED = get_args(Recorded)

_JOB_FILE, _ARRAYS_FILE = "job.json", "arrays.npz"


class PurkinjeJob(Parameters):
    """One run of the Purkinje cell, apart from its shape and the events that reach it."""

    parameters: PurkinjeParameters = PurkinjeParameters()
    duration_ms: float = Field(300.0, gt=0, description="simulated time [ms]")
    trial: int = Field(1, ge=0, lt=2**32, description="trial number, part of every stream's name")
    seed: int = Field(0, ge=0, lt=2**32, description="seed, part of every stream's name")
    engine: Engine = Field("coreneuron", description="who integrates; both give the same spikes")
    record: tuple[Recorded, ...] = Field(
        ("soma_v", "calcium"), description="what to keep: soma_v, calcium, v"
    )
    record_dt_ms: float = Field(
        0.1, gt=0, description="sampling step of calcium and v, a multiple of the time step [ms]"
    )


def save_job(
    folder: Path, job: PurkinjeJob, morphology: Morphology, events: SynapticEvents
) -> None:
    """Write a job for `load_job`; plain arrays and JSON."""
    arrays: dict[str, Any] = {
        f"{part}.{field.name}": np.asarray(getattr(value, field.name))
        for part, value in (("morphology", morphology), ("events", events))
        for field in fields(value)
    }
    np.savez(folder / _ARRAYS_FILE, **arrays)
    (folder / _JOB_FILE).write_text(job.model_dump_json())


def load_job(folder: Path) -> tuple[PurkinjeJob, Morphology, SynapticEvents]:
    """Read what `save_job` wrote."""
    job = PurkinjeJob.model_validate_json((folder / _JOB_FILE).read_text())
    with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
        shape = {f.name: arrays[f"morphology.{f.name}"] for f in fields(Morphology)}
        events = SynapticEvents(
            **{f.name: arrays[f"events.{f.name}"] for f in fields(SynapticEvents)}
        )
    shape["name"] = str(shape["name"])
    shape["section_names"] = tuple(shape["section_names"].tolist())
    return job, Morphology(**shape), events
