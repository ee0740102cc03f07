"""The benchmark of a card, all of whose parts run in numba's simulator for tiny circuits."""

from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"


def test_all_parts_run_in_the_simulator_and_give_the_bits_of_numpy():
    spec = importlib.util.spec_from_file_location("benchmark_gpu", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    results = module.main(["--tiny"])
    assert not results["left_out"]
    assert len(results["bits"]) == 8
    assert all(results["bits"].values())
    assert [row["n"] for row in results["ensembles"]] == [1, 2, 1, 2]
    kinds = ["resident", "phases", "cooperative"]
    assert [row["launches"] for row in results["large"]] == 2 * kinds
    assert [row["scale"] for row in results["large"]] == 3 * [0.25] + 3 * [0.5]
    assert all(row["record_us"] > 0 and row["rest_us"] > 0 for row in results["host"])
    phases = {"arriving", "learning", "advancing", "learning_pcs", "marking"}
    assert all(phases <= set(row) for row in results["phases"])
