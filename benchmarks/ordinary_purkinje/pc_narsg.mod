TITLE Resurgent sodium channel of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a kinetic scheme, solved by sparse: one
backward-Euler step.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_narsg
    USEION na READ ena WRITE ina
    RANGE gmax, shift_a, shift_k, shift_i
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
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    q
    forward (/ms)
    backward (/ms)
    forward_i (/ms)
    backward_i (/ms)
    unblock (/ms)
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
    rates()
    SOLVE scheme STEADYSTATE sparse
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    ina = gmax*o*(v - ena)
}

KINETIC scheme {
    rates()
    ~ c1 <-> c2 (4*forward, 1*backward)
    ~ c2 <-> c3 (3*forward, 2*backward)
    ~ c3 <-> c4 (2*forward, 3*backward)
    ~ c4 <-> c5 (1*forward, 4*backward)
    ~ c5 <-> o (q*150, q*40)
    ~ o <-> b (q*1.75, unblock)
    ~ o <-> i6 (q*0.75, q*0.005)
    ~ i1 <-> i2 (4*forward_i, 1*backward_i)
    ~ i2 <-> i3 (3*forward_i, 2*backward_i)
    ~ i3 <-> i4 (2*forward_i, 3*backward_i)
    ~ i4 <-> i5 (1*forward_i, 4*backward_i)
    ~ i5 <-> i6 (q*150, q*40)
    ~ c1 <-> i1 (q*0.005*150^(0/4), q*0.5*0.01^(0/4))
    ~ c2 <-> i2 (q*0.005*150^(1/4), q*0.5*0.01^(1/4))
    ~ c3 <-> i3 (q*0.005*150^(2/4), q*0.5*0.01^(2/4))
    ~ c4 <-> i4 (q*0.005*150^(3/4), q*0.5*0.01^(3/4))
    ~ c5 <-> i5 (q*0.005*150^(4/4), q*0.5*0.01^(4/4))
    CONSERVE c1 + c2 + c3 + c4 + c5 + o + b + i1 + i2 + i3 + i4 + i5 + i6 = 1
}

PROCEDURE rates() {
    q = 2.7^((celsius - 22)/10)
    forward = q*150*exp(v/20)
    backward = q*3*exp((v + shift_a)/(-20 + shift_k))
    forward_i = q*150*150^0.25*exp((v + shift_i)/20)
    backward_i = q*3*0.01^0.25*exp(-(v + shift_i)/20)
    unblock = q*0.03*exp(-v/25)
}
