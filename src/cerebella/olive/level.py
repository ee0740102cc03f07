"""The record of the olivocerebellar loop."""

from __future__ import annotations

from cerebella.runs.level import Drawing, Level
from cerebella.runs.manifest import RunKeys

_FIGURE = "cerebella.plots.olive:plot_olive"

PANELS = (
    "io_rate",
    "io_raster",
    "purkinje_raster",
    "pf_raster",
    "dcn_raster",
    "purkinje_rate",
    "weights",
    "weight_distribution",
    "io_voltages",
    "cell_rates",
)
"""Panels that are figures of their own, too."""


def _warm_up() -> None:
    """Simulate the loop with its default recording and that of the experiments.

    Some other recordings and rules of plasticity need further code.
    """
    from cerebella.olive.recording import OliveRecording
    from cerebella.olive.simulate import simulate_olive

    for record in (None, OliveRecording(spikes={"IO": "all"}, voltages={})):
        simulate_olive(duration_ms=1.0, record=record, engine="numba", progress=False)


LEVEL = Level(
    kind="olive",
    title="olivocerebellar loop",
    parameters="cerebella.parameters.olive_simulation:OliveParameters",
    engines="cerebella.olive.engines.engines:ENGINES",
    manifest=RunKeys,
    measures="cerebella.analysis.olive_report:compute_olive_measures",
    report="cerebella.analysis.olive_report:report_olive",
    warm_up=_warm_up,
    page="cerebella.views.olive:page_of",
    figures={
        "loop": Drawing(_FIGURE, one_run=True),
        **{name: Drawing(_FIGURE, arguments={"panel": name}, one_run=True) for name in PANELS},
    },
    exports={
        "npz": "cerebella.exports.olive:export_npz",
        "csv": "cerebella.exports.olive:export_csv",
        "sonata": "cerebella.exports.olive:export_sonata",
    },
)
