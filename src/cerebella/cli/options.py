"""Options that several commands have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class EngineName(StrEnum):
    """Who integrates."""

    coreneuron = "coreneuron"
    neuron = "neuron"


Engine = Annotated[EngineName, typer.Option(help="Both give the same spikes.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random streams.")]
Config = Annotated[
    Path | None, typer.Option(metavar="YAML", help="Parameters that differ from the default.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="One parameter; may be repeated."),
]
ShowConfig = Annotated[bool, typer.Option("--show-config", help="Print all parameters and stop.")]
ForceRun = Annotated[bool, typer.Option("--force", help="Replace an older run at OUT.")]
