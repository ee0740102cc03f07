"""Compare benchmarks with their stored results and say which ratios got worse.

Usage: uv run python benchmarks/compare.py [NAME ...] [--new FILE] [--tolerance 0.2]

NAME is the name of a benchmark: mli_network, purkinje_cell, olive, olive_peers or sweep; by default
all of them. Each is run (minutes) unless --new gives the JSON file of a run that was made with
--save FILE. Only ratios are compared, for seconds depend on the machine: each ratio is a speed
relative to something measured in the same run, and larger is faster. Exit status 1 if any ratio is
below the stored one by more than the tolerance.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"
TOLERANCE = 0.2  # repeated runs on a shared machine differ by less

Ratios = dict[str, float]


def mli_network_ratios(report: Mapping[str, Any]) -> Ratios:
    plain = report["against_plain"]
    return {
        "processor time, plain script / cerebella": plain["ratio_cpu"],
        "solution, 1 rank / 2 ranks": plain["ratio_solve_2_ranks"],
        "processor time, CoreNEURON / own engine": plain["ratio_own_engine_cpu"],
    }


def purkinje_cell_ratios(report: Mapping[str, Any]) -> Ratios:
    return {
        "processor time, ordinary cell / cerebella": report["ratio_cpu"],
        "two runs, one by one / at once": report["throughput"]["ratio"],
    }


def olive_ratios(report: Mapping[str, Any]) -> Ratios:
    usual = [run for run in report["runs"] if run["scale"] == 1.0 and run["seconds"] <= 100.0]
    ratios = {}
    for dt_ms in (1.0, 0.1):
        runs = [run for run in usual if run["dt_ms"] == dt_ms]
        one, two = (next(run for run in runs if run.get("threads") == n) for n in (1, 2))
        (numpy,) = (run for run in runs if run.get("engine") == "numpy")
        ratios[f"{dt_ms:g} ms, processor time, numpy / numba"] = (
            numpy["ns_per_event"] / one["ns_per_event"]
        )
        ratios[f"{dt_ms:g} ms, 1 thread / 2 threads"] = one["wall_s"] / two["wall_s"]
    return ratios


def olive_peers_ratios(report: Mapping[str, Any]) -> Ratios:
    ratios = {}
    for dt_ms, rows in report["by_dt_ms"].items():
        ns_per_event = {row["peer"]: row["ns_per_event"] for row in rows}
        ours = ns_per_event["cerebella, numba"]
        for peer, ns in ns_per_event.items():
            if not peer.startswith("cerebella, numba"):
                # The version of a peer may change.
                name = peer if "," in peer else peer.split()[0]
                ratios[f"{float(dt_ms):g} ms, processor time, {name} / numba"] = ns / ours
    return ratios


def sweep_ratios(report: Mapping[str, Any]) -> Ratios:
    wall_s = report["wall_s"]
    return {
        "direct calls / sweep with one worker": wall_s["direct"] / wall_s["one worker"],
        "one worker / two workers": report["throughput_of_two"],
    }


@dataclass(frozen=True)
class Benchmark:
    """The ratios in the report of a benchmark, and the arguments of a run that measures them."""

    ratios: Callable[[Mapping[str, Any]], Ratios]
    arguments: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()  # entries that must be equal in reports to compare


BENCHMARKS = {
    "mli_network": Benchmark(mli_network_ratios, ("--scales",)),
    "purkinje_cell": Benchmark(purkinje_cell_ratios, conditions=("cell",)),
    "olive": Benchmark(olive_ratios),
    "olive_peers": Benchmark(olive_peers_ratios),
    "sweep": Benchmark(sweep_ratios),
}


@dataclass(frozen=True)
class Row:
    """A ratio and the stored one; None where it was not measured."""

    figure: str
    stored: float | None
    now: float | None
    verdict: str

    @property
    def change(self) -> float | None:
        return None if self.stored is None or self.now is None else self.now / self.stored - 1


def compare(stored: Ratios, now: Ratios, tolerance: float = TOLERANCE) -> list[Row]:
    """Compare each ratio: slower, faster, as before, new, or not measured.

    A ratio is as before if it is within the tolerance of the stored one.
    """
    return [
        Row(name, stored.get(name), now.get(name), _verdict(stored, now, name, tolerance))
        for name in dict.fromkeys([*stored, *now])
    ]


def _verdict(stored: Ratios, now: Ratios, name: str, tolerance: float) -> str:
    if name not in now:
        return "not measured"
    if name not in stored:
        return "new"
    change = now[name] / stored[name] - 1
    if change < -tolerance:
        return "slower"
    return "faster" if change > tolerance else "as before"


def format_table(rows: list[Row]) -> str:
    """Return a table with a line for each ratio."""

    def number(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form)

    width = max(len(row.figure) for row in rows)
    lines = [f"{'ratio':{width}}  {'stored':>8}  {'now':>8}  {'change':>8}  verdict"]
    lines += [
        f"{row.figure:{width}}  {number(row.stored, '8.2f'):>8}  {number(row.now, '8.2f'):>8}  "
        f"{number(row.change, '+8.0%'):>8}  {row.verdict}"
        for row in rows
    ]
    return "\n".join(lines)


def measure(name: str) -> dict[str, Any]:
    """Run a benchmark and return its report."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.json"
        script = [sys.executable, HERE / f"{name}.py", *BENCHMARKS[name].arguments]
        subprocess.run([*script, "--save", file], check=True, stdout=subprocess.DEVNULL)
        return json.loads(file.read_text(encoding="utf-8"))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(BENCHMARKS))
    parser.add_argument("--new", type=Path, metavar="FILE", help="results of a run of NAME")
    parser.add_argument("--tolerance", type=float, default=TOLERANCE)
    options = parser.parse_args(arguments)
    names = options.names or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        parser.error(
            f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}"
        )
    if options.new and len(names) != 1:
        parser.error("--new needs the NAME of one benchmark")
    rows = []
    for name in names:
        stored = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        report = json.loads(options.new.read_text("utf-8")) if options.new else measure(name)
        for key in BENCHMARKS[name].conditions:
            if report[key] != stored[key]:
                parser.error(
                    f"{name}: the stored results are of {key} {stored[key]!r}, "
                    f"the new ones of {report[key]!r}"
                )
        ratios = BENCHMARKS[name].ratios
        compared = compare(ratios(stored), ratios(report), options.tolerance)
        print(f"\n{name}\n{format_table(compared)}", flush=True)
        rows += compared
    slower = sum(row.verdict == "slower" for row in rows)
    print(f"\n{slower} of {len(rows)} ratios slower by more than {options.tolerance:.0%}")
    return int(slower > 0)


if __name__ == "__main__":
    sys.exit(main())
