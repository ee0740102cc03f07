"""Effect of climbing-fiber synchrony at strengths of the cell's own climbing fiber."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "cf-strength",
    "Effect of synchrony in many Purkinje cells, by strength of their climbing fiber.",
    function="cerebella.experiments.cf_strength.sweep:sweep_cf_strength",
    command="cerebella.cli.cf_strength:cf_strength",
)
