"""Stimuli as text, as mappings and in files."""

from __future__ import annotations

import json

import pytest

from cerebella.errors import InputError
from cerebella.stimuli.currents import (
    CurrentNoise,
    CurrentPulses,
    CurrentRamp,
    CurrentSamples,
    CurrentSine,
    CurrentStep,
)
from cerebella.stimuli.grammar import KINDS, stimuli_from
from cerebella.stimuli.stimulus_file import load_stimuli
from cerebella.stimuli.synaptic import CFSpikes, PFVolley, SynapticBlock
from cerebella.stimuli.voltage_clamp import VoltageClamp

TEXTS = {
    "step MLI1[3] 20pA 50ms-150ms": CurrentStep("MLI1[3]", 0.02, start_ms=50.0, stop_ms=150.0),
    "step spiny[random 5] 1nA": CurrentStep("spiny[random 5]", 1.0),
    "step soma -0.5nA": CurrentStep("soma", -0.5),
    "step MLI2 1e-2nA 0.1s-": CurrentStep("MLI2", 0.01, start_ms=100.0),
    "ramp soma 0nA 2nA 5ms-35ms": CurrentRamp("soma", 0.0, 2.0, start_ms=5.0, stop_ms=35.0),
    "pulses MLI2[0-4] 0.1nA 2ms 50Hz 10-": CurrentPulses(
        "MLI2[0-4]", 0.1, 2.0, 50.0, start_ms=10.0
    ),
    "sine soma 50pA 0.1kHz offset=1nA phase=90deg": CurrentSine(
        "soma", 0.05, 100.0, offset_nA=1.0, phase_degrees=90.0
    ),
    "noise MLI1 20pA 5ms-9ms interval=50us mean=-5pA stream=3": CurrentNoise(
        "MLI1", 0.02, mean_nA=-0.005, interval_ms=0.05, stream=3, start_ms=5.0, stop_ms=9.0
    ),
    "clamp soma -70mV,-40mV 0ms,50ms series_resistance=5MOhm stop=90ms": VoltageClamp(
        "soma", [-70.0, -40.0], [0.0, 50.0], stop_ms=90.0, series_resistance_MOhm=5.0
    ),
    "cf 0.12s,50": CFSpikes([50.0, 120.0]),
    "pf spiny[100-150um] 100 100ms,110ms": PFVolley("spiny[100-150um]", 100, [100.0, 110.0]),
    "pf spiny[12]+ 3 7ms": PFVolley("spiny[12]+", 3, 7.0),
    "block mli,cf 100ms-": SynapticBlock(["mli", "cf"], start_ms=100.0),
    "block all": SynapticBlock(["pf", "mli", "cf", "gap"]),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_gives_a_value(text):
    assert stimuli_from(text) == (TEXTS[text],)


def test_every_kind_returns_unchanged_from_a_manifest():
    samples = CurrentSamples("MLI1", [0.1, 0.2], interval_ms=0.5)
    stimuli = (*TEXTS.values(), samples)
    assert {one.kind for one in stimuli} == set(KINDS)
    stored = json.loads(json.dumps([one.as_mapping() for one in stimuli]))
    assert stimuli_from(stored) == stimuli


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("stp soma 1nA", "'stp soma 1nA': kind 'stp' is unknown. Choose from step, ramp"),
        ("", "kind '' is unknown"),
        ("step soma", "amplitude missing. Write step PLACE AMPLITUDE START-STOP"),
        ("step soma 1", r"'1' is not a number with a unit \(pA, nA\)"),
        ("step soma 1mV", "'1mV' is not a number with a unit"),
        ("step soma 1nA 2nA", "'2nA' has no meaning here"),
        ("step soma 1nA at=3", "'at=3' has no meaning here"),
        ("step soma 1nA 5ms-10m", "'10m' is not a time"),
        ("step soma 1nA 9ms-5ms", "it ends at 5 ms, but starts at 9 ms"),
        ("ramp soma 0nA 1nA", "it has no end"),
        ("noise soma 1nA stream=0.5", "'0.5' is not a whole number"),
        ("samples soma 1nA", "samples cannot be given as text"),
        ({"kind": "step", "place": "soma"}, "step lacks amplitude_nA"),
        ({"kind": "step", "place": "soma", "amplitude": 1}, "step has no 'amplitude'"),
        ({"kind": ["step"]}, r"kind \['step'\] is unknown"),
        ({"kind": "step", "place": 3, "amplitude_nA": 1}, "place is 3"),
        ([3], "3 is not a stimulus"),
        ("cf", "times missing. Write cf TIMES$"),
        ("clamp soma -70mV 0ms-50ms", "'0ms-50ms' is not a time. Write clamp PLACE LEVELS TIMES"),
        ("clamp soma -70 0ms", r"'-70' is not a number with a unit \(mV\)"),
        ("cf 50ms,soon", "'soon' is not a time"),
        ({"kind": "cf", "times_ms": [-1]}, "cf: times_ms contains -1. Give times from 0 on"),
        ({"kind": "cf", "times_ms": "soon"}, "cf: times_ms is not a list of finite numbers"),
        ("pf spiny 0 5ms", "n_contacts is 0"),
        ("pf spiny 1.5 5ms", "'1.5' is not a whole number"),
        ("block gaba", "block: 'gaba' is not an input. Choose from pf, mli, cf, gap, all"),
        ({"kind": "block", "inputs": []}, "no input is named"),
    ],
)
def test_a_wrong_stimulus_is_refused_with_the_valid_form(given, message):
    with pytest.raises(InputError, match=message):
        stimuli_from(given)


@pytest.mark.parametrize("heading", ["", "stimuli:\n"])
def test_a_file_lists_texts_and_mappings(tmp_path, heading):
    file = tmp_path / "stimuli.yaml"
    file.write_text(
        f"{heading}"
        "- step MLI1[3] 20pA 50ms-150ms\n"
        "- {kind: samples, place: soma, samples_nA: [1, 2], interval_ms: 0.1}\n"
    )
    step, samples = load_stimuli(file)
    assert step == TEXTS["step MLI1[3] 20pA 50ms-150ms"]
    assert samples == CurrentSamples("soma", [1.0, 2.0], interval_ms=0.1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("stimulus: [step soma 1nA]", "is not a list of stimuli"),
        ("stimuli: step soma 1nA", "is not a list of stimuli"),
        ("stimuli: [step soma]", "amplitude missing"),
        ("stimuli: [3]", "3 is not a stimulus"),
        ("- step soma", "amplitude missing"),
        ("step soma 1nA", "is not a list of stimuli"),
        ("", "is not a list of stimuli"),
    ],
)
def test_a_wrong_file_is_named(tmp_path, content, message):
    file = tmp_path / "stimuli.yaml"
    file.write_text(content)
    with pytest.raises(InputError, match=message) as caught:
        load_stimuli(file)
    assert caught.value.file == file
