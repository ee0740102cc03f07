"""Options shared by several commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cerebella.errors import InputError
from cerebella.parameters.times import parse_time_ms


def time_of(text: str | float) -> float:
    """Return a time in ms from the value of an option."""
    try:
        return parse_time_ms(str(text))  # the default comes as a number
    except InputError as error:
        raise typer.BadParameter(str(error)) from None


def names_in(text: str) -> list[str]:
    """Return the names in text such as ``"MLI1_rate_Hz, MLI2_rate_Hz"``."""
    return [name.strip() for name in text.split(",") if name.strip()]


def time_option(*names: str, help: str, show_default: str | bool = True) -> object:
    """Return an option for a time with a unit; a bare number is in ms."""
    return typer.Option(
        *names, parser=time_of, metavar="TIME", help=help, show_default=show_default
    )


Engine = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="auto, numba, coreneuron or neuron. Numba is the fastest, and the choice of auto.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random streams.")]
Trial = Annotated[int, typer.Option(min=0, help="Trial, which selects random streams.")]
Config = Annotated[
    Path | None,
    typer.Option(metavar="YAML", help="File of parameters that differ from their defaults."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Set one parameter; may be repeated."),
]
MechanismsPath = Annotated[
    Path | None,
    typer.Option(
        "--mechanisms",
        metavar="DIR",
        help="Folder with NMODL files of your own, which are compiled and run by NEURON.",
    ),
]
ShowConfig = Annotated[bool, typer.Option("--show-config", help="Print all parameters and exit.")]
ForceRun = Annotated[bool, typer.Option("--force", help="Replace an existing run at OUT.")]
