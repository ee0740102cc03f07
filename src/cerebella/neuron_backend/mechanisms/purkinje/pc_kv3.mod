TITLE Kv3 potassium channel of the Purkinje cell

COMMENT
I = gmax n^4 (v - ek). Source: zang2018, kinetics: akemann2009, martina2007
(keys: references.bib).
alpha = 0.22 u and beta = 0.22/u share one exponential. The gate relaxes exactly.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_kv3
    USEION k READ ek WRITE ik
    RANGE gmax, shift, g, factor
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
    dt (ms)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    factor
}

STATE {
    n
}

INITIAL {
    LOCAL u
    factor = 2.7^((celsius - 22)/10)
    u = opening(v)
    n = u*u/(u*u + 1)
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*n*n*n*n
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL u, x_inf
    u = opening(v)
    x_inf = u*u/(u*u + 1)
    n = x_inf + (n - x_inf)*exp(-dt*factor*0.22*(u + 1/u))
}

FUNCTION opening(v (mV)) {
    opening = exp((v + 16 + shift)/26.5)
}
