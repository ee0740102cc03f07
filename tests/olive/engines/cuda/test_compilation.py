"""Kernels compiled for cards, without one; skipped without the compiler's wheels.

They are those of `pip install 'numba-cuda[cu13]'`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from cerebella.olive.engines.cuda.kernels import REGISTERS_OF_A_THREAD

SCRIPT = Path(__file__).parent / "compiled_kernels.py"
MOST_SPILLED_BYTES, MOST_SHARED_BYTES = 128, 48 * 1024


def _has_compiler():
    try:
        return all(map(version, ("numba-cuda", "nvidia-nvvm", "nvidia-nvjitlink")))
    except PackageNotFoundError:
        return False


pytestmark = pytest.mark.skipif(not _has_compiler(), reason="numba-cuda[cu13] is not installed")


@pytest.mark.parametrize(
    ("rule", "capability"), [("conjunctive", "8.0"), ("conjunctive", "9.0"), ("pair", "9.0")]
)
def test_kernels_fuse_no_product_and_fit_a_multiprocessor(rule, capability):
    done = subprocess.run(
        [sys.executable, SCRIPT, rule, capability],
        env=os.environ | {"NUMBA_ENABLE_CUDASIM": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    found = json.loads(done.stdout)
    assert set(found["fused"].values()) == {0}
    assert found["products"]
    for used in found["used"].values():
        assert 0 < used["registers"] <= REGISTERS_OF_A_THREAD
        assert used["spilled_bytes"] <= MOST_SPILLED_BYTES
        assert used["shared_bytes"] <= MOST_SHARED_BYTES
    assert found["used"]["resident"]["shared_bytes"]
