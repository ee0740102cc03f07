TITLE Kv1 potassium channel of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_kv1
    USEION k READ ek WRITE ik
    RANGE gmax
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 0 (S/cm2)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    n_inf
    tau_n (ms)
    h_inf
    tau_h (ms)
}

STATE {
    n
    h
}

INITIAL {
    rates(v)
    n = n_inf
    h = h_inf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gmax*n^4*h*(v - ek)
}

DERIVATIVE gates {
    rates(v)
    n' = (n_inf - n)/tau_n
    h' = (h_inf - h)/tau_h
}

PROCEDURE rates(v (mV)) {
    LOCAL q, a, b
    q = 3^((celsius - 22)/10)
    a = 0.12889*exp((v + 45)/33.90877)
    b = 0.12889*exp(-(v + 45)/12.42101)
    n_inf = a/(a + b)
    tau_n = 1/(q*(a + b))
    h_inf = 1/(1 + exp((v + 66.16)/6.1881))
    tau_h = 1000/q
}
