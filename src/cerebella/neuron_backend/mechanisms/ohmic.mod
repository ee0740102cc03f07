TITLE $mechanism

COMMENT
I = g (v - $reversal). Written by cerebella from $source, which holds equations and papers.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX $mechanism
    $write_current
    $read_calcium
    RANGE $range
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    $parameters
}

ASSIGNED {
    v (mV)
    dt (ms)
    celsius (degC)
    $current (mA/cm2)
    g (S/cm2)
    $assigned
}

STATE {
    $states
}

INITIAL {
    $initial
}

BREAKPOINT {
    CONDUCTANCE g$of_ion
    SOLVE advance
    g = $conductance
    $current = g*(v - $reversal)
}

PROCEDURE advance() {
    $advance
}

$procedures
