"""The record of the Purkinje cell."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from cerebella.runs.level import Drawing, Level
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


LEVEL = Level(
    kind="purkinje",
    title="Purkinje cell",
    parameters="cerebella.parameters.purkinje_simulation:PurkinjeParameters",
    engines="cerebella.purkinje.engines:ENGINES",
    manifest=PurkinjeRunKeys,
    measures="cerebella.analysis.purkinje_report:compute_purkinje_measures",
    report="cerebella.analysis.purkinje_report:report_purkinje",
    mechanisms="cerebella.neuron_backend.mechanism_sets:purkinje_mechanisms",
    figures={
        "purkinje": Drawing("cerebella.plots.purkinje:plot_purkinje"),
        "levels": Drawing("cerebella.plots.purkinje_levels:plot_purkinje_levels"),
        "dendrite": Drawing(
            "cerebella.plots.dendritic_calcium:plot_dendritic_calcium", {"at_ms": "times_ms"}
        ),
    },
    exports={
        "npz": "cerebella.exports.trace_npz:export_npz",
        "nwb": "cerebella.exports.nwb:export_nwb",
    },
)
