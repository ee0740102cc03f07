"""Protocols of cells with NMODL of the user."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np

from cerebella.experiments.protocols.current_clamp import compute_fi_curve

EXAMPLES = Path(__file__).parents[3] / "examples"
KM = runpy.run_path(str(EXAMPLES / "own_channel.py"))["KM"]


def test_nmodl_gives_the_potentials_of_the_formula():
    """NEURON compiles the mechanism with those of the package, 10 s."""
    options = {"step_ms": 50, "progress": False}
    formula = {"cell": {"channels": {"km": KM}}, "mli1": {"km_S_per_cm2": 4e-3}}
    expected = compute_fi_curve("MLI1", [0.03], parameters=formula, engine="numba", **options)
    nmodl = {"mechanisms": EXAMPLES / "mechanisms", "parameters": {"mli1": {"km_gbar": 4e-3}}}
    found = compute_fi_curve("MLI1", [0.03], engine="neuron", **nmodl, **options)
    assert found.rows == expected.rows
    np.testing.assert_allclose(found.courses, expected.courses, rtol=0, atol=1e-3)
    without = compute_fi_curve("MLI1", [0.03], **options)
    assert np.abs(without.courses - expected.courses).max() > 1
