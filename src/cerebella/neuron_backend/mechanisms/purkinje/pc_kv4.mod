TITLE Kv4 potassium channels of the Purkinje cell, fast and slow

COMMENT
I = (gmax_fast h_fast + gmax_slow h_slow) n^4 (v - ek). Source: zang2018, kinetics:
sacco2002, gunay2008 (keys: references.bib). The two channels differ in the time constant of inactivation only, which
does not depend on voltage, so they share n. Gates relax exactly.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_kv4
    USEION k READ ek WRITE ik
    RANGE gmax_fast, gmax_slow, g, factor, kept_fast, kept_slow
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
    dt (ms)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    factor
    kept_fast
    kept_slow
}

STATE {
    n
    h_fast
    h_slow
}

INITIAL {
    factor = 3^((celsius - 23)/10)
    kept_fast = exp(-dt*factor/20)
    kept_slow = exp(-dt*factor/100)
    n = n_inf(v)
    h_fast = h_inf(v)
    h_slow = h_inf(v)
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = (gmax_fast*h_fast + gmax_slow*h_slow)*n*n*n*n
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL x_inf
    x_inf = n_inf(v)
    n = x_inf + (n - x_inf)*exp(-dt*factor*rate_n(v))
    x_inf = h_inf(v)
    h_fast = x_inf + (h_fast - x_inf)*kept_fast
    h_slow = x_inf + (h_slow - x_inf)*kept_slow
}

FUNCTION n_inf(v (mV)) {
    n_inf = 1/(1 + exp(-(v + 49)/12.5))
}

FUNCTION rate_n(v (mV)) (/ms) {
    rate_n = 0.15743*(exp((v + 57)/32.19976) + exp(-(v + 57)/37.51346))
}

FUNCTION h_inf(v (mV)) {
    h_inf = 1/(1 + exp((v + 75.30348)/6.06329))
}
