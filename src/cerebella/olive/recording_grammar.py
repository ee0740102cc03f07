"""Grammar of recordings as text.

PF=64             spikes of 64 cells, drawn at random; also all, none, or cells such as 0-9,20
IO.v=0,1          potentials of cells, of BC, PC, DCN or IO
v_every_ms=0.1    interval between potentials; a unit may follow, a bare number is in ms
weights=20        weights of 20 synapses, drawn at random
weights_every_ms=1000
pf_groups=23      mean weights of 23 groups of neighboring PFs, by zone
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cerebella.errors import InputError
from cerebella.olive.recording import OliveRecording, Which
from cerebella.olive.step_coefficients import NEURONS
from cerebella.parameters.olive_circuit import POPULATIONS
from cerebella.parameters.settings import parameters_from
from cerebella.parameters.times import parse_time_ms
from cerebella.results.spikes import own_name

FORMS = (
    "Write PF=64, BC=all, PC=none or DCN=0-3,7 for spikes, IO.v=0,1 for potentials, "
    "v_every_ms=0.1, weights=20 or weights_every_ms=500"
)


def parse_recording(texts: Iterable[str]) -> OliveRecording:
    """Return the default recording with changes.

    Parameters
    ----------
    texts : iterable of str
        Such as ``"PF=64"`` or ``"IO.v=0,1"``; see `cerebella.olive.recording_grammar`.

    Returns
    -------
    OliveRecording
        The recording.

    Raises
    ------
    InputError
        A text has none of the accepted forms, which the message lists.

    Examples
    --------
    >>> parse_recording(["IO.v=none", "weights=3"]).weights
    3
    """
    values = OliveRecording().model_dump()
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        population, dot, variable = name.partition(".")
        population = own_name(population.upper())
        try:
            if not equals:
                raise ValueError
            if population in POPULATIONS and not dot:
                values["spikes"][population] = _which(value)
            elif population in NEURONS and variable == "v":
                values["voltages"][population] = _cells(value)
            elif name in ("v_every_ms", "weights_every_ms"):
                values[name] = parse_time_ms(value)
            elif name in ("weights", "histogram_bins", "pf_groups"):
                values[name] = int(value)
            else:
                raise ValueError
            OliveRecording.model_validate(values)
        except ValueError as error:
            raise InputError(f"`record`: cannot record {text!r}", remedy=FORMS) from error
    return OliveRecording.model_validate(values)


def recording_from(
    given: OliveRecording | Mapping[str, Any] | str | Iterable[str] | None,
) -> OliveRecording:
    """Return a recording from any accepted form.

    Parameters
    ----------
    given : OliveRecording, mapping, str, iterable of str, or None
        A recording; a mapping of the fields of one that differ from the default; texts of the
        grammar; or None for the default.

    Returns
    -------
    OliveRecording
        The recording.

    Raises
    ------
    InputError
        A name or value is unknown.
    """
    if given is None or isinstance(given, OliveRecording | Mapping):
        try:
            return parameters_from(OliveRecording, given)
        except InputError as error:
            raise InputError(f"`record`: {error.problem}", remedy=error.remedy) from None
    return parse_recording([given] if isinstance(given, str) else given)


def _which(text: str) -> Which:
    if text in ("all", "none"):
        return text
    return int(text) if text.isdigit() else _cells(text)


def _cells(text: str) -> tuple[int, ...]:
    if text == "none":
        return ()
    cells: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        cells.update(range(int(low), int(high or low) + 1))
    return tuple(sorted(cells))
