TITLE All synapses of one kind on one compartment

COMMENT
I = g (v - e), g = B - A, where an event of weight w adds w times the peak normalization to both.
The form of the synapse is that of park2026. Conductances of one kind add up linearly, so one
object serves every connection that ends on the same compartment. The decay factors of a fixed
time step are computed once.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS DoubleExponentialSynapse
    NONSPECIFIC_CURRENT i
    RANGE tau_rise, tau_decay, e, i, g, normalization, decay_A, decay_B
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    tau_rise = 1 (ms)
    tau_decay = 2 (ms)
    e = 0 (mV)
}

ASSIGNED {
    v (mV)
    dt (ms)
    i (nA)
    g (uS)
    normalization
    decay_A
    decay_B
}

STATE {
    A (uS)
    B (uS)
}

INITIAL {
    LOCAL t_peak
    A = 0
    B = 0
    t_peak = tau_rise*tau_decay/(tau_decay - tau_rise)*log(tau_decay/tau_rise)
    normalization = 1/(exp(-t_peak/tau_decay) - exp(-t_peak/tau_rise))
    decay_A = exp(-dt/tau_rise)
    decay_B = exp(-dt/tau_decay)
}

BREAKPOINT {
    CONDUCTANCE g
    SOLVE advance
    g = B - A
    i = g*(v - e)
}

PROCEDURE advance() {
    A = A*decay_A
    B = B*decay_B
}

NET_RECEIVE(weight (uS)) {
    A = A + weight*normalization
    B = B + weight*normalization
}
