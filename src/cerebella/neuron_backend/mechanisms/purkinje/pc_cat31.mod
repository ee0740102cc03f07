TITLE T-type calcium channel (CaV3.1) of the Purkinje cell

COMMENT
I = 1000 P m^3 h G(v + 6.6). Source: zang2018, temperature factor: iftinca2006
(keys: references.bib).
The published model carries this current by an ion of its own: it depolarizes but does not reach
the calcium pool, hence a non-specific current here. G is taken when the gates advance, so it lags
the voltage by one step and the current has no slope. exp(-log(x)/3) is a cube root that compilers
vectorize.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_cat31
    USEION ca READ cai
    NONSPECIFIC_CURRENT i
    RANGE permeability, g, flux, factor
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    permeability = 0 (cm/s)
}

ASSIGNED {
    v (mV)
    dt (ms)
    celsius (degC)
    cai (mM)
    i (mA/cm2)
    g (S/cm2)
    flux
    factor
}

STATE {
    m
    h
}

INITIAL {
    factor = 1.0913^((celsius - 32)/10)
    m = m_inf(v)
    h = h_inf(v)
    flux = ghk(ghk_xi(v + 6.6), exp(-ghk_xi(v + 6.6)), cai)
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE advance
    g = 0
    i = 1000*permeability*m*m*m*h*flux
}

PROCEDURE advance() {
    LOCAL x_inf
    x_inf = m_inf(v)
    m = x_inf + (m - x_inf)*exp(-dt*factor/slowness_m(v))
    x_inf = h_inf(v)
    h = x_inf + (h - x_inf)*exp(-dt*factor/slowness_h(v))
    flux = ghk(ghk_xi(v + 6.6), exp(-ghk_xi(v + 6.6)), cai)
}

FUNCTION m_inf(v (mV)) {
    m_inf = exp(-log(1 + exp(-(v + 48.806)/4.7056))/3)
}

FUNCTION h_inf(v (mV)) {
    h_inf = 1/(1 + exp((v + 81.718)/6.4635))
}

: time constants before the temperature factor
FUNCTION slowness_m(v (mV)) (ms) {
    slowness_m = 1/(1.2757 - 2.3199/(1 + exp(-(v + 41.448)/30.655))
                    + 2.5712/(1 + exp(-(v + 21.786)/9.6306)))
}

FUNCTION slowness_h(v (mV)) (ms) {
    slowness_h = 1/(0.0076 + 0.17746/(1 + exp(-(v + 51.935)/6.2692))
                    + 0.13402/(1 + exp((v + 94.836)/5.5845)))
}

INCLUDE "ghk.inc"
