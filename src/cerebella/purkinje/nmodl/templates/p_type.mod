TITLE $mechanism of the Purkinje cell

COMMENT
I = 1000 P $open G(v), G the GHK flux. Written by cerebella from $source, which holds equations and papers.
The slope is that of the published scheme, a forward difference over 0.001 mV; both fluxes need
one exponential only. Current and slope are those of the new voltage and calcium, at which the next
step evaluates them: there they vectorize, and summing up currents does not.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX $mechanism
    USEION ca READ cai WRITE ica
    RANGE permeability, g, current, slope, $constants
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
    ica (mA/cm2)
    g (S/cm2)
    current (mA/cm2)
    slope (S/cm2)
    $assigned
}

STATE {
    $states
}

INITIAL {
    $initial
    evaluate()
}

BREAKPOINT {
    CONDUCTANCE g USEION ca
    SOLVE advance
    ica = current
    g = slope
}

PROCEDURE advance() {
    $advance
    evaluate()
}

PROCEDURE evaluate() {
    LOCAL xi, e, p
    p = 1000*permeability*$open
    xi = ghk_xi(v)
    e = exp(-xi)
    current = p*ghk(xi, e, cai)
    slope = (p*ghk(xi + ghk_xi(0.001), e*exp(-ghk_xi(0.001)), cai) - current)/0.001
}

INCLUDE "ghk.inc"
