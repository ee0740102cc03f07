TITLE Persistent sodium channel of the Purkinje cell

COMMENT
I = gmax m^3 (v - ena). Source: zang2018, kinetics: baker2005 (dorsal root ganglion)
(keys: references.bib).
The gate relaxes exactly. As in the published model it starts at alpha/(alpha + beta), which is
not the m_inf to which it relaxes.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_nap
    USEION na READ ena WRITE ina
    RANGE gmax, g, factor
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
    dt (ms)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    g (S/cm2)
    factor
}

STATE {
    m
}

INITIAL {
    factor = 2.7^((celsius - 22)/10)
    m = alpha(v)/(alpha(v) + beta(v))
}

BREAKPOINT {
    CONDUCTANCE g USEION na
    SOLVE advance
    g = gmax*m*m*m
    ina = g*(v - ena)
}

PROCEDURE advance() {
    LOCAL x_inf
    x_inf = 1/(1 + exp(-(v + 66)/5))
    m = x_inf + (m - x_inf)*exp(-dt*factor*(alpha(v) + beta(v)))
}

FUNCTION alpha(v (mV)) (/ms) {
    alpha = 17.235/(1 + exp(-(v + 27.58)/11.47))
}

FUNCTION beta(v (mV)) (/ms) {
    beta = 17.235/(1 + exp((v + 86.2)/19.8))
}
