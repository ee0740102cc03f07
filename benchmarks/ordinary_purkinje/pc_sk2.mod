TITLE SK2 calcium-activated potassium channel of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a kinetic scheme, solved by sparse: one
backward-Euler step.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_sk2
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gmax
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gmax = 0 (S/cm2)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    q
}

STATE {
    c1
    c2
    c3
    c4
    o1
    o2
}

INITIAL {
    rates()
    SOLVE scheme STEADYSTATE sparse
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    ik = gmax*(o1 + o2)*(v - ek)
}

KINETIC scheme {
    rates()
    ~ c1 <-> c2 (200*q*cai, 0.08*q)
    ~ c2 <-> c3 (160*q*cai, 0.08*q)
    ~ c3 <-> c4 (80*q*cai, 0.2*q)
    ~ c3 <-> o1 (0.16*q, q)
    ~ c4 <-> o2 (1.2*q, 0.1*q)
    CONSERVE c1 + c2 + c3 + c4 + o1 + o2 = 1
}

PROCEDURE rates() {
    q = 2.7^((celsius - 23)/10)
}
