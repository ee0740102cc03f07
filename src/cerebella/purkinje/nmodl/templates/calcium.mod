TITLE Calcium in the $region of the Purkinje cell

COMMENT
$n_shells radial shells, 0 the outermost, with c calcium, mg magnesium, mf and ms the mobile
calbindin whose fast or slow site holds calcium, f and s the same of immobile calbindin, p and pm
parvalbumin with calcium or magnesium. Sources: anwar2012, schmidt2003, zang2018
(keys: references.bib); the reduction to eight variables is of this package. Written by cerebella from one description for all regions.
Channels see the outer shell through calcium_to_ion.
ENDCOMMENT

NEURON {
    THREADSAFE
    SUFFIX $mechanism
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
    dt (ms)
    diam (um)
    ica (mA/cm2)
    outer_shell (mM)
}

STATE {
    $states
    $pump_state
}

INITIAL {
    : calcium and magnesium at rest, in equilibrium with all buffers
    FROM i = 0 TO $last {
        c[i] = $rest_calcium
        mg[i] = $rest_magnesium
        mf[i] = $mobile*$fast_on*$rest_calcium/($fast_on*$rest_calcium + $fast_off)
        ms[i] = $mobile*$slow_on*$rest_calcium/($slow_on*$rest_calcium + $slow_off)
        f[i] = $immobile*$fast_on*$rest_calcium/($fast_on*$rest_calcium + $fast_off)
        s[i] = $immobile*$slow_on*$rest_calcium/($slow_on*$rest_calcium + $slow_off)
        p[i] = $parvalbumin*($pv_ca_on*$rest_calcium/$pv_ca_off)/(1 + $pv_ca_on*$rest_calcium/$pv_ca_off + $pv_mg_on*$rest_magnesium/$pv_mg_off)
        pm[i] = $parvalbumin*($pv_mg_on*$rest_magnesium/$pv_mg_off)/(1 + $pv_ca_on*$rest_calcium/$pv_ca_off + $pv_mg_on*$rest_magnesium/$pv_mg_off)
    }
    $pump_start
    outer_shell = c[0]
}

BREAKPOINT {
    SOLVE advance
}

PROCEDURE advance() {
    LOCAL scale, pivot, fast, slow, pv, $extrusion_locals,
    $locals
    : exchange with the shell outside and inside, over the shell's volume
    $geometry
    scale = $scale
    FROM i = 0 TO $last {
        new_c[i] = c[i]
        new_mg[i] = mg[i]
        new_pm[i] = pm[i]
    }
    $sweeps
    FROM i = 0 TO $last {
        c[i] = new_c[i]
        mg[i] = new_mg[i]
        mf[i] = new_mf[i]
        ms[i] = new_ms[i]
        f[i] = new_f[i]
        s[i] = new_s[i]
        p[i] = new_p[i]
        pm[i] = new_pm[i]
    }
    $pump_end
    outer_shell = c[0]
}

: summed change of the four states of calbindin, free, one site or both sites occupied
FUNCTION calbindin_change(x0 (mM), y0 (mM), x1 (mM), y1 (mM), total (mM)) (mM) {
    LOCAL x, y, both
    x = x1 - x0
    y = y1 - y0
    both = (x1*y1 - x0*y0)/total
    calbindin_change = fabs(both) + fabs(x - both) + fabs(y - both) + fabs(both - x - y)
}
