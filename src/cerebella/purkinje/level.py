"""The record of the Purkinje cell."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from cerebella.runs.level import TRACES, Drawing, Level
from cerebella.runs.manifest import NetworkKeys, RunKeys


class MorphologyKeys(BaseModel):
    """Keys of the morphology of a run that readers require."""

    model_config = ConfigDict(extra="allow")

    name: str = Field(description="name of the cell in tables and figures")


class PurkinjeRunKeys(RunKeys):
    """Keys of a run of the Purkinje cell that readers require."""

    network: NetworkKeys
    morphology: MorphologyKeys
    cf_sync: int | None = Field(description="climbing-fiber synchrony level of the network")
    trial: int
    w2_pS: float | None = Field(description="peak conductance of MLI2→MLI1 synapses [pS], if known")
    pf_scale: float
    cf_scale: float
    cf_time_ms: float | None = Field(description="spike time of the climbing fiber of the cell")


def _warm_up() -> None:
    """Simulate a cell with one presynaptic cell of each type."""
    from cerebella.network.cell_types import CELL_TYPES
    from cerebella.network.network import population_ranges
    from cerebella.purkinje.simulate import simulate_purkinje
    from cerebella.results.spikes import SpikeTrains

    counts = {cell_type.name: 1 for cell_type in CELL_TYPES}
    times_ms, gids = [0.0] * len(counts), range(len(counts))
    spikes = SpikeTrains(times_ms, gids, population_ranges(counts), duration_ms=1.0)  # type: ignore[arg-type]
    simulate_purkinje(spikes, network=counts, engine="numba", progress=False)


LEVEL = Level(
    kind="purkinje",
    title="Purkinje cell",
    parameters="cerebella.parameters.purkinje_simulation:PurkinjeParameters",
    engines="cerebella.purkinje.engines:ENGINES",
    manifest=PurkinjeRunKeys,
    measures="cerebella.analysis.purkinje_report:compute_purkinje_measures",
    report="cerebella.analysis.purkinje_report:report_purkinje",
    events="cerebella.analysis.events:purkinje_events",
    warm_up=_warm_up,
    mechanisms="cerebella.purkinje.nmodl.mechanisms:purkinje_mechanisms",
    places_of_traces="cerebella.purkinje.places:PLACES",
    page="cerebella.views.purkinje:page_of",
    figures={
        "purkinje": Drawing("cerebella.plots.purkinje:plot_purkinje"),
        "levels": Drawing("cerebella.plots.purkinje_levels:plot_purkinje_levels"),
        "dendrite": Drawing(
            "cerebella.plots.dendritic_calcium:plot_dendritic_calcium", {"at_ms": "times_ms"}
        ),
        "traces": TRACES,
    },
    exports={
        "npz": "cerebella.exports.trace_npz:export_npz",
        "nwb": "cerebella.exports.nwb:export_nwb",
    },
)
