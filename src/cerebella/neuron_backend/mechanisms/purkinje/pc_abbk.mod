TITLE Slow calcium-activated potassium channel (BK alpha/beta4) of the Purkinje cell

COMMENT
I = gmax x (v - ek). Source: zang2018, kinetics probably jaffe2011 (keys: references.bib).
The gate relaxes exactly; no temperature factor, on purpose, as published.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_abbk
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gmax, g
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
    dt (ms)
    ek (mV)
    cai (mM)
    ik (mA/cm2)
    g (S/cm2)
}

STATE {
    x
}

INITIAL {
    x = x_inf(v, cai)
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*x
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL steady
    steady = x_inf(v, cai)
    x = steady + (x - steady)*exp(-dt/tau(v, cai))
}

FUNCTION x_inf(v (mV), cai (mM)) {
    LOCAL c, half
    c = 1000*cai
    half = -56.449 + 104.52*exp(-0.22964*c) + 295.68*exp(-2.1571*c)
    x_inf = 1/(1 + exp((half - v)/15.625))
}

FUNCTION tau(v (mV), cai (mM)) (ms) {
    LOCAL c, u, bell
    c = 1000*cai
    u = v + 100 - (25 - 55.7 + 136.9*exp(-0.28*c))
    bell = 1/(10*(exp(-u/63.6) + exp(-(150 - u)/63.6)) - 5.2)
    if (bell < 0.2) {
        bell = 0.2
    }
    tau = 4*((12.7 + 234*exp(-0.72*c))*(bell - 0.2)/0.8 + 1)
}
