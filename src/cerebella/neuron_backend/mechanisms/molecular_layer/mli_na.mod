TITLE Transient sodium channel of the MLI soma

COMMENT
I = gmax m^3 h (v - ena). Kinetics: solinas2007, from a Golgi cell model; density:
ma2020; scheme: park2026 (keys: references.bib).
Gates advance by backward Euler in closed form,
    x <- (x + k alpha) / (1 + k (alpha + beta)),  k = dt * temperature factor,
because the activation time constant is comparable with the time step: an exponential
step would shift spike shape and time. CONDUCTANCE: the current is linear in v, so its slope is
known and CoreNEURON need not evaluate it twice.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_na
    USEION na READ ena WRITE ina
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
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    temperature_factor
}

STATE {
    m
    h
}

INITIAL {
    temperature_factor = 3^((celsius - 20)/10)
    m = alpha_m(v)/(alpha_m(v) + beta_m(v))
    h = alpha_h(v)/(alpha_h(v) + beta_h(v))
}

BREAKPOINT {
    CONDUCTANCE g USEION na
    SOLVE advance
    g = gmax*m*m*m*h
    ina = g*(v - ena)
}

PROCEDURE advance() {
    LOCAL k, alpha, beta
    k = dt*temperature_factor
    alpha = alpha_m(v)
    beta = beta_m(v)
    m = (m + k*alpha)/(1 + k*(alpha + beta))
    alpha = alpha_h(v)
    beta = beta_h(v)
    h = (h + k*alpha)/(1 + k*(alpha + beta))
}

FUNCTION alpha_m(v (mV)) (/ms) {
    LOCAL u
    u = (v + 25)/10
    : the limit at u = 0 is 3 /ms
    if (fabs(u) < 1e-6) {
        alpha_m = 3*(1 + u/2)
    } else {
        alpha_m = 3*u/(1 - exp(-u))
    }
}

FUNCTION beta_m(v (mV)) (/ms) {
    beta_m = 12*exp(-(v + 50)/18.182)
}

FUNCTION alpha_h(v (mV)) (/ms) {
    alpha_h = 0.21*exp(-(v + 50)/3.333)
}

FUNCTION beta_h(v (mV)) (/ms) {
    beta_h = 3/(1 + exp(-(v + 17)/5))
}
