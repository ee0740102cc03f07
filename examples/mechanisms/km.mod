TITLE Slow potassium current of cerebellar granule cells

COMMENT
Kinetics of D'Angelo et al. (2001), J Neurosci 21:759-770: a steady state at -30 mV, and a time
constant that is the inverse of two exponentials; 22 degC, temperature factor 3.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX km
    USEION k READ ek WRITE ik
    RANGE gbar, g, ik, steady, tau
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0 (S/cm2)
}

ASSIGNED {
    v (mV)
    ek (mV)
    celsius (degC)
    ik (mA/cm2)
    g (S/cm2)
    steady
    tau (ms)
}

STATE {
    n
}

INITIAL {
    rates()
    n = steady
}

BREAKPOINT {
    SOLVE relax METHOD cnexp
    g = gbar*n
    ik = g*(v - ek)
}

DERIVATIVE relax {
    rates()
    n' = (steady - n)/tau
}

PROCEDURE rates() {
    LOCAL factor
    factor = 3^((celsius - 22)/10)
    steady = 1/(1 + exp(-(v + 30)/6))
    tau = 1/(factor*0.0033*(exp((v + 30)/40) + exp(-(v + 30)/20)))
}
