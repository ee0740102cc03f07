"""NMODL of SK2 channels, a tree of states that is solved from the leaves to c1 and back."""

from __future__ import annotations

from cerebella.neuron_backend.nmodl import assignments, filled, number, symbol
from cerebella.neuron_backend.ohmic import ohmic_mechanism
from cerebella.purkinje.kinetic_schemes import (
    SK2_BINDING,
    SK2_CLOSING,
    SK2_MECHANISM,
    SK2_OPENING,
    SK2_STATES,
    SK2_UNBINDING,
    sk2_factor,
)

_START = """\
LOCAL total
$factor
c1 = 1
c2 = c1*$bind1*cai/$free1
c3 = c2*$bind2*cai/$free2
c4 = c3*$bind3*cai/$free3
o1 = c3*$open1/$shut1
o2 = c4*$open2/$shut2
total = c1 + c2 + c3 + c4 + o1 + o2
c1 = c1/total
c2 = c2/total
c3 = c3/total
c4 = c4/total
o1 = o1/total
o2 = o2/total"""

_STEP = """\
LOCAL q, k, r_o1, r_o2, r4, r3, r2, into4, into3, into2
q = dt*factor
k = q*cai
: each state in terms of its neighbor nearer to c1
r_o1 = 1/(1 + $shut1*q)
r_o2 = 1/(1 + $shut2*q)
r4 = 1/(1 + $free3*q + $open2*q*r_o2)
into4 = (c4 + $shut2*q*r_o2*o2)*r4
r3 = 1/(1 + $free2*q + $open1*q*r_o1 + $bind3*k*(1 - $free3*q*r4))
into3 = (c3 + $shut1*q*r_o1*o1 + $free3*q*into4)*r3
r2 = 1/(1 + $free1*q + $bind2*k*(1 - $free2*q*r3))
into2 = (c2 + $free2*q*into3)*r2
c1 = (c1 + $free1*q*into2)/(1 + $bind1*k*(1 - $free1*q*r2))
c2 = into2 + $bind1*k*r2*c1
c3 = into3 + $bind2*k*r3*c2
c4 = into4 + $bind3*k*r4*c3
o1 = (o1 + $open1*q*c3)*r_o1
o2 = (o2 + $open2*q*c4)*r_o2"""


def sk2_mechanism() -> str:
    """Return the NMODL of SK2 channels."""
    rates = {"bind": SK2_BINDING, "free": SK2_UNBINDING, "open": SK2_OPENING, "shut": SK2_CLOSING}
    parts = {"factor": assignments({"factor": sk2_factor(symbol("celsius"))})}
    parts |= {
        f"{name}{k + 1}": number(rate) for name, row in rates.items() for k, rate in enumerate(row)
    }
    return ohmic_mechanism(
        SK2_MECHANISM,
        "k",
        source="kinetic_schemes.py",
        parameters={"gmax": "0 (S/cm2)"},
        states=SK2_STATES,
        constants=["factor"],
        initial=filled(_START, parts),
        advance=filled(_STEP, parts),
        conductance="gmax*(o1 + o2)",
        by_calcium=True,
    )
