TITLE P-type calcium channel of the Purkinje cell

COMMENT
I = 1000 P m G(v), G the GHK flux. Source: zang2018, kinetics: benton2009, anwar2012
(keys: references.bib).
The slope is that of the published scheme, a forward difference over 0.001 mV; both fluxes need
one exponential only. Current and slope are those of the new voltage and calcium, at which the next
step evaluates them: there they vectorize, and summing up currents does not.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_cap
    USEION ca READ cai WRITE ica
    RANGE permeability, shift, g, current, slope, factor
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    permeability = 0 (cm/s)
    shift = -5 (mV)
}

ASSIGNED {
    v (mV)
    dt (ms)
    celsius (degC)
    cai (mM)
    ica (mA/cm2)
    g (S/cm2)
    current (mA/cm2)
    slope (S/cm2)
    factor
}

STATE {
    m
}

INITIAL {
    factor = 3^((celsius - 22)/10)
    m = m_inf(v)
    evaluate()
}

BREAKPOINT {
    CONDUCTANCE g USEION ca
    SOLVE advance
    ica = current
    g = slope
}

PROCEDURE advance() {
    LOCAL x_inf
    x_inf = m_inf(v)
    m = x_inf + (m - x_inf)*exp(-dt*factor/slowness(v))
    evaluate()
}

PROCEDURE evaluate() {
    LOCAL xi, e, p
    p = 1000*permeability*m
    xi = ghk_xi(v)
    e = exp(-xi)
    current = p*ghk(xi, e, cai)
    slope = (p*ghk(xi + ghk_xi(0.001), e*exp(-ghk_xi(0.001)), cai) - current)/0.001
}

FUNCTION m_inf(v (mV)) {
    m_inf = 1/(1 + exp(-(v + 30.5 + shift)/4.113))
}

: time constant before the temperature factor
FUNCTION slowness(v (mV)) (ms) {
    LOCAL u
    u = (v + 30 + shift)/14
    slowness = 0.2 + 0.7031*exp(-u*u)
}

INCLUDE "ghk.inc"
