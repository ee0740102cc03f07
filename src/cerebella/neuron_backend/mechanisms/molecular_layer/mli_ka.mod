TITLE A-type potassium channel of the MLI soma

COMMENT
I = gmax a^3 b (v - ek). Kinetics: solinas2007, from a Golgi cell model; density:
ma2020; scheme: park2026 (keys: references.bib).
Steady states do not follow from the rates: x' = (x_inf - x) r with r = factor (alpha + beta),
and backward Euler in closed form, x <- (x + dt r x_inf) / (1 + dt r). Constants are those that
the published tool chain uses after rounding its parameters to six digits; spike times need it.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX mli_ka
    USEION k READ ek WRITE ik
    RANGE gmax, g, temperature_factor
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
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    temperature_factor
}

STATE {
    a
    b
}

INITIAL {
    temperature_factor = 3^((celsius - 25.5)/10)
    a = a_inf(v)
    b = b_inf(v)
}

BREAKPOINT {
    CONDUCTANCE g USEION k
    SOLVE advance
    g = gmax*a*a*a*b
    ik = g*(v - ek)
}

PROCEDURE advance() {
    LOCAL k
    k = dt*temperature_factor*rate_a(v)
    a = (a + k*a_inf(v))/(1 + k)
    k = dt*temperature_factor*rate_b(v)
    b = (b + k*b_inf(v))/(1 + k)
}

FUNCTION a_inf(v (mV)) {
    a_inf = 1/(1 + exp(-(v + 38)/17))
}

FUNCTION b_inf(v (mV)) {
    b_inf = 1/(1 + exp((v + 78.8)/8.4))
}

FUNCTION rate_a(v (mV)) (/ms) {
    rate_a = 0.8147/(1 + exp(-(v + 9.17203)/23.3271)) + 0.1655*exp(-(v + 18.2791)/19.4718)
}

FUNCTION rate_b(v (mV)) (/ms) {
    rate_b = 0.0368/(1 + exp((v + 111.332)/12.8433)) + 0.0345/(1 + exp(-(v + 49.9537)/8.90123))
}
