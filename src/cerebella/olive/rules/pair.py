"""Pairs of nearest spikes: a PC spike after a PF spike potentiates, a CF spike depresses.

Each PC spike potentiates synapses with a last PF spike within the pair window that was not
followed by a CF spike. Each CF spike depresses synapses with a last PF spike within the window W
that was not followed by an earlier CF spike.
"""

from __future__ import annotations

from cerebella.olive.rules.rule import Change, Changes, Counted, Rates, Rule, Steps, units_of
from cerebella.olive.theory import predicted_pair_rate
from cerebella.parameters.olive_simulation import PlasticityParameters


def _changes(plasticity: PlasticityParameters, steps: Steps) -> Changes:
    window, pair_window = steps(plasticity.window_ms), steps(plasticity.pair_window_ms)
    return Changes(
        on_cf=Change(-units_of(plasticity.ltd), Counted.LAST_ARRIVAL, window),
        on_pc=Change(units_of(plasticity.ltp), Counted.LAST_ARRIVAL, pair_window),
    )


def _predicted_rate(plasticity: PlasticityParameters, rates: Rates) -> float | None:
    rates_Hz = rates()
    if not {"PC", "PF"} <= set(rates_Hz):
        return None
    return predicted_pair_rate(
        rates_Hz["PC"], rates_Hz["PF"], plasticity.ltp, plasticity.ltd, plasticity.window_ms
    )


PAIR = Rule(_changes, _predicted_rate, cite=("kakumanu_code",))
