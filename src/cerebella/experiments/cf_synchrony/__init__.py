"""Effect of climbing-fiber synchrony on molecular layer and Purkinje cell."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "cf-synchrony",
    "Effect of climbing-fiber synchrony on molecular layer and Purkinje cell.",
    function="cerebella.experiments.cf_synchrony.sweep:sweep_cf_synchrony",
    command="cerebella.cli.cf_synchrony:cf_synchrony",
)
