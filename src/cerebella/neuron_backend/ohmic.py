"""NMODL of channels whose current is a conductance times the distance from a potential."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cerebella.neuron_backend.nmodl import filled

_TEMPLATE = Path(__file__).parent / "mechanisms" / "ohmic.mod"


class _Carrier(NamedTuple):
    """How a mechanism declares its current.

    Attributes
    ----------
    statement : str
        Of the block NEURON.
    ion : str
        Ion of NEURON; empty for a non-specific current.
    current, reversal : str
        Names.
    """

    statement: str
    ion: str
    current: str
    reversal: str


_CARRIERS = {
    "na": _Carrier("USEION na READ ena WRITE ina", "na", "ina", "ena"),
    "k": _Carrier("USEION k READ ek WRITE ik", "k", "ik", "ek"),
    "": _Carrier("NONSPECIFIC_CURRENT i", "", "i", "e"),
}


def ohmic_mechanism(
    mechanism: str,
    carrier: str,
    *,
    source: str,
    parameters: Mapping[str, str],
    states: Sequence[str],
    constants: Sequence[str],
    initial: str,
    advance: str,
    conductance: str,
    by_calcium: bool,
    procedures: str = "",
) -> str:
    """Return the NMODL of a channel.

    Parameters
    ----------
    mechanism : str
        Its name.
    carrier : {"na", "k", ""}
        Ion; empty for a non-specific current, whose reversal potential is a parameter ``e``.
    source : str
        File of the equations, for the comment.
    parameters : mapping of str to str
        Default and unit of the parameters.
    states, constants : sequence of str
        Names of states, and of what `initial` computes for all steps.
    initial, advance : str
        Statements of the start and of a step.
    conductance : str
        In S/cm².
    by_calcium : bool
        Whether the statements contain calcium, ``cai``.
    procedures : str
        Further blocks.

    Returns
    -------
    str
    """
    of = _CARRIERS[carrier]
    assigned = [] if of.reversal in parameters else [f"{of.reversal} (mV)"]
    assigned += ["cai (mM)"] if by_calcium else []
    return filled(
        _TEMPLATE.read_text(),
        {
            "mechanism": mechanism,
            "source": source,
            "write_current": of.statement,
            "read_calcium": "USEION ca READ cai" if by_calcium else "",
            "range": ", ".join([*parameters, "g", *constants]),
            "parameters": "\n".join(f"{name} = {value}" for name, value in parameters.items()),
            "current": of.current,
            "reversal": of.reversal,
            "assigned": "\n".join([*assigned, *constants]),
            "states": "\n".join(states),
            "initial": initial,
            "of_ion": f" USEION {of.ion}" if of.ion else "",
            "conductance": conductance,
            "advance": advance,
            "procedures": procedures,
        },
    )
