"""Where the time of a Purkinje cell goes, by mechanism; needs Linux's perf.

Usage: uv run python benchmarks/profile_purkinje.py [--duration 100]

Samples a worker process and sorts CoreNEURON's functions: advancing of each mechanism's states,
its currents, synapses, matrix, recording. What is not CoreNEURON is set-up and hand-over.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from unittest import mock

from purkinje_cell import load_case

from cerebella.neuron_backend import workers
from cerebella.purkinje.simulate import simulate_purkinje

FREQUENCY_HZ = 999
KINDS = {
    "matrix": r"nrn_solve_minimal|setup_tree_matrix|capacitance|::update|_pas",
    "synapses": r"_DoubleExponentialSynapse",
    "ion currents": r"nrn_cur_ion|nrn_\w+_ion",
    "recording": r"fast_imem|record|VecRecord|Trajector|report|pr\(",
    "events": r"deliver|NetC|tq|net_buf|net_receive|PreSyn|check_thresh|TQueue|SelfEvent",
}


def sample(duration_ms: float) -> Counter[str]:
    """Samples of each symbol, with its library in front."""
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "perf.data"
        record = ["perf", "record", "-F", str(FREQUENCY_HZ), "-o", data]
        run = workers.run_to_log
        with mock.patch.object(
            workers,
            "run_to_log",
            lambda command, *rest, **named: run([*record, *command], *rest, **named),
        ):
            simulate_purkinje(**load_case(), duration_ms=duration_ms)
        report = ["perf", "report", "-i", data, "--stdio", "-n", "-g", "none", "--sort", "dso,sym"]
        text = subprocess.run(
            [str(word) for word in report], check=True, capture_output=True, text=True
        ).stdout
    samples: Counter[str] = Counter()
    for line in text.splitlines():
        match = re.match(r"\s*[\d.]+%\s+(\d+)\s+(\S+)\s+\[.\]\s+(.*)", line)
        if match:
            samples[f"{match[2]} {match[3].strip()}"] += int(match[1])
    return samples


def kind_of(symbol: str) -> str:
    """Sort one symbol, which has its library in front."""
    if re.match(r"libm(vec)?\.so", symbol):
        return "exponentials outside of vectors"
    if "coreneuron::" not in symbol:
        return "set-up and hand-over"
    mechanism = re.search(r"nrn_(state|cur|init|jacob)_((?:pc|calcium)_\w+)", symbol)
    if mechanism:
        return f"{mechanism[2]}, {'states' if mechanism[1] == 'state' else mechanism[1]}"
    return next((kind for kind, pattern in KINDS.items() if re.search(pattern, symbol)), "other")


def main() -> None:
    """Print shares of the integration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=float, default=100.0)
    parser.add_argument("--symbols", action="store_true", help="print each function too")
    options = parser.parse_args()
    samples = sample(options.duration)
    total: Counter[str] = Counter()
    for symbol, n in samples.items():
        total[kind_of(symbol)] += n
    integration = sum(total.values()) - total["set-up and hand-over"]
    print(f"{'':34}{'µs/step':>9}{'of integration':>16}")
    for kind, n in total.most_common():
        share = "" if kind == "set-up and hand-over" else f"{n / integration:15.1%}"
        per_step = 1e6 * n / FREQUENCY_HZ / (options.duration / 0.02)
        print(f"{kind:34}{per_step:9.1f}{share:>16}")
    if options.symbols:
        for symbol, n in samples.most_common(40):
            print(f"{n:7d}  {symbol[:120]}")


if __name__ == "__main__":
    main()
