TITLE One side of a gap junction

COMMENT
I = g (v - v_partner); v_partner is transferred from the other cell once per time step.
Scheme of park2026 (keys: references.bib). A junction is two of these, one on each side.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS HalfGapJunction
    NONSPECIFIC_CURRENT i
    RANGE g, i, v_partner
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    g = 0 (uS)
    v_partner = 0 (mV)
}

ASSIGNED {
    v (mV)
    i (nA)
}

BREAKPOINT {
    CONDUCTANCE g
    i = g*(v - v_partner)
}
