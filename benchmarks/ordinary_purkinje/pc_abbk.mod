TITLE Slow calcium-activated potassium channel (BK alpha/beta4) of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a derivative block, solved by cnexp.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_abbk
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gmax
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gmax = 0 (S/cm2)
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    x_inf
    tau_x (ms)
}

STATE {
    x
}

INITIAL {
    rates(v, cai)
    x = x_inf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ik = gmax*x*(v - ek)
}

DERIVATIVE gates {
    rates(v, cai)
    x' = (x_inf - x)/tau_x
}

PROCEDURE rates(v (mV), cai (mM)) {
    LOCAL c, half, u, bell
    c = 1000*cai
    half = -56.449 + 104.52*exp(-0.22964*c) + 295.68*exp(-2.1571*c)
    x_inf = 1/(1 + exp((half - v)/15.625))
    u = v + 100 - (25 - 55.7 + 136.9*exp(-0.28*c))
    bell = 1/(10*(exp(-u/63.6) + exp(-(150 - u)/63.6)) - 5.2)
    if (bell < 0.2) {
        bell = 0.2
    }
    tau_x = 4*((12.7 + 234*exp(-0.72*c))*(bell - 0.2)/0.8 + 1)
}
