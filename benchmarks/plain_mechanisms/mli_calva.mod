TITLE Low-threshold calcium channel of the MLI soma, ordinary formulation

COMMENT
Section 3.4 with a derivative block solved by exponential relaxation; see mli_na.mod in this
folder.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_calva
    NONSPECIFIC_CURRENT i
    RANGE gmax, e
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 0 (S/cm2)
    e = 0 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    i (mA/cm2)
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
    SOLVE states METHOD cnexp
    i = gmax*m^2*h*(v - e)
}

DERIVATIVE states {
    rates(v)
    m' = (m_inf - m)/tau_m
    h' = (h_inf - h)/tau_h
}

PROCEDURE rates(v (mV)) {
    LOCAL q_m, q_h
    q_m = 5^((celsius - 24)/10)
    q_h = 3^((celsius - 24)/10)
    m_inf = 1/(1 + exp(-(v + 52)/7.4))
    h_inf = 1/(1 + exp((v + 80)/5))
    tau_m = (3 + 1/(exp((v + 27)/10) + exp(-(v + 102)/15)))/q_m
    tau_h = (85 + 1/(exp((v + 48)/4) + exp(-(v + 407)/50)))/q_h
}
