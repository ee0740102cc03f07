"""Our channels against the ordinary formulation that the benchmark measures them by."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.neuron_backend.mechanism_sets import (
    MechanismSet,
    mechanisms_in,
)
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms

PLAIN = Path(__file__).parents[2] / "benchmarks" / "plain_mechanisms"

RUN = """
import sys
from pathlib import Path
import numpy as np
from cerebella.molecular_layer.cell import build_mli
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import start_neuron
from cerebella.parameters.mli_simulation import MLIParameters
h, pc = start_neuron(MechanismLibrary(Path(sys.argv[1]), key=""))
h.celsius, h.dt = 34, 0.025
cells = [build_mli(h, name, MLIParameters(), bias_nA=0.03, name=name) for name in ("MLI1", "MLI2")]
voltages = [h.Vector().record(cell.soma(0.5)._ref_v) for cell in cells]
h.finitialize(-67)
h.continuerun(100)
np.save(sys.argv[2], voltages)
"""


def voltages_mV(library, file):
    """Soma voltages (2, 4001) of an MLI1 and an MLI2, in a process of their own."""
    command = [sys.executable, "-c", RUN, library.folder, file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return np.load(file)


@pytest.mark.slow
def test_whole_cells_have_the_same_voltage_with_either_formulation(tmp_path, monkeypatch):
    ours = voltages_mV(ensure_mechanisms(molecular_layer_mechanisms()), tmp_path / "ours.npy")
    monkeypatch.setenv("CEREBELLA_CACHE", str(tmp_path / "cache"))
    gap_junction = molecular_layer_mechanisms().texts["half_gap_junction.mod"]
    texts = {**mechanisms_in(PLAIN).texts, "half_gap_junction.mod": gap_junction}
    plain = voltages_mV(ensure_mechanisms(MechanismSet(texts)), tmp_path / "plain.npy")
    crossings = (ours[:, 1:] > -30) & (ours[:, :-1] <= -30)
    assert (crossings.sum(axis=1) >= 2).all()
    np.testing.assert_allclose(ours, plain, rtol=0, atol=1e-5)
