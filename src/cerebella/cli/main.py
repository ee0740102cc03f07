"""The `cerebella` command: parse, call, print; errors become one message and an exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import sys
import time
import warnings
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from cerebella.cli import experiment, mli, morphology, network, olive, protocol, purkinje
from cerebella.cli.console import err
from cerebella.cli.demo import demo
from cerebella.cli.doctor import doctor
from cerebella.cli.provenance import cite, parameters
from cerebella.cli.results import analyze, export, plot
from cerebella.cli.sweep import sweep
from cerebella.cli.terminal import adapt_streams
from cerebella.cli.view import movie, view
from cerebella.errors import CerebellaError, InputError, MachineError

_OPTIONS = {
    "cf_spikes": "--cf-times",
    "couplings_per_ms": "--coupling",
    "measures": "--measure",
    "parameters": "--set",
    "perturbations": "--perturb",
    "stimuli": "--stimulus",
    "prepare_morphology": "cerebella morphology prepare",
}
"""Options named differently from their argument."""

_STREAM_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EBADF, errno.EFBIG)
_HEAD_START_S = 1.0

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
app.add_typer(morphology.app, name="morphology")
app.add_typer(purkinje.app, name="purkinje")
app.add_typer(olive.app, name="olive")
app.add_typer(protocol.app, name="protocol")
app.add_typer(experiment.app, name="experiment")
app.command()(sweep)
app.command()(analyze)
app.command()(plot)
app.command()(view)
app.command()(movie)
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
    """Run the command line; the installed script calls it through `cerebella.cli.entry`."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    adapt_streams()
    # Figures are only saved. A notebook sets a backend that its kernel has, but not this process.
    os.environ.pop("MPLBACKEND", None)
    warnings.showwarning = _print_warning
    try:
        app()
    except CerebellaError as error:
        _fail(error)
    except OSError as error:
        if error.filename is not None or error.errno not in _STREAM_ERRORS:
            raise
        # What is left in the buffer would fail again at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
        _fail(
            MachineError(
                f"standard output cannot be written ({error.strerror}). Redirect it to a file on a "
                "disk with free space; files that the command has saved are complete"
            )
        )


def name_options(message: str) -> str:
    """Replace arguments in backticks in a message by the options of the command line.

    >>> name_options("`duration_ms` is -1; give `cf_sync` or `cf_spikes`")
    '--duration is -1; give --cf-sync or --cf-times'
    """
    from cerebella.parameters.shortcuts import option_of

    def option(match: re.Match[str]) -> str:
        return _OPTIONS.get(match[1]) or option_of(match[1])

    return re.sub(r"`([a-z]\w*)`", option, message)


def _print_warning(message: Warning | str, *place: object) -> None:
    """Print a warning like an error, without its place in the code."""
    err.print(f"[yellow]warning:[/] {escape(name_options(str(message)))}", soft_wrap=True)


def _stop(number: int, frame: object) -> NoReturn:
    """Exit with the status that shells expect, 130 after Ctrl-C, and end child processes too.

    The same signal within a second belongs to the first; later, it ends this process at once.
    """
    first = time.monotonic()

    def again(number: int, frame: object) -> None:
        if time.monotonic() - first > 1:
            os._exit(128 + number)

    signal.signal(number, again)
    sys.exit(128 + number)


def _fail(error: CerebellaError) -> NoReturn:
    """Print the message on the first rank only, and exit with the code of the error."""
    from cerebella.neuron_backend.launcher import rank_of_launcher, ranks_of_launcher

    try:
        rank, ranks = rank_of_launcher(), ranks_of_launcher()
    except InputError:  # no launch, which may be what `error` is about
        rank, ranks = 0, 1
    if rank == 0:
        message = escape(name_options(str(error)))
        with contextlib.suppress(OSError):  # a full disk may also be that of stderr
            err.print(
                f"[bold red]error:[/] {message}" if error.exit_code else message, soft_wrap=True
            )
    if ranks > 1:
        # The launcher terminates waiting ranks, but not before the first has printed.
        time.sleep(_HEAD_START_S if rank else 0)
        os._exit(error.exit_code)
    sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
