TITLE BK calcium-activated potassium channel (mslo) of the Purkinje cell

COMMENT
I = gmax (o0 + ... + o4) (v - ek); ten states, k calcium ions bound in c_k and o_k. Source:
zang2018; scheme: cox1997, constants: womack2002 (keys: references.bib), as the published tool chain
rounds them. The scheme is a ladder; its backward-Euler step is written out when the mechanisms
are built. The steady state at the start is what a hundred long steps leave.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_mslo
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gmax, g, factor
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
    dt (ms)
    celsius (degC)
    ek (mV)
    cai (mM)
    ik (mA/cm2)
    g (S/cm2)
    factor
}

STATE {
    c0
    c1
    c2
    c3
    c4
    o0
    o1
    o2
    o3
    o4
}

INITIAL {
    factor = 2^((celsius - 25)/10)
    c0 = 1
    c1 = 0
    c2 = 0
    c3 = 0
    c4 = 0
    o0 = 0
    o1 = 0
    o2 = 0
    o3 = 0
    o4 = 0
    FROM i = 1 TO 100 {
        implicit_step(20)
    }
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*(o0 + o1 + o2 + o3 + o4)
    ik = g*(v - ek)
}

PROCEDURE advance() {
    implicit_step(dt)
}

PROCEDURE implicit_step(step (ms)) {
    LOCAL bind, leave_c, leave_o, open, shut,
    $ladder_locals
    : F/(R T) in 1/mV, T = 307.15 K
    open = step*factor*exp(0.73*96485.33212/(8.314462618*307.15)*0.001*v)
    shut = step*factor*exp(-0.67*96485.33212/(8.314462618*307.15)*0.001*v)
    bind = step*factor*1000*cai
    leave_c = step*factor*8.63
    leave_o = step*factor*0.6563
    $ladder
}
