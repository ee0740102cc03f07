"""Grammar of probes as text: a place, a quantity and, optionally, a sampling interval.

soma.v                     potential of the soma
spiny[150um].calcium       a place can contain points and brackets
soma.ik_kv3@0.02ms         sampled every 0.02 ms
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cerebella.errors import InputError
from cerebella.parameters.times import parse_time_ms

_PROBE = re.compile(r"(?P<place>.+)\.(?P<quantity>[A-Za-z]\w*(?:\[\d+\])?)")
_NO_WORD = re.compile(r"\W+")

FORM = "A probe is a place, a point and a quantity, such as soma.v or soma.v@0.02ms"


class Probe(NamedTuple):
    """One probe.

    Attributes
    ----------
    text : str
        As given.
    place, quantity : str
        Its parts.
    interval_ms : float or None
        Time between samples in ms; None if it is not given.
    """

    text: str
    place: str
    quantity: str
    interval_ms: float | None


def parse_probe(text: str) -> Probe:
    """Return the parts of a probe.

    Parameters
    ----------
    text : str
        Such as ``"soma.v@0.02ms"``.

    Returns
    -------
    Probe

    Raises
    ------
    InputError
        The text is not of this form.

    Examples
    --------
    >>> parse_probe("dend[3](0.5).ik_kv3@0.5ms")[1:]
    ('dend[3](0.5)', 'ik_kv3', 0.5)
    """
    what, at, interval = text.strip().partition("@")
    match = _PROBE.fullmatch(what.strip())
    if match is None:
        raise InputError(f"{text!r} is not a probe", remedy=FORM)
    interval_ms = parse_time_ms(interval) if at else None
    if interval_ms is not None and interval_ms <= 0:
        raise InputError(
            f"the sampling interval of {text!r} is not positive", remedy="Give one such as @0.1ms"
        )
    return Probe(text, match["place"], match["quantity"], interval_ms)


def trace_name(quantity: str, interval_ms: float | None) -> str:
    """Return the name of the traces of a quantity: a word that can name a file.

    Parameters
    ----------
    quantity : str
        Quantity.
    interval_ms : float or None
        Time between samples in ms; None for the default.

    Examples
    --------
    >>> trace_name("c_pool[1]", None), trace_name("v", 0.02)
    ('probe_c_pool_1', 'probe_v_0_02ms')
    """
    interval = "" if interval_ms is None else f"_{interval_ms:.9g}ms"
    return _NO_WORD.sub("_", f"probe_{quantity}".removesuffix("]") + interval)
