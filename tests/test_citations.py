"""Runs name the papers behind the parts that they used."""

from __future__ import annotations

import re

import pytest
from pybtex.database import parse_string

import cerebella as cb
from cerebella.citations import (
    CHANNEL_KEYS,
    LEVEL_KEYS,
    PARTS,
    citation_keys,
    known_keys,
    load_references,
)
from cerebella.errors import InputError
from cerebella.parameters.settings import set_values
from cerebella.runs.level import LEVELS, level_of, resolve


def manifest(kind, parameters, engine="neuron", **more):
    return {"kind": kind, "engine": engine, "parameters": parameters.model_dump(), **more}


def test_all_keys_are_in_the_bibliography():
    known = set(load_references().entries)
    engines = {e.name: e.cite for kind in LEVELS for e in resolve(level_of(kind).engines)}
    for table in (LEVEL_KEYS, engines, CHANNEL_KEYS):
        assert {key for keys in table.values() for key in keys} <= known
    assert {key for part in PARTS for key in part.keys} <= known


def test_keys_are_known_without_parsing_the_bibliography():
    assert known_keys() == set(load_references().entries)


def test_channels_are_those_of_the_purkinje_cell():
    densities = {
        name
        for name in type(cb.PurkinjeParameters().cell.soma).model_fields
        if name.endswith(("_S_per_cm2", "_cm_per_s"))
    }
    assert set(CHANNEL_KEYS) == densities


def test_gap_junctions_and_kinetics_are_cited_where_they_are_used():
    network = {"n_gap_junctions": 0, "cell_counts": {"CF": 22}}
    with_gaps = citation_keys(manifest("mli", cb.MLIParameters()))
    without = citation_keys(manifest("mli", cb.MLIParameters(), network=network))
    assert set(with_gaps) - set(without) == {"alcami2013", "mannmetzer1999"}
    closed = set_values(cb.MLIParameters(), [("connections.gap_conductance_nS", 0)])
    assert "alcami2013" not in citation_keys(manifest("mli", closed))
    kinetics = [
        ("connections.inhibition.tau_rise_ms", 0.6),
        ("connections.inhibition.tau_decay_ms", 5.9),
        ("connections.pf.tau_rise_ms", 0.5),
    ]
    measured = set_values(cb.MLIParameters(), kinetics)
    found = citation_keys(manifest("mli", measured))
    assert "kondomarty1998" in found
    assert "hausserroth1997" not in found


def test_the_traced_cell_and_missing_channels_change_the_list():
    traced = {"name": "cell", "n_sections": 1137, "n_compartments": 2475}
    generated = {"name": "default", "n_sections": 1137, "n_compartments": 2550}
    parameters = cb.PurkinjeParameters()
    a = citation_keys(manifest("purkinje", parameters, morphology=traced))
    b = citation_keys(manifest("purkinje", parameters, morphology=generated))
    assert set(a) - set(b) == {"rothhausser2001"}
    regions = ("soma", "ais", "smooth", "spiny")
    none = [(f"cell.{region}.mslo_S_per_cm2", 0) for region in regions]
    c = citation_keys(manifest("purkinje", set_values(cb.PurkinjeParameters(), none)))
    assert set(b) - set(c) == {"cox1997", "womack2002"}


def test_rule_coupling_and_feedback_of_the_loop():
    def keys(engine="numba", **parts):
        return set(citation_keys(manifest("olive", cb.OliveParameters(**parts), engine)))

    usual = keys()
    assert usual - keys(plasticity={"rule": "pair"}) == {"wang2000", "suvrathan2016"}
    assert "itokano1982" not in keys(plasticity={"rule": "off"})
    assert usual - keys(drive={"gap_per_ms": 0}) == {"long2002"}
    spikes = keys(drive={"gap_spike_area_mV_ms": 80})
    assert spikes - usual == {"lewisrinzel2003", "ostojic2009"}
    assert "best2009" not in keys(synapses={"dcn_io": {"weight_per_ms": 0}})
    assert usual - keys("numpy") == {"numba"}


@pytest.mark.parametrize("recorded", [[], ["Carnevale NT, Hines ML (2006) The NEURON Book."]])
def test_runs_of_early_versions_are_cited_by_what_they_used(recorded):
    early = {**manifest("mli", cb.MLIParameters(), "coreneuron"), "cite": recorded}
    assert "[ma2020]" in cb.cite(early)
    assert "[coreneuron2019]" in cb.cite(early)


def test_recorded_keys_are_cited_as_they_are():
    run = {"kind": "olive", "cite": ["cbmsim", "numba"]}
    keys = re.findall(r"\[(\w+)\]$", cb.cite(run), re.M)
    assert keys == ["cerebella", "cbmsim", "numba"]


def test_unknown_keys_are_refused():
    with pytest.raises(InputError, match="cites 'frog2031'"):
        cb.cite({"kind": "olive", "cite": ["frog2031"]})


def test_bibtex_is_read_back():
    text = cb.cite(format="bibtex")
    entries = parse_string(text, "bibtex").entries
    assert entries["zang2018"].fields["doi"] == "10.1016/j.celrep.2018.07.011"
    assert {"cerebella", "park2026", "ma2020", "cbmsim"} <= set(entries)


def test_a_reference_as_text():
    lines = {line.rpartition("[")[2][:-1]: line for line in cb.cite().splitlines()}
    assert lines["solinas2007"].startswith(
        "Solinas S, Forti L, Cesana E, Mapelli J, De Schutter E, D'Angelo E (2007). "
        "Computational reconstruction of pacemaking"
    )
    assert "24:1536–1549. https://doi.org/10.1016/j.celrep.2018.07.011" in lines["zang2018"]
    assert "et al." in lines["park2026"]


def test_every_reference_can_be_printed():
    keys = list(load_references().entries)
    assert len(cb.cite({"cite": keys}).splitlines()) == len(keys)


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"holds no run\.json"):
        cb.cite(tmp_path)
