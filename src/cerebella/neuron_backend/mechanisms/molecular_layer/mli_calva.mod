TITLE Low-threshold calcium channel of the MLI soma

COMMENT
I = gmax m^2 h (v - e) with e = 0 mV. Kinetics: destexhe1994, hugmc1992 (thalamic
neurons), density: ma2020, scheme: park2026 (keys: references.bib).
The published model leaves both concentrations of its private divalent ion at their default,
so the Nernst potential is 0 mV and no concentration changes: a depolarizing, T-like
conductance, and therefore a non-specific current here. Gates relax exactly.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_calva
    NONSPECIFIC_CURRENT i
    RANGE gmax, e, g, factor_m, factor_h
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
    dt (ms)
    celsius (degC)
    i (mA/cm2)
    g (S/cm2)
    factor_m
    factor_h
}

STATE {
    m
    h
}

INITIAL {
    factor_m = 5^((celsius - 24)/10)
    factor_h = 3^((celsius - 24)/10)
    m = m_inf(v)
    h = h_inf(v)
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE advance
    g = gmax*m*m*h
    i = g*(v - e)
}

PROCEDURE advance() {
    LOCAL x_inf
    x_inf = m_inf(v)
    m = x_inf + (m - x_inf)*exp(-dt*factor_m/slowness_m(v))
    x_inf = h_inf(v)
    h = x_inf + (h - x_inf)*exp(-dt*factor_h/slowness_h(v))
}

FUNCTION m_inf(v (mV)) {
    m_inf = 1/(1 + exp(-(v + 52)/7.4))
}

FUNCTION h_inf(v (mV)) {
    h_inf = 1/(1 + exp((v + 80)/5))
}

: time constants before the temperature factor
FUNCTION slowness_m(v (mV)) (ms) {
    slowness_m = 3 + 1/(exp((v + 27)/10) + exp(-(v + 102)/15))
}

FUNCTION slowness_h(v (mV)) (ms) {
    slowness_h = 85 + 1/(exp((v + 48)/4) + exp(-(v + 407)/50))
}
