"""`cerebella experiment`: many runs that answer one question."""

from __future__ import annotations

import typer

from cerebella.cli.cf_rate import cf_rate
from cerebella.cli.cf_synchrony import cf_synchrony
from cerebella.cli.olive_to_purkinje import olive_to_purkinje

app = typer.Typer(no_args_is_help=True, help="Run many simulations that answer one question.")
app.command("cf-synchrony")(cf_synchrony)
app.command("cf-rate")(cf_rate)
app.command("olive-to-purkinje")(olive_to_purkinje)
