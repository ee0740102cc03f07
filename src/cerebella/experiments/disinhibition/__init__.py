"""Calcium of parallel and climbing fibers together, with and without inhibition."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "disinhibition",
    "Calcium of PF and CF together, with and without inhibition, beside slice data.",
    function="cerebella.experiments.disinhibition.sweep:sweep_disinhibition",
    command="cerebella.cli.disinhibition:disinhibition",
)
