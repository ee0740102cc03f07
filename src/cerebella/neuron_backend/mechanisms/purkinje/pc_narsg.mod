TITLE Resurgent sodium channel of the Purkinje cell

COMMENT
I = gmax O (v - ena), 13 states: closed c1 to c5, open o, blocked b, inactivated i1 to i6. Source:
zang2018, scheme: ramanbean2001, khaliq2003 (keys: references.bib). Closed states and o are the left rail of a
ladder, inactivated states the right one; b hangs on o. The backward-Euler step is written out
when the mechanisms are built; at this channel's rates it is far from converged at 0.02 ms, which
is part of the published model. The steady state at the start is what a hundred long steps leave.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_narsg
    USEION na READ ena WRITE ina
    RANGE gmax, shift_a, shift_k, shift_i, g, factor
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gmax = 0 (S/cm2)
    shift_a = 0 (mV)
    shift_k = 0 (mV)
    shift_i = -5 (mV)
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
    c1
    c2
    c3
    c4
    c5
    o
    b
    i1
    i2
    i3
    i4
    i5
    i6
}

INITIAL {
    factor = 2.7^((celsius - 22)/10)
    c1 = 1
    c2 = 0
    c3 = 0
    c4 = 0
    c5 = 0
    o = 0
    b = 0
    i1 = 0
    i2 = 0
    i3 = 0
    i4 = 0
    i5 = 0
    i6 = 0
    FROM k = 1 TO 100 {
        implicit_step(20)
    }
}

BREAKPOINT {
    CONDUCTANCE g USEION na
    SOLVE advance
    g = gmax*o
    ina = g*(v - ena)
}

PROCEDURE advance() {
    implicit_step(dt)
}

PROCEDURE implicit_step(step (ms)) {
    LOCAL q, forward, backward, forward_i, backward_i, opening, closing, inward, outward,
    kept, block, unblock, on, off,
    $ladder_locals
    q = step*factor
    forward = q*150*exp(v/20)
    backward = q*3*exp((v + shift_a)/(-20 + shift_k))
    forward_i = q*150*3.4996355*exp((v + shift_i)/20)
    backward_i = q*3*0.31622777*exp(-(v + shift_i)/20)
    opening = q*150
    closing = q*40
    : con a^(n - 1) and coff b^(n - 1) at level n; a^4 = 0.75/0.005, b^4 = 0.005/0.5
    inward = q*0.005
    outward = q*0.5
    on = q*0.75
    off = q*0.005
    : b is eliminated on o
    block = q*1.75
    unblock = q*0.03*exp(-v/25)
    kept = 1/(1 + unblock)
    $ladder
    b = (b + block*o)*kept
}
