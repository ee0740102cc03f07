"""Rate of the olive, and its settling, against theory."""

from cerebella.experiments.record import Experiment

EXPERIMENT = Experiment(
    "cf-rate",
    "Rate of the olive, and its settling, against theory.",
    function="cerebella.experiments.cf_rate.cases:run_cf_rate",
    command="cerebella.cli.cf_rate:cf_rate",
)
