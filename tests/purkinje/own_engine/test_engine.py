"""The engine of this package for the Purkinje cell: legs, precision, regions, bytes."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from cerebella.compiled.engine import Numba
from cerebella.errors import InputError
from cerebella.network.cell_types import CELL_TYPES
from cerebella.network.network import population_ranges
from cerebella.purkinje.own_engine import legs
from cerebella.purkinje.simulate import simulate_purkinje
from cerebella.results.spikes import SpikeTrains

COUNTS = {cell_type.name: 2 for cell_type in CELL_TYPES}
FIRST_GIDS = np.arange(2 * len(COUNTS))
SPIKES = SpikeTrains(
    np.linspace(0, 8, len(FIRST_GIDS)), FIRST_GIDS, population_ranges(COUNTS), duration_ms=20.0
)


def simulate(**options):
    options = {"duration_ms": 6, "cf_time_ms": 2, "engine": "numba", "progress": False} | options
    return simulate_purkinje(SPIKES, network=COUNTS, **options)


def content(run):
    return b"".join(run.traces[name].values.tobytes() for name in sorted(run.traces))


def test_it_is_the_default():
    assert simulate(engine="auto", duration_ms=0.1).manifest["engine"] == "numba"


def test_legs_do_not_change_a_byte(monkeypatch):
    recorded = ("soma_v", "calcium", "v")
    whole = simulate(record=recorded, record_dt_ms=0.06)
    monkeypatch.setattr(legs, "_LEG_MS", 0.7)
    parts = simulate(record=recorded, record_dt_ms=0.06)
    assert content(parts) == content(whole)
    assert len(whole.traces["v"].times_ms) == 101


def test_interruption_ends_the_run():
    class StopError(Exception):
        pass

    def interrupt(fraction):
        if fraction > 0.4:
            raise StopError

    with pytest.raises(StopError):
        simulate(duration_ms=20, progress=interrupt)


def test_precision_is_recorded_and_an_unknown_one_refused():
    mixed = simulate(duration_ms=0.1)
    double = simulate(duration_ms=0.1, engine=Numba(precision="double"))
    precisions = [run.manifest["precision"] for run in (mixed, double)]
    assert precisions == ["mixed", "double"]
    with pytest.raises(InputError, match="`precision` is 'single'"):
        Numba(precision="single")
    with pytest.raises(InputError, match="`threads` is 2"):
        simulate(engine=Numba(threads=2))


# Channels where the published cell has none, and none where it has them.
OTHER_MEMBRANES = {
    "sodium in the dendrite": {
        "spiny": {"narsg_S_per_cm2": 0.01, "nap_S_per_cm2": 1e-4, "abbk_S_per_cm2": 0.01},
        "smooth": {"narsg_S_per_cm2": 0.02, "narsg_shift_a_mV": 10, "narsg_shift_k_mV": 3},
    },
    "no potassium": {
        region: {
            f"{channel}_S_per_cm2": 0.0
            for channel in ("kv1", "kv3", "kv4_fast", "kv4_slow", "mslo", "abbk", "sk2")
        }
        for region in ("soma", "ais", "smooth", "spiny")
    },
    "another temperature": {"temperature_C": 30.0, "membrane": {"axial_resistivity_ohm_cm": 80}},
}


@pytest.mark.parametrize("name", OTHER_MEMBRANES)
def test_any_membrane_is_that_of_coreneuron(name):
    options = {"parameters": {"cell": OTHER_MEMBRANES[name]}, "record": ("v", "calcium")}
    reference = simulate(engine="coreneuron", **options)
    for engine, tolerance_mV in ((Numba(precision="double"), 1e-4), ("numba", 5e-3)):
        own = simulate(engine=engine, **options)
        for trace, limits in (("v", (0, tolerance_mV)), ("calcium", (1e-3, 0))):
            values, expected = (run.traces[trace].values for run in (own, reference))
            np.testing.assert_allclose(values, expected, rtol=limits[0], atol=limits[1])


BYTES = """
import hashlib
from tests.purkinje.own_engine import test_engine as test
print(hashlib.sha256(test.content(test.simulate(record=("soma_v", "calcium", "v")))).hexdigest())
"""


@pytest.mark.slow
def test_results_are_the_same_bytes_on_older_processors(tmp_path, request):
    """With all instructions of this one, and with AVX2."""
    digests = set()
    for number, target in enumerate(({}, {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": ""})):
        cache = {"CEREBELLA_CACHE": str(tmp_path / str(number))}
        done = subprocess.run(
            [sys.executable, "-c", BYTES],
            env=os.environ | target | cache | {"PYTHONPATH": str(request.config.rootpath)},
            capture_output=True,
            text=True,
            check=True,
        )
        digests.add(done.stdout)
    assert len(digests) == 1
