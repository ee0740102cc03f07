"""The inferior olive settles at the predicted rate and returns to it after a perturbation.

Simulates the loop with several constants of plasticity and under lasting changes of its drive;
prints predicted and measured rates, draws both, and saves the figure as
where_plasticity_sends_the_olive.png. The default takes about half a minute; --full simulates seven
constants and four changes with three seeds each, about ten minutes on two cores. With --runs the
runs are kept in a folder and not repeated.

Usage: uv run python examples/where_plasticity_sends_the_olive.py [--full] [--seeds N] [--runs DIR]
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import cerebella as cb
from cerebella.experiments.cf_rate.cases import CASES, formula_case, perturbation_case, run_cf_rate
from cerebella.experiments.cf_rate.report import draw_cf_rate

SOME = [
    *(replace(formula_case(rate_Hz), duration_ms=180_000.0) for rate_Hz in (2.0, 4.0)),
    perturbation_case("60s:io_bias+0.3", 360_000.0),
]


def main() -> None:
    """Simulate, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seeds", type=int, help="by default 1, or 3 with --full")
    parser.add_argument("--runs", type=Path, help="folder for the runs")
    asked = parser.parse_args()

    cases = CASES if asked.full else SOME
    seeds = range(asked.seeds or (3 if asked.full else 1))
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.runs or Path(temporary)
        results = run_cf_rate(folder, cases, seeds)
        for result in results:
            first = f", first 10 s {result.first_Hz[0]:.2f} Hz" if result.first_Hz else ""
            print(
                f"{result.case.label:18} predicted {result.predicted_Hz:.2f} Hz, "
                f"measured {result.mean_Hz:.3f} Hz "
                f"({100 * (result.mean_Hz / result.predicted_Hz - 1):+.1f} %){first}"
            )
        figure = draw_cf_rate(folder, results, [], seeds)
        cb.save_figure(figure, "where_plasticity_sends_the_olive.png")


if __name__ == "__main__":
    main()
