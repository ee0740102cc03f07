"""The `cerebella` command: parse, call, print; errors become one message and an exit code."""

from __future__ import annotations

import os
import re
import signal
import sys
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from cerebella.cli import experiment, mli, network, olive, purkinje
from cerebella.cli.console import err
from cerebella.cli.demo import demo
from cerebella.cli.doctor import doctor
from cerebella.cli.provenance import cite, parameters
from cerebella.cli.results import analyze, export, plot
from cerebella.cli.terminal import adapt_streams
from cerebella.errors import CerebellaError

_OPTIONS = {
    "cf_spikes": "--cf-times",
    "parameters": "--set",
    "perturbations": "--perturb",
}
"""Options named differently from their argument."""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Simulate the cerebellar circuit. Start with: cerebella demo",
)
app.command()(demo)
app.command()(doctor)
app.add_typer(network.app, name="network")
app.add_typer(mli.app, name="mli")
app.add_typer(purkinje.app, name="purkinje")
app.add_typer(olive.app, name="olive")
app.add_typer(experiment.app, name="experiment")
app.command()(analyze)
app.command()(plot)
app.command()(export)
app.command()(cite)
app.command()(parameters)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"cerebella {version('cerebella')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; the entry point of the installed script."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    adapt_streams()
    # Figures are only saved. A notebook sets a backend that its kernel has, but not this process.
    os.environ.pop("MPLBACKEND", None)
    try:
        app()
    except CerebellaError as error:
        _fail(error)


def name_options(message: str) -> str:
    """Replace arguments in backticks in a message by the options of the command line.

    >>> name_options("`duration_ms` is -1; give `cf_sync` or `cf_spikes`")
    '--duration is -1; give --cf-sync or --cf-times'
    """
    from cerebella.parameters.shortcuts import option_of

    def option(match: re.Match[str]) -> str:
        return _OPTIONS.get(match[1]) or option_of(match[1])

    return re.sub(r"`([a-z]\w*)`", option, message)


def _stop(number: int, frame: object) -> NoReturn:
    """Exit with the status that shells expect, 130 after Ctrl-C, and end child processes too."""
    signal.signal(number, signal.SIG_IGN)
    sys.exit(128 + number)


def _fail(error: CerebellaError) -> NoReturn:
    """Print the message on the first rank only, and exit with the code of the error."""
    from cerebella.neuron_backend.session import rank_of_launcher, ranks_of_launcher

    if rank_of_launcher() == 0:
        message = escape(name_options(str(error)))
        err.print(f"[bold red]error:[/] {message}", soft_wrap=True)
    if ranks_of_launcher() > 1:
        os._exit(error.exit_code)  # at once, so that the launcher terminates waiting ranks
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
