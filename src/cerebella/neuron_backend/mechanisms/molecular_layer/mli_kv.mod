TITLE Delayed-rectifier potassium channel of the MLI soma

COMMENT
I = gmax n^4 (v - ek). Kinetics: solinas2007, from a Golgi cell model; density and
a tenth of its rates: ma2020; scheme: park2026 (keys: references.bib).
The gate advances by backward Euler in closed form, see mli_na.mod.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_kv
    USEION k READ ek WRITE ik
    RANGE gmax, g, temperature_factor
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
    temperature_factor
}

STATE {
    n
}

INITIAL {
    temperature_factor = 3^((celsius - 6.3)/10)
    n = alpha_n(v)/(alpha_n(v) + beta_n(v))
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*n*n*n*n
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL k, alpha, beta
    k = dt*temperature_factor
    alpha = alpha_n(v)
    beta = beta_n(v)
    n = (n + k*alpha)/(1 + k*(alpha + beta))
}

FUNCTION alpha_n(v (mV)) (/ms) {
    LOCAL u
    u = (v + 26)/10
    : the limit at u = 0 is 0.01 /ms
    if (fabs(u) < 1e-6) {
        alpha_n = 0.01*(1 + u/2)
    } else {
        alpha_n = 0.01*u/(1 - exp(-u))
    }
}

FUNCTION beta_n(v (mV)) (/ms) {
    beta_n = 0.0125*exp(-(v + 36)/80)
}
