TITLE Kv1 potassium channel of the Purkinje cell

COMMENT
I = gmax n^4 h (v - ek). Source: zang2018, kinetics: akemann2006, zerr1998
(keys: references.bib).
Gates relax exactly; the time constant of h does not depend on voltage.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_kv1
    USEION k READ ek WRITE ik
    RANGE gmax, g, factor, kept_h
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
    dt (ms)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    factor
    kept_h
}

STATE {
    n
    h
}

INITIAL {
    factor = 3^((celsius - 22)/10)
    kept_h = exp(-dt*factor/1000)
    n = alpha(v)/(alpha(v) + beta(v))
    h = h_inf(v)
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*n*n*n*n*h
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL a, b, x_inf
    a = alpha(v)
    b = beta(v)
    x_inf = a/(a + b)
    n = x_inf + (n - x_inf)*exp(-dt*factor*(a + b))
    x_inf = h_inf(v)
    h = x_inf + (h - x_inf)*kept_h
}

FUNCTION alpha(v (mV)) (/ms) {
    alpha = 0.12889*exp((v + 45)/33.90877)
}

FUNCTION beta(v (mV)) (/ms) {
    beta = 0.12889*exp(-(v + 45)/12.42101)
}

FUNCTION h_inf(v (mV)) {
    h_inf = 1/(1 + exp((v + 66.16)/6.1881))
}
