TITLE $mechanism of the Purkinje cell

COMMENT
I = 1000 P $open G(v + $junction), G the GHK flux. Written by cerebella from $source, which holds
equations and papers.
The published model carries this current by an ion of its own: it depolarizes but does not reach
the calcium pool, hence a non-specific current here. G is taken when the gates advance, so it lags
the voltage by one step and the current has no slope.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX $mechanism
    USEION ca READ cai
    NONSPECIFIC_CURRENT i
    RANGE permeability, g, flux, $constants
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
    $assigned
}

STATE {
    $states
}

INITIAL {
    $initial
    flux = ghk(ghk_xi(v + $junction), exp(-ghk_xi(v + $junction)), cai)
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE advance
    g = 0
    i = 1000*permeability*$open*flux
}

PROCEDURE advance() {
    $advance
    flux = ghk(ghk_xi(v + $junction), exp(-ghk_xi(v + $junction)), cai)
}

INCLUDE "ghk.inc"
