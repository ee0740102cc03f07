TITLE Kv4 potassium channels of the Purkinje cell, fast and slow, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp. Both channels in one
mechanism, as in the package; two would be slower.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_kv4
    USEION k READ ek WRITE ik
    RANGE gmax_fast, gmax_slow
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax_fast = 0 (S/cm2)
    gmax_slow = 0 (S/cm2)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    n_inf
    tau_n (ms)
    h_inf
    tau_fast (ms)
    tau_slow (ms)
}

STATE {
    n
    h_fast
    h_slow
}

INITIAL {
    rates(v)
    n = n_inf
    h_fast = h_inf
    h_slow = h_inf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = (gmax_fast*h_fast + gmax_slow*h_slow)*n^4*(v - ek)
}

DERIVATIVE gates {
    rates(v)
    n' = (n_inf - n)/tau_n
    h_fast' = (h_inf - h_fast)/tau_fast
    h_slow' = (h_inf - h_slow)/tau_slow
}

PROCEDURE rates(v (mV)) {
    LOCAL q, a, b
    q = 3^((celsius - 23)/10)
    a = 0.15743*exp((v + 57)/32.19976)
    b = 0.15743*exp(-(v + 57)/37.51346)
    n_inf = 1/(1 + exp(-(v + 49)/12.5))
    tau_n = 1/(q*(a + b))
    h_inf = 1/(1 + exp((v + 75.30348)/6.06329))
    tau_fast = 20/q
    tau_slow = 100/q
}
