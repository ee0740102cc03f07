"""Published and predicted numbers beside those of this package, as docs/trust.csv.

Usage: uv run python docs/trust.py [--parts interneurons,loop] [--trials 12] [--published FOLDER]

Parts that are not named keep their rows. Those of the traced cell and the replay of its published
trial need the folder of the published data (CONTRIBUTING.md).
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

import cerebella as cb
from cerebella.analysis.published import published_purkinje, published_rates
from cerebella.analysis.purkinje_levels import MEASURES
from cerebella.analysis.rates import RATE_WINDOWS_MS, window_name
from cerebella.experiments.cf_rate.cases import CASES, run_cf_rate

TABLE = Path(__file__).with_name("trust.csv")
ORACLE = TABLE.parents[1] / "tests" / "data" / "oracle"
PARTS = ("interneurons", "loop", "pairing", "default", "traced", "replay")
LEVELS = (0, 8)


class Row(NamedTuple):
    """A number of others and ours: mean and standard deviation over n runs."""

    part: str
    quantity: str
    unit: str
    source: str
    other: float
    ours: float
    sd: float = float("nan")
    n: int = 1


def _row(part: str, quantity: str, unit: str, source: str, other: float, values) -> Row:
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    return Row(part, quantity, unit, source, other, float(np.mean(values)), sd, len(values))


def interneurons() -> Iterator[Row]:
    """Spikes and input resistance of single interneurons, published cell and ours."""
    with (ORACLE / "mli_fi.csv").open(encoding="utf-8") as file:
        spikes = [row for row in csv.DictReader(file) if int(row["spike_index"]) >= 0]
    for cell in ("MLI1", "MLI2"):
        currents = sorted({float(row["bias_nA"]) for row in spikes if row["cell"] == cell})
        curve = cb.compute_fi_curve(cell, currents, progress=False).table()
        for current, ours in zip(currents, curve["n_spikes"], strict=True):
            count = sum((row["cell"], float(row["bias_nA"])) == (cell, current) for row in spikes)
            name = f"{cell}, spikes in 300 ms at {1000 * current:g} pA"
            yield Row("interneuron", name, "1", "published cell", count, ours)
    with (ORACLE / "mli_rest_rin.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            held = float(row["bias_nA"])
            result = cb.compute_input_resistance(row["cell"], [held], progress=False).table()
            (ours,) = result["input_resistance_MOhm"]
            name = f"{row['cell']}, input resistance at {1000 * held:g} pA"
            yield Row("interneuron", name, "MΩ", "published cell", float(row["rin_MOhm"]), ours)


def synchrony(cell: cb.Morphology, name: str, trials: int) -> Iterator[Row]:
    """Rates of the network and responses of a Purkinje cell at two levels."""
    model = cb.SyncModel(cb.generate_network(seed=0), cell)
    runs = cb.run_cf_synchrony(model, LEVELS, range(1, trials + 1), cells=True)
    for level in LEVELS if name == "default cell" else ():
        ours = [cb.compute_rates(run.spikes) for run in runs.networks[level]]
        for population, published in published_rates(level).items():
            for window in RATE_WINDOWS_MS:
                of_trials = [rates[population][window] for rates in ours]
                label = f"{population}, {window_name(window)} ms, level {level}"
                other = published[window]
                yield _row("network", label, "Hz", "published, trial 11", other, of_trials)
    for level in LEVELS:
        responses = [cb.compute_purkinje_summary(run).response for run in runs.cells[level]]
        for measure in MEASURES:
            other = published_purkinje(level, "published").get(measure.key, float("nan"))
            values = [float(measure.of(response)) for response in responses]
            label = f"{measure.label}, level {level}"
            part = f"Purkinje cell, {name}"
            yield _row(part, label, "", "published, trial 11", other, values)


def pairing() -> Iterator[Row]:
    """Calcium after parallel and climbing fibers, in per cent of the linear sum (gaffield2018)."""
    place, cf_ms, end_ms = "spiny[100-150um]", 70.0, 100.0
    pf = cb.PFVolley(place, 200, (cf_ms - 50, cf_ms - 40, cf_ms - 30))
    cf, no_cf = cb.CFSpikes((cf_ms,)), cb.CFSpikes(())
    network = cb.simulate_mli(cb.generate_network(seed=1), cf_sync=0, duration_ms=end_ms)
    conditions = {"none": [no_cf], "pf": [no_cf, pf], "cf": [cf], "both": [cf, pf]}
    for name, block, slices in (
        ("MLIs active", [], 100.5),
        ("MLIs blocked", [cb.SynapticBlock(("mli",))], 109.9),
    ):
        calcium = {}
        for condition, stimuli in conditions.items():
            run = cb.simulate_purkinje(
                network, stimuli=[*stimuli, *block], record=[f"{place}.calcium"]
            )
            traces = run.traces["probe_calcium"]
            calcium[condition] = traces.values[traces.times_ms >= cf_ms].mean()
        rise = {key: value - calcium["none"] for key, value in calcium.items()}
        ours = 100 * rise["both"] / (rise["pf"] + rise["cf"])
        label = f"PF and CF against their sum, {name}"
        yield Row("Purkinje cell, slices", label, "%", "gaffield2018", slices, ours)


def loop(folder: Path) -> Iterator[Row]:
    """Rate of the olive for other constants of plasticity and after perturbations."""
    for result in run_cf_rate(folder / "loop", CASES):
        label = f"rate of the olive, {result.case.label}"
        yield _row("loop", label, "Hz", "formula", result.predicted_Hz, result.measured_Hz)


def replay(folder: Path, cell: cb.Morphology) -> Iterator[Row]:
    """Soma of the traced cell in published trial 11, level 8."""
    networks = folder / "networks"
    (spikes,) = networks.glob("spk_*sync_8*.csv")
    run = cb.simulate_purkinje(
        cb.load_run(spikes),
        network=cb.load_cell_counts(networks),
        morphology=cell,
        pf_table=networks / "pf_syn_table.csv",
        replay_published=True,
        record=["soma_v"],
    )
    (recorded,) = (folder / "purkinje").glob("*_somav.npz")
    with np.load(recorded) as published:
        published_mV = published["data"]
    ours_mV = run.traces["soma_v"].values[: len(published_mV), 0]
    largest = float(np.abs(ours_mV - published_mV[: len(ours_mV)]).max())
    label = "largest difference of soma potential in 299 ms"
    yield Row("Purkinje cell, replay", label, "mV", "published, trial 11", 0, largest)


def measured(part: str, trials: int, published: Path | None) -> Iterator[Row]:
    """Measure one part."""
    if part == "interneurons":
        yield from interneurons()
    elif part == "loop":
        with tempfile.TemporaryDirectory() as folder:
            yield from loop(Path(folder))
    elif part == "pairing":
        yield from pairing()
    elif part == "default":
        yield from synchrony(cb.load_default_morphology(), "default cell", trials)
    elif published:
        files = published / "purkinje"
        cell = cb.load_morphology(files / "pc_morphology.swc", files / "pc_morphology_sections.csv")
        yield from (
            synchrony(cell, "traced cell", trials) if part == "traced" else replay(published, cell)
        )


def write(rows: list[Row]) -> None:
    """Write rows, and those before of other parts."""
    new = [dict(zip(Row._fields, (*row[:4], *(f"{v:.6g}" for v in row[4:])), strict=True))
           for row in rows]  # fmt: skip
    if TABLE.exists():
        measured_now = {row["part"] for row in new}
        with TABLE.open(encoding="utf-8") as file:
            new += [row for row in csv.DictReader(file) if row["part"] not in measured_now]
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, Row._fields, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(new, key=lambda row: row["part"]))


def main() -> None:
    """Measure the parts one by one, and write each when it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--published", type=Path, help="folder of the published data")
    asked = parser.parse_args()
    for part in asked.parts.split(","):
        if part not in PARTS:
            parser.error(f"part {part!r} is unknown; choose from {', '.join(PARTS)}")
        write([*measured(part, asked.trials, asked.published)])
        print(f"{part}: done")


if __name__ == "__main__":
    main()
