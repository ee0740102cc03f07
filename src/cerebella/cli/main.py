"""The `cerebella` command: parse, call, print; errors become one message and an exit code."""

from __future__ import annotations

import sys

import typer

from cerebella.cli.console import err
from cerebella.errors import CerebellaError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Simulate the cerebellar circuit: the molecular layer and the olivocerebellar loop.",
)


def main() -> None:
    """Run the command line; the entry point of the installed script."""
    try:
        app()
    except CerebellaError as error:
        err.print(f"[bold red]error:[/] {error}", soft_wrap=True)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
