"""Pages: self-contained, safe whatever names are in files, and refused with one message."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re

import numpy as np
import pytest

import cerebella as cb
from cerebella.errors import InputError
from cerebella.runs.run import Run
from cerebella.views.page import view

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>&amp;"


def content_of(page):
    """Return the description that the page holds as JSON."""
    return json.loads(part_of(page.html, r'id="content">(.*?)</script>'))


def part_of(text, pattern):
    found = re.search(pattern, text, re.DOTALL)
    assert found is not None
    return found[1]


def hash_of(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture
def run(make_purkinje_run):
    return make_purkinje_run("run1")


def test_only_scripts_and_styles_of_the_package_are_carried_out(run):
    page = view(run).html
    policy = part_of(page, r'Content-Security-Policy" content="(.*?)"')
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src '{hash_of(scripts[0])}'",
        f"style-src '{hash_of(styles[0])}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert len(scripts) == len(styles) == 1


def test_nothing_is_loaded(run):
    page = view(run).html
    assert not re.search(r"\b(src|href|action)=", page)
    assert not re.search(r"https?://|@import|url\(", page)


def test_names_cannot_leave_their_place(run):
    named = run.replace(manifest=dict(run.manifest) | {"cite": [HOSTILE]})
    page = view(named)
    assert HOSTILE not in page.html
    assert ["cite", HOSTILE] in content_of(page)["runs"][0]["facts"]
    # Of the template, and no others.
    assert page.html.count("<script") == 3


def test_the_title_is_escaped(run, tmp_path):
    copied = run.save(tmp_path / "a<b>&c")
    assert f"<title>{html.escape('a<b>&c')}</title>" in view(copied).html


def test_equal_runs_yield_equal_pages(run):
    assert view(run).html == view(run).html


def test_the_page_states_by_how_much_values_differ(run):
    facts = dict(content_of(view(run))["runs"][0]["facts"])
    assert facts["precision"] == (
        "Ca²⁺ concentration every 0.1 ms, error at most 0.23 %; spike times, error at most 0.005 ms"
    )


def test_two_runs_have_common_axes(make_purkinje_run):
    runs = [make_purkinje_run(calcium_mM=mM) for mM in (0.001, 0.02)]
    first, second = content_of(view(runs))["runs"]
    limits = [[panel.get("limits") for panel in run["panels"]] for run in (first, second)]
    assert limits[0] == limits[1]
    assert content_of(view(runs[0]))["runs"][0]["panels"][1]["limits"] != limits[0][1]


def test_run_view_shows_a_run(run):
    assert run.view().html == view(run).html
    assert run.view(run, window_ms=(100, 200)).title == "run1 and run1"


def test_a_window_is_shown(run):
    content = content_of(view(run, window_ms=(100, 200)))
    quantity = content["runs"][0]["scene"]["quantities"][0]
    assert content["window"] == [100, 200]
    assert (quantity["start"], quantity["n"]) == (100, 1001)


def test_a_notebook_shows_the_page_in_a_frame(run):
    shown = view(run)._repr_html_()
    assert html.unescape(part_of(shown, r'srcdoc="(.*?)"')) == view(run).html
    assert 'sandbox="allow-scripts"' in shown


def test_probes_of_part_of_the_dendrite_color_it(run):
    calcium = run.traces["calcium"].take(np.arange(7, 11))
    probes = run.replace(traces={"spiny_calcium": calcium})
    (quantity,) = content_of(view(probes))["runs"][0]["scene"]["quantities"]
    assert quantity["key"] == "spiny_calcium"


def test_long_runs_are_thinned_and_too_long_ones_refused(run, monkeypatch):
    monkeypatch.setattr("cerebella.views.dendrite.MOST_SAMPLES", 11 * 1000)
    (quantity,) = content_of(view(run))["runs"][0]["scene"]["quantities"]
    assert quantity["step"] == pytest.approx(0.3)
    monkeypatch.setattr("cerebella.views.dendrite.MOST_SAMPLES", 11 * 100)
    with pytest.raises(InputError, match=r"too many for a page.*`window_ms` of at most 100 ms"):
        view(run)


def test_a_run_without_recordings_of_the_dendrite_is_refused(make_purkinje_run):
    run = make_purkinje_run(traces=("soma_v",))
    with pytest.raises(InputError, match=r"neither calcium nor potential.*`record` soma_v,calcium"):
        view(run)


def test_a_run_without_morphology_is_refused(run):
    bare = Run(run.manifest, spikes=run.spikes, traces=dict(run.traces))
    with pytest.raises(InputError, match="this run holds no morphology"):
        view(bare)


def test_a_window_outside_of_the_run_is_refused(run):
    with pytest.raises(InputError, match="window"):
        view(run, window_ms=(200, 400))


def test_runs_of_two_kinds_are_refused(run, small_spikes):
    network = Run({"kind": "mli", "duration_ms": 200.0}, spikes=small_spikes)
    with pytest.raises(InputError, match="is of kind 'mli'"):
        view(run, network)


@pytest.mark.parametrize("number", [0, 3])
def test_other_numbers_of_runs_are_refused(run, number):
    with pytest.raises(InputError, match=f"and {number} were given"):
        view([run] * number)


@pytest.mark.parametrize("name", ["page.png", "page", "."])
def test_other_files_are_refused(run, tmp_path, name):
    with pytest.raises(InputError, match=r"\.html|file name"):
        view(run).save(tmp_path / name)


def test_spikes_of_the_molecular_layer_are_shown(small_spikes):
    run = Run({"kind": "mli", "duration_ms": 200.0}, spikes=small_spikes)
    panels = content_of(view(run))["runs"][0]["panels"]
    assert [panel["title"] for panel in panels] == ["Spikes", "Rate", "PF rate"]
    assert [group["name"] for group in panels[0]["groups"]] == ["CF", "MLI2", "MLI1"]


def test_two_runs_of_the_loop_have_common_shades(loop):
    halved = loop.weights._replace(by_group=loop.weights.by_group / 2)
    parts = content_of(view(loop, Run(loop.manifest, spikes=loop.spikes, weights=halved)))["runs"]
    scales = [panel["scale"] for part in parts for panel in part["panels"] if panel.get("bins")]
    lowest, highest = halved.by_group.mean(1).min(), loop.weights.by_group.mean(1).max()
    assert scales == [[pytest.approx(lowest), pytest.approx(highest)]] * 2


def test_a_network_is_shown_without_time():
    network = cb.generate_network(seed=1, scale=0.1)
    content = content_of(view(network))
    scene = content["runs"][0]["scene"]
    assert content["window"] is None
    assert [p["name"] for p in scene["populations"]] == ["MLI1", "MLI2", "PF", "CF"]
    assert content["arrays"][scene["source"]]["shape"] == [len(network.synapses)]
    with pytest.raises(InputError, match="has no time"):
        view(network, window_ms=(0, 1))
