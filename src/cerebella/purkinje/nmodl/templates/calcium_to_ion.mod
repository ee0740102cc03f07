TITLE From the outer shell of a calcium pool to the calcium ion that channels read

COMMENT
A pool that wrote the ion itself would keep compilers without scatter instructions (AVX2) from
vectorizing its whole step, which is most of the work of a Purkinje cell. NEURON lets mechanisms
advance in the order of their files' names: pools (calcium_ais to calcium_spiny) before this one,
this one before the channels (pc_), which thus see the new concentration, as published.
Channels see NEURON's default of 5e-5 mM until the first step, although pools start at 4.5e-5 mM,
as published (zang2018, park2026).
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX calcium_to_ion
    POINTER shell, ion
}

UNITS {
    (mM) = (milli/liter)
}

ASSIGNED {
    shell (mM)
    ion (mM)
}

INITIAL {
    ion = 5e-5
}

BREAKPOINT {
    SOLVE pass_on
}

PROCEDURE pass_on() {
    ion = shell
}
