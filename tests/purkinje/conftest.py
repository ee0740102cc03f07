"""Fixtures for the Purkinje cell: its mechanisms, and their responses to protocols."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def purkinje_library():
    """The compiled mechanisms of the Purkinje cell."""
    from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
    from cerebella.purkinje.nmodl.mechanisms import purkinje_mechanisms

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
