TITLE Delayed-rectifier potassium channel of the MLI soma, ordinary formulation

COMMENT
Section 3.2 with a derivative block solved implicitly; see mli_na.mod in this folder.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_kv
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
}

STATE {
    n
}

INITIAL {
    rates(v)
    n = n_inf
}

BREAKPOINT {
    SOLVE states METHOD derivimplicit
    ik = gmax*n^4*(v - ek)
}

DERIVATIVE states {
    rates(v)
    n' = (n_inf - n)/tau_n
}

PROCEDURE rates(v (mV)) {
    LOCAL q, a, b
    q = 3^((celsius - 6.3)/10)
    if (fabs(v + 26) < 1e-5) {
        a = 0.01
    } else {
        a = 0.001*(v + 26)/(1 - exp(-(v + 26)/10))
    }
    b = 0.0125*exp(-(v + 36)/80)
    n_inf = a/(a + b)
    tau_n = 1/(q*(a + b))
}
