TITLE P-type calcium channel of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_cap
    USEION ca READ cai WRITE ica
    RANGE permeability, shift
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
}

PARAMETER {
    permeability = 0 (cm/s)
    shift = -5 (mV)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    ica (mA/cm2)
    m_inf
    tau_m (ms)
}

STATE {
    m
}

INITIAL {
    rates(v)
    m = m_inf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ica = 1000*permeability*m*ghk(v, cai)
}

DERIVATIVE gates {
    rates(v)
    m' = (m_inf - m)/tau_m
}

PROCEDURE rates(v (mV)) {
    LOCAL q, u
    q = 3^((celsius - 22)/10)
    u = (v + 30 + shift)/14
    m_inf = 1/(1 + exp(-(v + 30.5 + shift)/4.113))
    tau_m = (0.2 + 0.7031*exp(-u*u))/q
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
