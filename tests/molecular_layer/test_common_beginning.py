"""Levels that share their beginning are those of simulations from the start, to the last byte."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cerebella.molecular_layer.common_beginning import begin_levels
from cerebella.molecular_layer.own_engine import integrate
from cerebella.molecular_layer.simulate import simulate_mli
from cerebella.network.generate import generate_network

NETWORK = generate_network(seed=3, scale=0.1)
OPTIONS = {
    "duration_ms": 165.0,
    "trial": 2,
    "stimuli": ["step MLI1[2] 20pA 20ms-155ms"],
    "record": ["MLI1[3].v", "MLI2[1].ik_kv", "MLI1[0].g_pf"],
}


def content(run, folder):
    """Return the bytes of the files of a run, and its manifest without times and memory."""
    saved = run.save(folder, force=True)
    changing = ("timings_s", "peak_memory_MB", "created")
    manifest = {key: value for key, value in saved.manifest.items() if key not in changing}
    others = {file.name: file.read_bytes() for file in folder.iterdir() if file.suffix != ".json"}
    return manifest, others


@pytest.fixture
def steps(monkeypatch):
    """The first and last step of each leg that is integrated."""
    advanced = []
    make = integrate.procedures_of

    def procedures_of(own):
        made = make(own)

        def advance(first, stop, *others):
            advanced.append((first, stop))
            return made.advance(first, stop, *others)

        return made._replace(advance=advance)

    monkeypatch.setattr(integrate, "procedures_of", procedures_of)
    return advanced


def test_levels_are_those_from_the_start(tmp_path):
    levels = (0, 2, 8)
    for level, finish in zip(levels, begin_levels(NETWORK, levels, **OPTIONS), strict=True):
        whole = simulate_mli(NETWORK, cf_sync=level, progress=False, **OPTIONS)
        assert content(finish(), tmp_path / "run") == content(whole, tmp_path / "run")


def test_the_beginning_is_integrated_once(steps):
    finish = begin_levels(NETWORK, (0, 8), **OPTIONS)
    beginning = steps[-1][1]
    assert 140.0 < 0.025 * beginning < 155.0
    for one in finish:
        steps.clear()
        one()
        assert (steps[0][0], steps[-1][1]) == (beginning, 6600)


def test_a_single_level_and_levels_that_do_not_differ(tmp_path):
    options = OPTIONS | {"duration_ms": 20.0}
    whole = simulate_mli(NETWORK, cf_sync=0, progress=False, **options)
    (single,) = begin_levels(NETWORK, (0,), **options)
    equal, _ = begin_levels(NETWORK, (0, 8), **options)
    for finish in (single, equal):
        assert content(finish(), tmp_path / "run") == content(whole, tmp_path / "run")


def test_rests_can_be_simulated_in_threads_and_again(tmp_path):
    finish = begin_levels(NETWORK, (0, 8), **OPTIONS)
    with ThreadPoolExecutor(2) as threads:
        together = [future.result() for future in [threads.submit(one) for one in finish]]
    for run, one in zip(together, finish, strict=True):
        assert content(run, tmp_path / "run") == content(one(), tmp_path / "run")


def test_voltage_clamps_of_rests_in_threads_do_not_meet(tmp_path):
    clamp = "clamp MLI1[0,3] -70mV,-40mV 150ms,155ms series_resistance=3MOhm stop=160ms"
    options = OPTIONS | {"stimuli": [clamp]}
    with ThreadPoolExecutor(2) as threads:
        rests = [threads.submit(one) for one in begin_levels(NETWORK, (0, 8), **options)]
    for level, rest in zip((0, 8), rests, strict=True):
        whole = simulate_mli(NETWORK, cf_sync=level, progress=False, **options)
        assert content(rest.result(), tmp_path / "run") == content(whole, tmp_path / "run")
