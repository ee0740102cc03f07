TITLE A-type potassium channel of the MLI soma, ordinary formulation

COMMENT
Section 3.3 with a derivative block solved implicitly; see mli_na.mod in this folder.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_ka
    USEION k READ ek WRITE ik
    RANGE gmax
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
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    a_inf
    b_inf
    tau_a (ms)
    tau_b (ms)
}

STATE {
    a
    b
}

INITIAL {
    rates(v)
    a = a_inf
    b = b_inf
}

BREAKPOINT {
    SOLVE states METHOD derivimplicit
    ik = gmax*a^3*b*(v - ek)
}

DERIVATIVE states {
    rates(v)
    a' = (a_inf - a)/tau_a
    b' = (b_inf - b)/tau_b
}

PROCEDURE rates(v (mV)) {
    LOCAL q, alpha, beta
    q = 3^((celsius - 25.5)/10)
    alpha = 0.8147/(1 + exp(-(v + 9.17203)/23.3271))
    beta = 0.1655*exp(-(v + 18.2791)/19.4718)
    a_inf = 1/(1 + exp(-(v + 38)/17))
    tau_a = 1/(q*(alpha + beta))
    alpha = 0.0368/(1 + exp((v + 111.332)/12.8433))
    beta = 0.0345/(1 + exp(-(v + 49.9537)/8.90123))
    b_inf = 1/(1 + exp((v + 78.8)/8.4))
    tau_b = 1/(q*(alpha + beta))
}
