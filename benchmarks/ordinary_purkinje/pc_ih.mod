TITLE Hyperpolarization-activated current of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_ih
    NONSPECIFIC_CURRENT i
    RANGE gmax, e
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 0 (S/cm2)
    e = -30 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
    n_inf
    tau_n (ms)
}

STATE {
    n
}

INITIAL {
    rates(v)
    n = n_inf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    i = gmax*n*(v - e)
}

DERIVATIVE gates {
    rates(v)
    n' = (n_inf - n)/tau_n
}

PROCEDURE rates(v (mV)) {
    LOCAL q
    q = 3^((celsius - 22)/10)
    n_inf = 1/(1 + exp((v + 96.3)/9.67))
    tau_n = 1000/(0.62*(exp(-(v + 68)/22) + exp((v + 68)/7.14)))/q/1.3
}
