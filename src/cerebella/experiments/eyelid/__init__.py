"""Delay eyelid conditioning in the olivocerebellar loop."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "eyelid",
    "Delay eyelid conditioning in the loop, with controls and theory.",
    function="cerebella.experiments.eyelid.cases:run_eyelid",
    command="cerebella.cli.eyelid:eyelid",
)
