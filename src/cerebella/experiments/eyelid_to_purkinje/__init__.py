"""The pause that the loop has learned, in the detailed Purkinje cell."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "eyelid-to-purkinje",
    "The pause learned by the loop, in the detailed Purkinje cell.",
    function="cerebella.experiments.eyelid_to_purkinje.sweep:sweep_eyelid_to_purkinje",
    command="cerebella.cli.eyelid_to_purkinje:eyelid_to_purkinje",
)
