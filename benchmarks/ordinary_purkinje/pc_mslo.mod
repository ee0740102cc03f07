TITLE BK calcium-activated potassium channel (mslo) of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018); a kinetic scheme, solved by sparse: one
backward-Euler step.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX pc_mslo
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gmax
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
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    cai (mM)
    bind (/ms)
    leave_c (/ms)
    leave_o (/ms)
    open
    shut
}

STATE {
    c0
    c1
    c2
    c3
    c4
    o0
    o1
    o2
    o3
    o4
}

INITIAL {
    rates()
    SOLVE scheme STEADYSTATE sparse
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    ik = gmax*(o0 + o1 + o2 + o3 + o4)*(v - ek)
}

KINETIC scheme {
    rates()
    ~ c0 <-> c1 (4*bind, 1*leave_c)
    ~ c1 <-> c2 (3*bind, 2*leave_c)
    ~ c2 <-> c3 (2*bind, 3*leave_c)
    ~ c3 <-> c4 (1*bind, 4*leave_c)
    ~ o0 <-> o1 (4*bind, 1*leave_o)
    ~ o1 <-> o2 (3*bind, 2*leave_o)
    ~ o2 <-> o3 (2*bind, 3*leave_o)
    ~ o3 <-> o4 (1*bind, 4*leave_o)
    ~ c0 <-> o0 (0.00239*open, 3.936*shut)
    ~ c1 <-> o1 (0.0054918*open, 0.687325*shut)
    ~ c2 <-> o2 (0.0246205*open, 0.234588*shut)
    ~ c3 <-> o3 (0.142455*open, 0.10322*shut)
    ~ c4 <-> o4 (0.211022*open, 0.0116581*shut)
    CONSERVE c0 + c1 + c2 + c3 + c4 + o0 + o1 + o2 + o3 + o4 = 1
}

PROCEDURE rates() {
    LOCAL q
    q = 2^((celsius - 25)/10)
    bind = q*1000*cai
    leave_c = q*8.63
    leave_o = q*0.6563
    open = q*exp(0.73*96485.33212/(8.314462618*307.15)*0.001*v)
    shut = q*exp(-0.67*96485.33212/(8.314462618*307.15)*0.001*v)
}
