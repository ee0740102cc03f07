"""`cerebella experiment`: a command for each experiment."""

from __future__ import annotations

import typer

from cerebella.experiments.record import load_object
from cerebella.experiments.registry import load_experiments

app = typer.Typer(no_args_is_help=True, help="Run many simulations that answer one question.")
for _experiment in load_experiments():
    app.command(_experiment.name, short_help=_experiment.question)(load_object(_experiment.command))
