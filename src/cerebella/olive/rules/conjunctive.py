"""Conjunctive PF and CF activity depresses; PF activity alone potentiates.

Each PF spike potentiates its synapses when it arrives. The first CF spike within the window W
after it takes that back and depresses by δ⁻ instead; later ones do not count it again.
"""

from __future__ import annotations

from cerebella.olive.rules.rule import Change, Changes, Counted, Rates, Rule, Steps, units_of
from cerebella.olive.theory import predicted_cf_rate
from cerebella.parameters.olive_simulation import PlasticityParameters


def _changes(plasticity: PlasticityParameters, steps: Steps) -> Changes:
    ltp, ltd = units_of(plasticity.ltp), units_of(plasticity.ltd)
    window = steps(plasticity.window_ms)
    return Changes(on_pf=ltp, on_cf=Change(-(ltp + ltd), Counted.UNCLAIMED_ARRIVALS, window))


def _predicted_rate(plasticity: PlasticityParameters, rates: Rates) -> float:
    return predicted_cf_rate(plasticity.ltp, plasticity.ltd, plasticity.window_ms)


CONJUNCTIVE = Rule(
    _changes, _predicted_rate, cite=("itokano1982", "ito1982", "coesmans2004", "cbmsim")
)
