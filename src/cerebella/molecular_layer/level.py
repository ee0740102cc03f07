"""The record of the molecular layer network."""

from __future__ import annotations

from pydantic import Field

from cerebella.runs.level import TRACES, Drawing, Level
from cerebella.runs.manifest import NetworkKeys, RunKeys


class MLIRunKeys(RunKeys):
    """Keys of a run of the network that readers require."""

    network: NetworkKeys
    cf_sync: int | None = Field(description="climbing-fiber synchrony level")
    trial: int
    w2_pS: float = Field(description="weight of the MLI2 to MLI1 synapses")


def _warm_up() -> None:
    from cerebella.molecular_layer.simulate import simulate_mli
    from cerebella.network.generate import generate_network

    network = generate_network(seed=0, scale=0.1)
    simulate_mli(network, duration_ms=1.0, engine="numba", progress=False)


LEVEL = Level(
    kind="mli",
    title="molecular layer",
    parameters="cerebella.parameters.mli_simulation:MLIParameters",
    engines="cerebella.molecular_layer.engines:ENGINES",
    manifest=MLIRunKeys,
    measures="cerebella.analysis.mli_report:compute_mli_measures",
    report="cerebella.analysis.mli_report:report_mli",
    events="cerebella.analysis.events:network_events",
    warm_up=_warm_up,
    mechanisms="cerebella.molecular_layer.mechanisms:molecular_layer_mechanisms",
    places_of_traces="cerebella.molecular_layer.places:PLACES_OF_TRACES",
    page="cerebella.views.molecular_layer:page_of",
    figures={
        "molecular_layer": Drawing("cerebella.plots.molecular_layer:plot_molecular_layer"),
        "traces": TRACES,
    },
    exports={
        "csv": "cerebella.exports.spike_csv:export_csv",
        "nwb": "cerebella.exports.nwb:export_nwb",
    },
)
