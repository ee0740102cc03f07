"""Request of one run of the network, which can be sent to another process."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import Field

from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.network import Network
from cerebella.neuron_backend.workers import Parcel
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.request import Request
from cerebella.stimuli.request import Stimuli


class MLIRequest(Request):
    """One run of the molecular layer, apart from the network and the input spikes."""

    parameters: MLIParameters = MLIParameters()
    engine: str = Field("coreneuron", description="name of the engine")
    published_ranks: int | None = Field(
        None, ge=1, description="ranks of the published run to replay; None for own streams"
    )
    record_v: tuple[int, ...] = Field((), description="gids of MLIs whose soma voltage is recorded")
    probes: tuple[str, ...] = Field((), description="probes to record, such as MLI1[3].ik_kv")
    record_gates: tuple[tuple[int, int], ...] = Field(
        (), description="gid and gate of each recorded gate"
    )
    stimuli: Stimuli = ()
    mechanisms: dict[str, str] = Field({}, description="NMODL of the user by name of the file")


def pack(request: MLIRequest, network: Network, inputs: SpikeTrains) -> Parcel:
    """Return a request, its network and its input spikes as a parcel for `unpack`."""
    arrays = {
        f"{table}.{column}": values
        for table in ("synapses", "gap_junctions")
        for column in getattr(network, table).__dataclass_fields__
        if (values := getattr(getattr(network, table), column)) is not None
    }
    arrays |= {
        "cell_types": np.array(list(network.cell_counts)),
        "cell_counts": np.array(list(network.cell_counts.values())),
        "inputs.times_ms": inputs.times_ms,
        "inputs.gids": inputs.gids,
    }
    return Parcel(request.model_dump(mode="json"), arrays)


def unpack(parcel: Parcel) -> tuple[MLIRequest, Network, SpikeTrains]:
    """Return the contents of a parcel made by `pack`; CF levels are in the input spikes only."""
    request = MLIRequest.model_validate(parcel.values)
    arrays = parcel.arrays

    def table(kind: type[Any], name: str) -> Any:
        return kind(
            **{
                column: arrays[f"{name}.{column}"]
                for column in kind.__dataclass_fields__
                if f"{name}.{column}" in arrays
            }
        )

    synapses = table(Synapses, "synapses")
    gap_junctions = table(GapJunctions, "gap_junctions")
    counts = dict(zip(arrays["cell_types"].tolist(), arrays["cell_counts"].tolist(), strict=True))
    inputs = SpikeTrains(
        arrays["inputs.times_ms"], arrays["inputs.gids"], (), duration_ms=request.duration_ms
    )
    return request, Network(counts, synapses, gap_junctions), inputs
