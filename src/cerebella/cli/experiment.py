"""`cerebella experiment`: many runs that answer one question."""

from __future__ import annotations

import typer

from cerebella.cli.cf_rate import cf_rate

app = typer.Typer(no_args_is_help=True, help="Run many simulations that answer one question.")
app.command("cf-rate")(cf_rate)


@app.callback()
def _group() -> None:
    """Keep experiments subcommands."""
