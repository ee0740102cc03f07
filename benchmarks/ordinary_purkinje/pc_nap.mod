TITLE Persistent sodium channel of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_nap
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
    start
    m_inf
    tau_m (ms)
}

STATE {
    m
}

INITIAL {
    rates(v)
    m = start
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gmax*m^3*(v - ena)
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/tau_m
}

PROCEDURE rates(v (mV)) {
    LOCAL q, a, b
    q = 2.7^((celsius - 22)/10)
    a = 17.235/(1 + exp(-(v + 27.58)/11.47))
    b = 17.235/(1 + exp((v + 86.2)/19.8))
    start = a/(a + b)
    m_inf = 1/(1 + exp(-(v + 66)/5))
    tau_m = 1/(q*(a + b))
}
