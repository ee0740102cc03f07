TITLE Kv3 potassium channel of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_kv3
    USEION k READ ek WRITE ik
    RANGE gmax, shift
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 0 (S/cm2)
    shift = 4 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
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
    ik = gmax*n^4*(v - ek)
}

DERIVATIVE gates {
    rates(v)
    n' = (n_inf - n)/tau_n
}

PROCEDURE rates(v (mV)) {
    LOCAL q, a, b
    q = 2.7^((celsius - 22)/10)
    a = 0.22*exp((v + 16 + shift)/26.5)
    b = 0.22*exp(-(v + 16 + shift)/26.5)
    n_inf = a/(a + b)
    tau_n = 1/(q*(a + b))
}
