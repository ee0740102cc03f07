"""Pairs of nearest spikes: a PC spike after a PF spike potentiates, a CF spike depresses.

Each PC spike potentiates synapses with a last PF spike within the pair window that was not
followed by a CF spike. Each CF spike depresses synapses with a last PF spike within the window W
that was not followed by an earlier CF spike.
"""

from __future__ import annotations

from cerebella.olive.rules.built_in import BuiltIn, Rates, WholeSteps, whole_units
from cerebella.olive.rules.rule import PlasticityRule
from cerebella.olive.theory import predicted_pair_rate
from cerebella.parameters.olive_simulation import PlasticityParameters


def _depress(since_last_pf_ms: float, since_cf_ms: float, ltd: float, window_ms: float) -> float:
    is_first_cf = since_last_pf_ms < since_cf_ms
    return -ltd if is_first_cf and since_last_pf_ms < window_ms else 0.0


def _potentiate(
    since_last_pf_ms: float, since_cf_ms: float, ltp: float, pair_window_ms: float
) -> float:
    is_before_cf = since_last_pf_ms < since_cf_ms
    return ltp if is_before_cf and since_last_pf_ms < pair_window_ms else 0.0


def _rule(plasticity: PlasticityParameters, whole_steps: WholeSteps) -> PlasticityRule:
    window_ms = whole_steps(plasticity.window_ms)
    pair_window_ms = whole_steps(plasticity.pair_window_ms)
    return PlasticityRule(
        name="pair",
        on_cf=_depress,
        on_pc=_potentiate,
        memory_ms=max(window_ms, pair_window_ms),
        parameters={
            "ltp": whole_units(plasticity.ltp),
            "ltd": whole_units(plasticity.ltd),
            "window_ms": window_ms,
            "pair_window_ms": pair_window_ms,
        },
    )


def _predicted_rate(plasticity: PlasticityParameters, rates: Rates) -> float | None:
    rates_Hz = rates()
    if not {"PC", "PF"} <= set(rates_Hz):
        return None
    return predicted_pair_rate(
        rates_Hz["PC"], rates_Hz["PF"], plasticity.ltp, plasticity.ltd, plasticity.window_ms
    )


PAIR = BuiltIn(_rule, _predicted_rate, cite=("kakumanu_code",))
