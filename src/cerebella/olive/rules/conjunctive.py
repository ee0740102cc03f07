"""Conjunctive PF and CF activity depresses; PF activity alone potentiates.

Each PF spike potentiates its synapses when it arrives. The first CF spike within the window W
after it takes that back and depresses by δ⁻ instead; later ones do not count it again.
"""

from __future__ import annotations

from cerebella.olive.rules.built_in import BuiltIn, Rates, WholeSteps, whole_units
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.theory import predicted_cf_rate
from cerebella.parameters.olive_simulation import PlasticityParameters


def _potentiate(ltp: float) -> float:
    return ltp


def _depress(
    since_pf_ms: float, since_cf_ms: float, ltp: float, ltd: float, window_ms: float
) -> float:
    is_first_cf = since_pf_ms < since_cf_ms
    return -(ltp + ltd) if is_first_cf and since_pf_ms < window_ms else 0.0


def _rule(plasticity: PlasticityParameters, whole_steps: WholeSteps) -> PlasticityRule:
    window_ms = whole_steps(plasticity.window_ms)
    return PlasticityRule(
        name="conjunctive",
        on_pf=_potentiate,
        on_cf=_depress,
        memory_ms=window_ms,
        parameters={
            "ltp": whole_units(plasticity.ltp),
            "ltd": whole_units(plasticity.ltd),
            "window_ms": window_ms,
        },
    )


def _predicted_rate(plasticity: PlasticityParameters, rates: Rates) -> float:
    return predicted_cf_rate(plasticity.ltp, plasticity.ltd, plasticity.window_ms)


CONJUNCTIVE = BuiltIn(
    _rule, _predicted_rate, cite=("itokano1982", "ito1982", "coesmans2004", "cbmsim")
)
