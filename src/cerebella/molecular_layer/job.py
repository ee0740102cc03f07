"""What one simulation was asked to do, as a value that can cross to another process."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from cerebella.network.connections import GapJunctions, Synapses
from cerebella.network.network import Network
from cerebella.parameters.mli_simulation import MLIParameters
from cerebella.parameters.quantity import Parameters
from cerebella.results.spikes import SpikeTrains

Engine = Literal["coreneuron", "neuron"]

_JOB_FILE, _ARRAYS_FILE = "job.json", "arrays.npz"


class MLIJob(Parameters):
    """One run of the molecular layer, apart from the network and the input spikes."""

    parameters: MLIParameters = MLIParameters()
    duration_ms: float = Field(300.0, gt=0, description="simulated time [ms]")
    trial: int = Field(1, ge=0, lt=2**32, description="trial number, part of every stream's name")
    seed: int = Field(0, ge=0, lt=2**32, description="seed, part of every stream's name")
    published_ranks: int | None = Field(
        None, ge=1, description="ranks of the published run that is replayed; None: own streams"
    )
    engine: Engine = Field("coreneuron", description="who integrates; both give the same spikes")
    record_v: tuple[int, ...] = Field((), description="gids of the MLIs whose soma voltage is kept")


def save_job(folder: Path, job: MLIJob, network: Network, inputs: SpikeTrains) -> None:
    """Write a job for `load_job`; plain arrays and JSON."""
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
    np.savez(folder / _ARRAYS_FILE, **arrays)
    (folder / _JOB_FILE).write_text(job.model_dump_json())


def load_job(folder: Path) -> tuple[MLIJob, Network, SpikeTrains]:
    """Read what `save_job` wrote; the network comes without CF levels, which are in the inputs."""
    job = MLIJob.model_validate_json((folder / _JOB_FILE).read_text())
    with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
        synapses = Synapses(
            **{
                column: arrays[f"synapses.{column}"]
                for column in Synapses.__dataclass_fields__
                if f"synapses.{column}" in arrays
            }
        )
        gap_junctions = GapJunctions(
            **{c: arrays[f"gap_junctions.{c}"] for c in GapJunctions.__dataclass_fields__}
        )
        counts = dict(
            zip(arrays["cell_types"].tolist(), arrays["cell_counts"].tolist(), strict=True)
        )
        inputs = SpikeTrains(
            arrays["inputs.times_ms"], arrays["inputs.gids"], (), duration_ms=job.duration_ms
        )
    return job, Network(counts, synapses, gap_junctions), inputs
