TITLE Hyperpolarization-activated current of the Purkinje cell

COMMENT
I = gmax n (v + 30). Source: zang2018 (hpkj), kinetics: angelo2007, khaliq2003
(keys: references.bib).
The gate relaxes exactly.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_ih
    NONSPECIFIC_CURRENT i
    RANGE gmax, e, g, factor
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 0 (S/cm2)
    e = -30 (mV)
}

ASSIGNED {
    v (mV)
    dt (ms)
    celsius (degC)
    i (mA/cm2)
    g (S/cm2)
    factor
}

STATE {
    n
}

INITIAL {
    factor = 3^((celsius - 22)/10)
    n = n_inf(v)
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE advance
    g = gmax*n
    i = g*(v - e)
}

PROCEDURE advance() {
    LOCAL x_inf
    x_inf = n_inf(v)
    n = x_inf + (n - x_inf)*exp(-dt*factor*1.3*rate(v))
}

FUNCTION n_inf(v (mV)) {
    n_inf = 1/(1 + exp((v + 96.3)/9.67))
}

: before the temperature factor
FUNCTION rate(v (mV)) (/ms) {
    rate = 0.00062*(exp(-(v + 68)/22) + exp((v + 68)/7.14))
}
