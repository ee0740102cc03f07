"""Pages as a browser shows them, opened as files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

import cerebella as cb
from cerebella.runs.run import Run
from cerebella.views.page import view

REFERENCE = Path(__file__).with_name("dendrite.png")
SCENE = "document.querySelector('.scene canvas').getBoundingClientRect()"
DURING_MS, BEFORE_MS = 160, 100


@pytest.fixture
def run(make_purkinje_run):
    return make_purkinje_run("run1")


def picture(browser):
    """Return the dendrite as shown, without what lies over it, shape (height, width, 3)."""
    browser.evaluate("document.querySelectorAll('.over').forEach((one) => (one.hidden = true))")
    shown = Image.open(BytesIO(browser.screenshot())).convert("RGB")
    browser.evaluate("document.querySelectorAll('.over').forEach((one) => (one.hidden = false))")
    left, top, width, height = (
        round(browser.evaluate(f"{SCENE}.{side}")) for side in ("left", "top", "width", "height")
    )
    return np.asarray(shown.crop((left, top, left + width, top + height))).astype(float)


def place_of(browser, compartment):
    """Return the place of a compartment in the window."""
    return browser.evaluate(
        f"(() => {{ const scene = cerebella.scenes[0], box = {SCENE};"
        f" const [x, y] = scene.project(scene.position({compartment}));"
        f" return [box.left + x, box.top + y]; }})()"
    )


def color_at(browser, compartment):
    """Return the color in the middle of a compartment."""
    x, y = place_of(browser, compartment)
    box = [browser.evaluate(f"{SCENE}.{side}") for side in ("left", "top")]
    return picture(browser)[round(y - box[1]), round(x - box[0])]


def expected_color(value_uM, low=0.03, high=10.0):
    """Return the color of a concentration on a light ground, where the brightest are left out."""
    share = np.log10(np.clip(value_uM, low, high) / low) / np.log10(high / low)
    return 255 * np.array(colormaps["inferno"](round(share * 254 * 240 / 255))[:3])


def test_the_dendrite_is_drawn_as_in_the_reference(opened, run):
    """The reference was looked at; to replace it, remove it and run this test."""
    browser = opened(view(run))
    browser.evaluate(f"cerebella.seek({DURING_MS})")
    shown = picture(browser)
    if not REFERENCE.exists():
        Image.fromarray(shown.astype(np.uint8)).save(REFERENCE, optimize=True)
        pytest.fail("there was no reference; look at the new one")
    reference = np.asarray(Image.open(REFERENCE).convert("RGB")).astype(float)
    assert shown.shape == reference.shape
    differences = np.abs(shown - reference).max(axis=2)
    assert differences.mean() < 1
    assert (differences > 40).mean() < 0.002


@pytest.mark.parametrize(("compartment", "value_uM"), [(1, 0.04), (6, 1.0), (9, 4.0)])
def test_colors_are_those_of_the_concentration(opened, run, compartment, value_uM):
    browser = opened(view(run))
    browser.evaluate(f"cerebella.seek({DURING_MS})")
    assert color_at(browser, compartment) == pytest.approx(expected_color(value_uM), abs=6)


def test_the_slider_changes_the_picture(opened, run):
    browser = opened(view(run))
    assert color_at(browser, 9) == pytest.approx(expected_color(4.0), abs=6)  # opens at the peak
    browser.evaluate("document.getElementById('time').focus()")
    browser.press("Home", code="Home", windowsVirtualKeyCode=36)
    assert browser.evaluate("cerebella.time") == 0
    assert browser.evaluate("document.getElementById('now').textContent") == "0.0 ms"
    assert color_at(browser, 9) == pytest.approx(expected_color(0.04), abs=6)


def test_a_click_gives_the_trace_of_a_compartment(opened, run, spiny_cell):
    browser = opened(view(run))
    browser.click(*place_of(browser, 9))
    assert browser.evaluate("cerebella.scenes[0].selected") == 9
    label = browser.evaluate("document.querySelector('.picked').textContent")
    assert label == (
        "dendA1_00(0.75): spiny, 42.5 µm from the soma along the dendrite, diameter 1 µm"
    )
    title = browser.evaluate("document.querySelector('.panel h3').textContent")
    assert title == "dendA1_00(0.75), Ca²⁺ concentration (µM)"
    values = browser.evaluate(
        "Array.from({ length: 2991 }, (_, i) => cerebella.panels.at(-1).series[0].value(i))"
    )
    recorded = 1e3 * run.traces["calcium"].values[:, 9]
    assert np.abs(np.log(np.array(values) / recorded)).max() < 0.0024
    browser.press("Escape")
    assert browser.evaluate("cerebella.scenes[0].selected") == -1


def test_dragging_turns_and_double_click_resets(opened, run):
    browser = opened(view(run))
    x, y = place_of(browser, 6)
    before = picture(browser)
    browser.drag((x, y), (x + 100, y + 30))
    assert browser.evaluate("cerebella.camera.yaw") == pytest.approx(0.8)
    assert np.abs(picture(browser) - before).mean() > 0.5
    assert browser.evaluate("cerebella.scenes[0].selected") == -1
    browser.evaluate("document.getElementById('reset').click()")
    assert np.array_equal(picture(browser), before)


def test_space_plays_until_the_end(opened, run):
    browser = opened(view(run))
    browser.evaluate("cerebella.seek(298.9)")
    browser.press(" ", code="Space", windowsVirtualKeyCode=32)
    browser.wait_for("cerebella.time === 299 && !cerebella.playing")


def test_two_runs_are_shown_at_the_same_time(opened, make_purkinje_run):
    browser = opened(view([make_purkinje_run(calcium_mM=mM) for mM in (0.0005, 0.008)]))
    assert browser.evaluate("cerebella.scenes.length") == 2
    x, y = place_of(browser, 9)
    browser.click(x, y)
    assert browser.evaluate("cerebella.scenes.map((scene) => scene.selected)") == [9, 9]
    browser.evaluate(f"cerebella.seek({DURING_MS})")
    shown = browser.evaluate(
        "[...document.querySelectorAll('.panels .panel:first-child output')].map((o) => o.value)"
    )
    assert shown == ["0.5 µM", "8 µM"]


def test_two_cells_are_drawn_without_smooth_edges_in_software(opened, run):
    smooth = "cerebella.scenes.map((scene) => scene.gl.getContextAttributes().antialias)"
    assert opened(view(run)).evaluate(smooth) == [True]
    browser = opened(view(run, run))
    assert browser.evaluate(smooth) == [False, False]


def test_the_potential_can_be_shown(opened, run):
    calcium = run.traces["calcium"]
    v = cb.Traces(
        calcium.times_ms, -60 + 1e4 * calcium.values, calcium.gids, calcium.sections,
        calcium.positions,
    )  # fmt: skip
    browser = opened(view(run.replace(traces=dict(run.traces) | {"v": v})))
    browser.evaluate("cerebella.showQuantity('v')")
    assert browser.evaluate("document.getElementById('unit').textContent") == "mV"
    assert browser.evaluate("cerebella.scenes[0].series(9).value(1600)") == pytest.approx(
        -20, abs=0.011
    )


def test_limits_of_colors_can_be_chosen(opened, run):
    browser = opened(view(run))
    browser.evaluate("const low = document.getElementById('low'); low.value = '1'; low.onchange()")
    assert color_at(browser, 9) == pytest.approx(expected_color(4.0, low=1), abs=6)
    browser.evaluate("low.value = '-1'; low.onchange()")  # no logarithm: the colors stay
    assert browser.evaluate("low.getAttribute('aria-invalid')") == "true"
    assert color_at(browser, 9) == pytest.approx(expected_color(4.0, low=1), abs=6)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1280, 800)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_page_fits_phones_and_both_themes(opened, run, theme, width, height):
    browser = opened(view(run), width=width, height=height)
    browser.evaluate(f"cerebella.setTheme('{theme}')")
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    corner = picture(browser)[3, 3]
    assert corner.tolist() == ([13, 15, 18] if theme == "dark" else [255, 255, 255])


def test_names_are_shown_as_text(opened, run, tmp_path):
    name = "<img src=x onerror=alert(1)>"
    browser = opened(view(run.save(tmp_path / name)))
    assert browser.evaluate("document.getElementById('title').textContent") == name
    assert browser.evaluate("document.querySelectorAll('img').length") == 0


def test_scripts_from_elsewhere_are_blocked(browser, run, tmp_path):
    page = view(run).html.replace("</body>", "<script>globalThis.foreign = 1</script></body>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "page.html")
    assert browser.evaluate("globalThis.foreign === undefined && cerebella.scenes.length === 1")
    assert any("Content Security Policy" in problem for problem in browser.problems)


def test_a_raster_names_its_cells(opened, small_spikes):
    run = Run({"kind": "mli", "duration_ms": 200.0}, spikes=small_spikes)
    browser = opened(view(run))
    box = "cerebella.panels[0].plot.getBoundingClientRect()"
    top, row = browser.evaluate(
        "[cerebella.panels[0].groups[1].top, cerebella.panels[0].groups[1].row]"
    )
    left, y = browser.evaluate(f"[{box}.left, {box}.top]")
    browser.click(left + 300, y + 1 + top + 0.5 * row)
    shown = browser.evaluate("cerebella.panels[0].output.value")
    assert shown == "MLI2[0]: 2 spikes shown, 10 Hz"


def test_the_loop_is_shown_with_rates_and_weights(opened, loop):
    browser = opened(view(loop))
    titles = browser.evaluate("cerebella.panels.map((panel) => panel.spec.title)")
    assert titles == [
        "IO rate", "PC rate", "DCN rate", "PF→PC weight", "Distribution of PF→PC weights",
        "PF→PC weight by group of PFs", "IO spikes", "DCN spikes", "PC spikes", "PF spikes",
    ]  # fmt: skip
    browser.evaluate("cerebella.seek(4000)")
    assert browser.evaluate("document.getElementById('now').textContent") == "4.000 s"
    assert browser.evaluate("cerebella.panels[3].output.value") == "0.54"
    browser.press("+")
    assert browser.evaluate("cerebella.range") == [2000, 6500]


@pytest.fixture
def session(loop):
    """The loop with two CS of 1 s and one US into zone 1."""
    cs = cb.PFBumps(times_ms=(2000, 6000), duration_ms=1000)
    us = cb.IOCurrent(times_ms=2500, amplitude_mV_per_ms=0.8, duration_ms=20, zones=(1,))
    stimuli = [one.model_dump() for one in (cs, us)]
    return loop.replace(manifest=dict(loop.manifest) | {"stimuli": stimuli})


def colors_in(browser, panel, time_ms, y=0.5):
    """Return the color of a panel at a time and a share of its height from the top."""
    return browser.evaluate(
        f"(() => {{ const panel = cerebella.panels[{panel}];"
        f" const x = Math.round(panel.xOf({time_ms})), y = Math.round(panel.spec.height * {y});"
        " const copy = new OffscreenCanvas(1, 1).getContext('2d');"
        " copy.drawImage(panel.canvas, -x, -y);"
        " return [...copy.getImageData(0, 0, 1, 1).data]; })()"
    )


def test_stimuli_of_a_session_have_bars_and_shades(opened, session):
    browser = opened(view(session))
    browser.evaluate("cerebella.setTheme('light')")
    legend = browser.evaluate("cerebella.panels[0].legend.innerText")
    assert "CS: PF bumps, 1000 ms" in legend
    assert "US: current into IO, 20 ms, zone 1" in legend
    blue, red, nothing = [0, 119, 187], [204, 51, 17], [0, 0, 0, 0]
    assert colors_in(browser, 0, 2500, 0.25) == [*blue, 255]
    assert colors_in(browser, 0, 6900, 0.25) == [*blue, 255]
    assert colors_in(browser, 0, 2510, 0.75) == pytest.approx([*red, 255], abs=60)
    assert colors_in(browser, 0, 4000, 0.25) == nothing
    rate = 2  # of PCs, shaded during the CS
    assert colors_in(browser, rate, 4000, 0.02) == nothing
    assert colors_in(browser, rate, 2900, 0.02) == pytest.approx([*blue, 51], abs=2)


def test_weights_are_shown_by_time_of_the_bump_in_zones_with_and_without_us(opened, session):
    browser = opened(view(session))
    titles = browser.evaluate("cerebella.panels.map((panel) => panel.title.textContent)")
    assert titles[6:8] == [
        "PF→PC weight by center of the bump, zone 1 (ms)",
        "PF→PC weight by center of the bump, zone 0 (ms)",
    ]
    browser.evaluate("cerebella.seek(4000); cerebella.panels[6].pick(1)")
    shown = browser.evaluate("cerebella.panels[6].output.value")
    weight = session.weights.by_group[4, 1, 2]
    assert shown == f"bump at 730 ms: {weight:.3f}"


def test_a_network_shows_the_synapses_of_a_cell(opened):
    network = cb.generate_network(seed=1, scale=0.1)
    browser = opened(view(network))
    gid = network.population("MLI2").first_gid + 2
    x, y = browser.evaluate(f"cerebella.network.place(cerebella.network.nodeOf.get({gid}))")
    left, top = browser.evaluate(f"[{SCENE}.left, {SCENE}.top]")
    browser.click(left + x, top + y)
    assert browser.evaluate("document.querySelector('h2').textContent") == "MLI2[2]"
    own = network.synapses.target_gid == gid
    sources = network.synapses.source_gid[own]
    counts = {
        p.name: int(((sources >= p.first_gid) & (sources < p.gids.stop)).sum())
        for p in network.populations
    }
    shown = browser.evaluate(
        "[...document.querySelectorAll('tbody tr')].map((row) =>"
        " [row.cells[0].textContent, Number(row.cells[1].textContent)])"
    )
    assert dict(shown) == counts
    assert browser.evaluate("cerebella.network.synapses[0].x") == pytest.approx(
        network.synapses.x[own][0], abs=0.002
    )


def test_a_browser_without_webgl2_says_so(browser, run, tmp_path):
    page = view(run).html.replace('getContext("webgl2"', 'getContext("webgl9"')
    page = page.replace(
        "script-src", "script-src 'unsafe-inline'; script-src-elem 'unsafe-inline';"
    )
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    browser.open(tmp_path / "page.html")
    said = browser.evaluate("document.getElementById('problem').textContent")
    assert said == (
        "The page cannot be shown: This browser has no WebGL2, which the dendrite is drawn by."
    )
