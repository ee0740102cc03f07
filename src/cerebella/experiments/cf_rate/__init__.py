"""Rate and settling of the olive, compared with theory."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "cf-rate",
    "Rate and settling of the olive, compared with theory.",
    function="cerebella.experiments.cf_rate.cases:run_cf_rate",
    command="cerebella.cli.cf_rate:cf_rate",
)
