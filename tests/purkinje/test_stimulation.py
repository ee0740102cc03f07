"""Stimuli of the Purkinje cell: on every engine, and in manifests."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains
from cerebella.runs.load import load_run

NO_CELLS = {cell_type.name: 0 for cell_type in CELL_TYPES}
SILENCE = SpikeTrains(np.empty(0), np.empty(0, dtype=int), (), duration_ms=100.0)
STIMULI = (
    "noise soma 0.5nA interval=0.1ms",
    "step soma 1nA 2ms-7ms",
    "ramp soma 0nA 2nA 5ms-12ms",
    "step spiny[random 20] 20pA 1ms-4ms",
    "noise smooth[50um] 0.3nA interval=0.2ms",
)


def simulate(**options):
    """Simulate an isolated cell: without presynaptic network, but with PFs of its own."""
    options = {"duration_ms": 12, "record": ["soma_v"], "progress": False} | options
    return simulate_purkinje(SILENCE, network=NO_CELLS, **options)


def soma_v(run):
    return run.traces["soma_v"].values[:, 0]


@pytest.fixture(scope="module")
def reference():
    return simulate(stimuli=STIMULI, engine="coreneuron")


@pytest.mark.parametrize(
    ("engine", "tolerance_mV"),
    [("neuron", 1e-6), ("numba", 1e-4), (Numba(precision="double"), 1e-4)],
)
def test_currents_into_soma_and_dendrite_act_alike_on_every_engine(reference, engine, tolerance_mV):
    run = simulate(stimuli=STIMULI, engine=engine)
    assert len(run.of("PC").times_ms) >= 2
    np.testing.assert_array_equal(run.of("PC").times_ms, reference.of("PC").times_ms)
    np.testing.assert_allclose(soma_v(run), soma_v(reference), rtol=0, atol=tolerance_mV)


def test_a_small_cell_takes_the_same_current_on_own_engine_and_neuron(spiny_cell):
    """A cell of other morphology, whose soma has another number of compartments."""
    options = {"morphology": spiny_cell, "stimuli": "step soma 0.2nA 2ms-8ms", "duration_ms": 8}
    own, neuron = (soma_v(simulate(engine=name, **options)) for name in ("numba", "neuron"))
    without = soma_v(simulate(**options | {"stimuli": ()}))
    assert (own - without)[150:].max() > 1
    np.testing.assert_allclose(own, neuron, rtol=0, atol=1e-3)


def test_a_saved_run_can_be_repeated_from_its_manifest(tmp_path):
    run = simulate(stimuli=STIMULI, duration_ms=3, out=tmp_path / "run")
    loaded = load_run(tmp_path / "run")
    again = simulate(stimuli=loaded.manifest["stimuli"], duration_ms=3)
    assert [one["kind"] for one in again.manifest["stimuli"]] == [
        *("noise", "step", "ramp", "step", "noise")
    ]
    assert soma_v(again).tobytes() == soma_v(run).tobytes()


def test_a_run_without_stimuli_has_no_entry_in_its_manifest():
    assert "stimuli" not in simulate(duration_ms=0.1).manifest


def test_an_unknown_place_is_refused():
    message = r"`stimuli`: step at axon: there is no place 'axon' on default. Places are soma, ais"
    with pytest.raises(InputError, match=message):
        simulate(stimuli="step axon 1nA")
