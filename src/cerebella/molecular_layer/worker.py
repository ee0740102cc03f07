"""The process in which a simulation runs: ``python -m cerebella.molecular_layer.worker FOLDER``.

It reads the job in FOLDER, writes ``progress`` as it goes and ``result.npz`` and
``result.json`` at the end. A crash in here is an error message for the caller, no more.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from cerebella.molecular_layer.integrate import RankResult, prepare_network, run_network
from cerebella.molecular_layer.job import load_job
from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import end_process, start_neuron
from cerebella.neuron_backend.workers import report_progress
from cerebella.results.atomic import atomic_file

_ARRAYS_FILE, _SUMMARY_FILE = "result.npz", "result.json"
_ARRAYS = ("times_ms", "gids", "recorded_gids", "voltage_mV")
_SUMMARY = ("timings_s", "peak_memory_MB")


def save_result(folder: Path, result: RankResult) -> None:
    """Write a result for `load_result`; it is there as a whole or not at all."""
    arrays: dict[str, Any] = {name: getattr(result, name) for name in _ARRAYS}
    np.savez(folder / _ARRAYS_FILE, **arrays)
    summary = {name: getattr(result, name) for name in _SUMMARY}
    with atomic_file(folder / _SUMMARY_FILE) as temporary:
        temporary.write_text(json.dumps(summary))


def load_result(folder: Path) -> RankResult | None:
    """Read what `save_result` wrote; None if there is no whole result."""
    if not (folder / _SUMMARY_FILE).exists():
        return None
    summary = json.loads((folder / _SUMMARY_FILE).read_text())
    with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
        return RankResult(**{name: arrays[name] for name in _ARRAYS}, **summary)


def main(folder: Path, library: MechanismLibrary) -> NoReturn:
    """Run the job in `folder` on this rank."""
    neuron = start_neuron(library)
    first = int(neuron.pc.id()) == 0

    def report(fraction: float) -> None:
        if first:
            report_progress(folder, fraction)

    job, network, inputs = load_job(folder)
    prepared = prepare_network(neuron, job, network)
    result = run_network(prepared, inputs, on_progress=report)
    if first:
        save_result(folder, result)
    end_process(neuron)


if __name__ == "__main__":
    main(Path(sys.argv[1]), MechanismLibrary(Path(sys.argv[2]), key=Path(sys.argv[2]).name))
