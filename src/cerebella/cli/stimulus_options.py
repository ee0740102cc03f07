"""Options for the stimuli of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cerebella.stimuli.stimulus import Stimulus

StimulusTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--stimulus",
        metavar="TEXT",
        help="Current into cells: kind, place, values with units and window of time, such as "
        "'step PLACE 20pA 50ms-150ms', 'ramp PLACE 0nA 1nA 50ms-150ms', "
        "'pulses PLACE 0.1nA 2ms 50Hz', 'sine PLACE 10pA 8Hz', 'noise PLACE 20pA'. May be "
        "repeated.",
    ),
]
StimuliFile = Annotated[
    Path | None,
    typer.Option("--stimuli", metavar="YAML", help="File with a list of stimuli."),
]


def stimuli_of(texts: list[str] | None, file: Path | None) -> tuple[Stimulus, ...]:
    """Return the stimuli of both options, those of the file first."""
    from cerebella.stimuli.grammar import stimuli_from
    from cerebella.stimuli.stimulus_file import load_stimuli

    return (() if file is None else load_stimuli(file)) + stimuli_from(texts or [])
