"""Request of one run of the Purkinje cell, which can be sent to another process."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
from pydantic import Field

from cerebella.morphology.morphology import Morphology
from cerebella.neuron_backend.workers import Parcel
from cerebella.parameters.purkinje_simulation import PurkinjeParameters
from cerebella.purkinje.synaptic_events import SynapticEvents
from cerebella.runs.request import Request
from cerebella.stimuli.request import Stimuli


class PurkinjeRequest(Request):
    """One run of the Purkinje cell, apart from its morphology and synaptic events."""

    parameters: PurkinjeParameters = PurkinjeParameters()
    engine: str = Field("coreneuron", description="name of the engine")
    record: tuple[str, ...] = Field(
        ("soma_v", "calcium"), description="traces to record: soma_v, calcium, v, and probes"
    )
    record_dt_ms: float = Field(
        0.1,
        gt=0,
        description="sampling step of calcium, v and probes, a multiple of the time step [ms]",
    )
    stimuli: Stimuli = ()
    mechanisms: dict[str, str] = Field({}, description="NMODL of the user by name of the file")


def pack(request: PurkinjeRequest, morphology: Morphology, events: SynapticEvents) -> Parcel:
    """Return a request, the morphology and the events as a parcel for `unpack`."""
    arrays = {
        f"{part}.{field.name}": np.asarray(getattr(value, field.name))
        for part, value in (("morphology", morphology), ("events", events))
        for field in fields(value)
    }
    return Parcel(request.model_dump(mode="json"), arrays)


def unpack(parcel: Parcel) -> tuple[PurkinjeRequest, Morphology, SynapticEvents]:
    """Return the contents of a parcel made by `pack`."""
    arrays = parcel.arrays
    shape: dict[str, Any] = {f.name: arrays[f"morphology.{f.name}"] for f in fields(Morphology)}
    names = {"name": str(shape["name"]), "section_names": tuple(shape["section_names"].tolist())}
    events = SynapticEvents(
        **{field.name: arrays[f"events.{field.name}"] for field in fields(SynapticEvents)}
    )
    return PurkinjeRequest.model_validate(parcel.values), Morphology(**shape | names), events
