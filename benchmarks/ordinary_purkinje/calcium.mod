TITLE Calcium in the $region of the Purkinje cell, ordinary formulation

COMMENT
As published (zang2018): $n_shells radial shells, 0 the outermost,
of 13 species, in one kinetic scheme solved by sparse. Filled in for each region from the package's
description of pools. c calcium, mg magnesium; mb and im mobile and immobile calbindin: unbound (0),
slow or fast site occupied (s, f), both (b); pv parvalbumin: unbound (0), with calcium or magnesium.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX calcium_$region
    USEION ca READ ica
    RANGE outer_shell
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (um) = (micron)
}

ASSIGNED {
    diam (um)
    ica (mA/cm2)
    outer_shell (mM)
    volume[$n_shells] (um2)
    exchange[$n_shells]
}

STATE {
    c[$n_shells] (mM)
    mg[$n_shells] (mM)
    mb0[$n_shells] (mM)
    mbs[$n_shells] (mM)
    mbf[$n_shells] (mM)
    mbb[$n_shells] (mM)
    im0[$n_shells] (mM)
    ims[$n_shells] (mM)
    imf[$n_shells] (mM)
    imb[$n_shells] (mM)
    pv0[$n_shells] (mM)
    pvc[$n_shells] (mM)
    pvm[$n_shells] (mM)
    $pump_states
}

INITIAL {
    LOCAL kf, ks, kc, km, unbound, parvalbumin
    $geometry
    kf = 43.5*4.5e-5/0.0358
    ks = 5.5*4.5e-5/0.0026
    kc = 107*4.5e-5/0.00095
    km = 0.8*0.59/0.025
    unbound = $calbindin/((1 + kf)*(1 + ks))
    parvalbumin = $parvalbumin/(1 + kc + km)
    FROM i = 0 TO $last {
        c[i] = 4.5e-5
        mg[i] = 0.59
        mb0[i] = 0.8*unbound
        mbs[i] = 0.8*unbound*ks
        mbf[i] = 0.8*unbound*kf
        mbb[i] = 0.8*unbound*ks*kf
        im0[i] = 0.2*unbound
        ims[i] = 0.2*unbound*ks
        imf[i] = 0.2*unbound*kf
        imb[i] = 0.2*unbound*ks*kf
        pv0[i] = parvalbumin
        pvc[i] = parvalbumin*kc
        pvm[i] = parvalbumin*km
    }
    $pump_start
    outer_shell = c[0]
}

BREAKPOINT {
    SOLVE reactions METHOD sparse
    outer_shell = c[0]
}

KINETIC reactions {
    COMPARTMENT i, volume[i] {c mg mb0 mbs mbf mbb im0 ims imf imb pv0 pvc pvm}
    $pump_compartment
    ~ c[0] << (-ica*3.14159265358979*diam/(2*9.6485332*$influx_divisor))
    $extrusion
    FROM i = 0 TO $inner {
        ~ c[i] <-> c[i+1] (0.233*exchange[i], 0.233*exchange[i])
        ~ mg[i] <-> mg[i+1] (0.233*exchange[i], 0.233*exchange[i])
        ~ mb0[i] <-> mb0[i+1] (0.028*exchange[i], 0.028*exchange[i])
        ~ mbs[i] <-> mbs[i+1] (0.028*exchange[i], 0.028*exchange[i])
        ~ mbf[i] <-> mbf[i+1] (0.028*exchange[i], 0.028*exchange[i])
        ~ mbb[i] <-> mbb[i+1] (0.028*exchange[i], 0.028*exchange[i])
        ~ pv0[i] <-> pv0[i+1] (0.043*exchange[i], 0.043*exchange[i])
        ~ pvc[i] <-> pvc[i+1] (0.043*exchange[i], 0.043*exchange[i])
        ~ pvm[i] <-> pvm[i+1] (0.043*exchange[i], 0.043*exchange[i])
    }
    FROM i = 0 TO $last {
        ~ c[i] + mb0[i] <-> mbs[i] (5.5*volume[i], 0.0026*volume[i])
        ~ c[i] + mbf[i] <-> mbb[i] (5.5*volume[i], 0.0026*volume[i])
        ~ c[i] + mb0[i] <-> mbf[i] (43.5*volume[i], 0.0358*volume[i])
        ~ c[i] + mbs[i] <-> mbb[i] (43.5*volume[i], 0.0358*volume[i])
        ~ c[i] + im0[i] <-> ims[i] (5.5*volume[i], 0.0026*volume[i])
        ~ c[i] + imf[i] <-> imb[i] (5.5*volume[i], 0.0026*volume[i])
        ~ c[i] + im0[i] <-> imf[i] (43.5*volume[i], 0.0358*volume[i])
        ~ c[i] + ims[i] <-> imb[i] (43.5*volume[i], 0.0358*volume[i])
        ~ c[i] + pv0[i] <-> pvc[i] (107*volume[i], 0.00095*volume[i])
        ~ mg[i] + pv0[i] <-> pvm[i] (0.8*volume[i], 0.025*volume[i])
    }
}
