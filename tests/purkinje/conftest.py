"""Fixtures for the Purkinje cell: morphologies, mechanisms, and what these do under protocols."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cerebella.purkinje.morphology import Morphology
from cerebella.purkinje.swc import load_morphology

SMALL_SWC = """\
# a soma of three points, an axon initial segment, a fork of smooth dendrite, three spiny ends
1 1 0 -10 0 3 -1
2 1 0 0 0 10 1
3 1 0 10 0 2 2
4 2 0 -10 0 0.6 1
5 2 0 -28 0 0.4 4
6 5 0 10 0 1.5 3
7 5 0 30 0 1.5 6
8 5 0 30 0 1.2 7
9 5 20 45 0 1.1 8
10 3 20 45 0 0.5 9
11 3 20 60 0 0.4 10
12 3 20 45 0 0.5 9
13 3 35 45 2 0.3 12
14 3 0 30 0 0.7 7
15 3 -8 36 0 0.6 14
16 3 -20 40 1 0.2 15
"""


@pytest.fixture
def small_swc(tmp_path) -> Path:
    path = tmp_path / "small.swc"
    path.write_text(SMALL_SWC)
    return path


@pytest.fixture
def small_cell(small_swc) -> Morphology:
    """7 sections: soma, axon initial segment, two smooth, three spiny."""
    return load_morphology(small_swc)


@pytest.fixture(scope="session")
def published_purkinje(published_folder) -> Path:
    """The folder of the traced Purkinje cell."""
    return published_folder("purkinje")


@pytest.fixture(scope="session")
def traced_cell(published_purkinje) -> Morphology:
    return load_morphology(
        published_purkinje / "pc_morphology.swc",
        published_purkinje / "pc_morphology_sections.csv",
    )


@pytest.fixture(scope="session")
def purkinje_library():
    """The compiled mechanisms of the Purkinje cell."""
    from cerebella.neuron_backend.mechanism_sets import purkinje_mechanisms
    from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms

    return ensure_mechanisms(purkinje_mechanisms())


@pytest.fixture(scope="session")
def protocols(purkinje_library, oracle, tmp_path_factory):
    """Everything that `protocols.py` measures, by name."""
    folder = tmp_path_factory.mktemp("protocols")
    bk, cap = oracle("ss_BK"), oracle("ss_CaP_current")
    np.savez(
        folder / "table.npz",
        bk_v=bk["v_mV"],
        bk_cai=bk["cai_mM"],
        cap_v=cap["v_mV"],
        cap_cai=cap["cai_mM"],
        sk_cai=oracle("ss_SK2")["cai_mM"],
    )
    script, out = Path(__file__).with_name("protocols.py"), folder / "out.npz"
    command = [sys.executable, script, purkinje_library.folder, out, folder / "table.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with np.load(out) as results:
        return dict(results)


@pytest.fixture(scope="session")
def generated_cell() -> Morphology:
    """The cell that the generator makes of the default seed; takes some seconds."""
    from cerebella.purkinje.default import DEFAULT_SEED
    from cerebella.purkinje.generate import generate_morphology

    return generate_morphology(seed=DEFAULT_SEED)
