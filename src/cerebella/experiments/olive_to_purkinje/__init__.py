"""Effect of synchrony in the olive on molecular layer and Purkinje cell."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "olive-to-purkinje",
    "Effect of synchrony in the olive on molecular layer and Purkinje cell.",
    function="cerebella.experiments.olive_to_purkinje.sweep:sweep_olive_to_purkinje",
    command="cerebella.cli.olive_to_purkinje:olive_to_purkinje",
)
