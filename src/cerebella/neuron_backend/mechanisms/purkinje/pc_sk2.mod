TITLE SK2 calcium-activated potassium channel of the Purkinje cell

COMMENT
I = gmax (o1 + o2) (v - ek), six states, no voltage dependence. Source: zang2018,
kinetics: hirschberg1998, solinas2007 (keys: references.bib). One backward-Euler step of the scheme
    c1 - c2 - c3 - c4, c3 - o1, c4 - o2,
a tree, which is solved from the leaves to c1 and back.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_sk2
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
    c1
    c2
    c3
    c4
    o1
    o2
}

INITIAL {
    LOCAL total
    factor = 2.7^((celsius - 23)/10)
    c1 = 1
    c2 = c1*200*cai/0.08
    c3 = c2*160*cai/0.08
    c4 = c3*80*cai/0.2
    o1 = c3*0.16/1
    o2 = c4*1.2/0.1
    total = c1 + c2 + c3 + c4 + o1 + o2
    c1 = c1/total
    c2 = c2/total
    c3 = c3/total
    c4 = c4/total
    o1 = o1/total
    o2 = o2/total
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*(o1 + o2)
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL q, k, r_o1, r_o2, r4, r3, r2, into4, into3, into2
    q = dt*factor
    k = q*cai
    : each state in terms of its neighbor nearer to c1
    r_o1 = 1/(1 + q)
    r_o2 = 1/(1 + 0.1*q)
    r4 = 1/(1 + 0.2*q + 1.2*q*r_o2)
    into4 = (c4 + 0.1*q*r_o2*o2)*r4
    r3 = 1/(1 + 0.08*q + 0.16*q*r_o1 + 80*k*(1 - 0.2*q*r4))
    into3 = (c3 + q*r_o1*o1 + 0.2*q*into4)*r3
    r2 = 1/(1 + 0.08*q + 160*k*(1 - 0.08*q*r3))
    into2 = (c2 + 0.08*q*into3)*r2
    c1 = (c1 + 0.08*q*into2)/(1 + 200*k*(1 - 0.08*q*r2))
    c2 = into2 + 200*k*r2*c1
    c3 = into3 + 160*k*r3*c2
    c4 = into4 + 80*k*r4*c3
    o1 = (o1 + 0.16*q*c3)*r_o1
    o2 = (o2 + 1.2*q*c4)*r_o2
}
