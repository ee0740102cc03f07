"""Where the time of one simulation goes, by kind of work; needs Linux's perf.

Usage: uv run python benchmarks/profile_mli.py [--scale 1]

Samples a worker process and sorts CoreNEURON's functions by their kind of work; exponentials are
those of the channels. Everything that is not CoreNEURON is set-up and hand-over.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from cerebella.molecular_layer.inputs import cf_spikes_of_level, draw_pf_spikes
from cerebella.molecular_layer.mechanisms import molecular_layer_mechanisms
from cerebella.molecular_layer.request import MLIRequest, pack
from cerebella.network.generate import generate_network
from cerebella.neuron_backend.mechanisms_cache import ensure_mechanisms
from cerebella.neuron_backend.workers import REQUEST, write_parcel
from cerebella.results.spikes import merge_spike_trains

KINDS = {
    "matrix": r"nrn_solve_minimal|setup_tree_matrix|capacitance|::update$|nrn_cur_pas",
    "synapses": r"(cur|state|jacob)_DoubleExponentialSynapse",
    "channels": r"mli_(na|kv|ka|calva)|nrn_cur_ion|IClamp",
    "gap junctions": r"HalfGapJunction|v_transfer",
    "events": r"deliver|NetC|tq|net_buf|net_receive|PreSyn|check_thresh|bin_event|ConditionEvent",
}


def sample(scale: float) -> Counter[str]:
    """Samples of each symbol, with its library in front."""
    network = generate_network(seed=0, scale=scale)
    asked = MLIRequest()
    pf = draw_pf_spikes(network, asked.parameters, asked.duration_ms, asked.seed, asked.trial)
    inputs = merge_spike_trains([pf, cf_spikes_of_level(network, 8, asked.duration_ms)])
    library = ensure_mechanisms(molecular_layer_mechanisms())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_parcel(folder, REQUEST, pack(asked, network, inputs))
        data = folder / "perf.data"
        worker = [sys.executable, "-m", "cerebella.neuron_backend.worker"]
        worker += ["cerebella.molecular_layer.integrate", folder, library.folder]
        record = ["perf", "record", "-F", "999", "-o", data, *worker]
        subprocess.run(list(map(str, record)), check=True, capture_output=True)
        report = ["perf", "report", "-i", str(data), "--stdio", "-n", "-g", "none"]
        report += ["--sort", "dso,sym"]
        text = subprocess.run(report, check=True, capture_output=True, text=True).stdout
    samples: Counter[str] = Counter()
    for line in text.splitlines():
        match = re.match(r"\s*[\d.]+%\s+(\d+)\s+(\S+)\s+\[.\]\s+(.*)", line)
        if match:
            samples[f"{match[2]} {match[3].strip()}"] += int(match[1])
    return samples


def kind_of(symbol: str) -> str:
    """Sort one symbol, which has its library in front."""
    if symbol.startswith("libm.so"):
        return "exponentials"
    if "coreneuron::" not in symbol:
        return "set-up and hand-over"
    return next((kind for kind, pattern in KINDS.items() if re.search(pattern, symbol)), "other")


def main() -> None:
    """Print shares of the whole and of the integration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    samples = sample(parser.parse_args().scale)
    total: Counter[str] = Counter()
    for symbol, n in samples.items():
        total[kind_of(symbol)] += n
    everything = sum(total.values())
    integration = everything - total["set-up and hand-over"]
    print(f"{'':22}{'s':>7}{'of all':>9}{'of integration':>16}")
    for kind, n in total.most_common():
        share = "" if kind == "set-up and hand-over" else f"{n / integration:15.1%}"
        print(f"{kind:22}{n / 999:7.2f}{n / everything:9.1%}{share:>16}")


if __name__ == "__main__":
    main()
