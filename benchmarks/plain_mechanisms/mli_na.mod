TITLE Transient sodium channel of the MLI soma, ordinary formulation

COMMENT
The sodium channel of MLIs as a modeller would first write it: a derivative block, solved
implicitly, temperature factor and time constants computed at every step. Reference for
benchmarks and parity tests.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_na
    USEION na READ ena WRITE ina
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
    ena (mV)
    ina (mA/cm2)
    m_inf
    h_inf
    tau_m (ms)
    tau_h (ms)
}

STATE {
    m
    h
}

INITIAL {
    rates(v)
    m = m_inf
    h = h_inf
}

BREAKPOINT {
    SOLVE states METHOD derivimplicit
    ina = gmax*m^3*h*(v - ena)
}

DERIVATIVE states {
    rates(v)
    m' = (m_inf - m)/tau_m
    h' = (h_inf - h)/tau_h
}

PROCEDURE rates(v (mV)) {
    LOCAL q, a, b
    q = 3^((celsius - 20)/10)
    if (fabs(v + 25) < 1e-5) {
        a = 3
    } else {
        a = 0.3*(v + 25)/(1 - exp(-(v + 25)/10))
    }
    b = 12*exp(-(v + 50)/18.182)
    m_inf = a/(a + b)
    tau_m = 1/(q*(a + b))
    a = 0.21*exp(-(v + 50)/3.333)
    b = 3/(1 + exp(-(v + 17)/5))
    h_inf = a/(a + b)
    tau_h = 1/(q*(a + b))
}
