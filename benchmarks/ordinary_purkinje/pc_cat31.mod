TITLE T-type calcium channel (CaV3.1) of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_cat31
    USEION ca READ cai
    NONSPECIFIC_CURRENT i
    RANGE permeability
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    permeability = 0 (cm/s)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    i (mA/cm2)
    flux (coulomb/cm3)
    m_inf
    tau_m (ms)
    h_inf
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
    SOLVE gates METHOD cnexp
    i = 1000*permeability*m^3*h*flux
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/tau_m
    h' = (h_inf - h)/tau_h
}

PROCEDURE rates(v (mV)) {
    LOCAL q
    q = 1.0913^((celsius - 32)/10)
    m_inf = (1 + exp(-(v + 48.806)/4.7056))^(-1/3)
    h_inf = 1/(1 + exp((v + 81.718)/6.4635))
    tau_m = 1/(1.2757 - 2.3199/(1 + exp(-(v + 41.448)/30.655))
               + 2.5712/(1 + exp(-(v + 21.786)/9.6306)))/q
    tau_h = 1/(0.0076 + 0.17746/(1 + exp(-(v + 51.935)/6.2692))
               + 0.13402/(1 + exp((v + 94.836)/5.5845)))/q
    flux = ghk(v + 6.6, cai)
}

FUNCTION ghk(v (mV), cai (mM)) (coulomb/cm3) {
    LOCAL xi, e
    xi = 2*96485*v*0.001/(8.3145*(celsius + 273.19))
    e = exp(-xi)
    if (fabs(1 - e) < 1e-6) {
        ghk = 1e-6*2*96485*(cai - 2*e)*(1 + xi/2)
    } else {
        ghk = 1e-6*2*96485*xi*(cai - 2*e)/(1 - e)
    }
}
