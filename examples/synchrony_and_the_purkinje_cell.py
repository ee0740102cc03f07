"""The effect of climbing-fiber synchrony on a Purkinje cell: two levels, paired by trial.

Simulates the network and a Purkinje cell for levels 0 and 8 in every trial, prints the differences
trial by trial with their 95 % confidence intervals, and draws them. Within a trial the levels share
the network, the cell and all random streams; they differ only in the eight synchronous fibers.
The effect on one complex spike is small and needs ten or more trials.

Usage: uv run python examples/synchrony_and_the_purkinje_cell.py [--trials 2] [--duration 260]
       [--morphology SWC --sections CSV]
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import cerebella as cb
from cerebella.analysis.paired import PairedDifference


def described(difference: PairedDifference) -> str:
    """Return a difference as text, or the reason why it has no statistics."""
    if math.isnan(difference.mean):
        return " undefined in these runs"
    if math.isnan(difference.p):
        return f"{difference.mean:+9.3f}  the same in all trials"
    interval = f"[{difference.ci_low:+.3f}, {difference.ci_high:+.3f}]"
    statistics = f"p = {difference.p:.2g}, d = {difference.effect_size:.2f}"
    return f"{difference.mean:+9.3f}  {interval}  {statistics}"


def main() -> None:
    """Simulate, compare, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=2)
    parser.add_argument("--duration", type=float, default=260.0, help="ms")
    parser.add_argument("--morphology", type=Path, help="another cell, as SWC")
    parser.add_argument("--sections", type=Path, help="the table of its sections")
    asked = parser.parse_args()

    trials = range(1, asked.trials + 1)
    cell = (
        cb.load_morphology(asked.morphology, asked.sections)
        if asked.morphology
        else cb.load_default_morphology()
    )
    model = cb.SyncModel(cb.generate_network(seed=0), cell, duration_ms=asked.duration)
    cells = cb.run_cf_synchrony(model, (0, 8), trials, cells=True).cells

    runs = [run for of_level in cells.values() for run in of_level]
    (comparison,) = cb.compare_levels([cb.compute_purkinje_summary(run) for run in runs])
    print(f"{comparison.second} minus {comparison.first}, {cell.name}")
    for key, difference in comparison.differences.items():
        print(f"  {key:24}{described(difference)}")
    cb.save_figure(cb.plot_purkinje_levels(runs), "synchrony_and_the_purkinje_cell.png")


if __name__ == "__main__":
    main()
