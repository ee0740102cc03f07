"""The process in which a Purkinje cell runs: ``python -m cerebella.purkinje.worker FOLDER``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import numpy as np

from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
from cerebella.neuron_backend.session import end_process, start_neuron
from cerebella.neuron_backend.workers import report_progress
from cerebella.purkinje.integrate import PurkinjeResult, run_purkinje
from cerebella.purkinje.job import load_job
from cerebella.results.atomic import atomic_file

_ARRAYS_FILE, _SUMMARY_FILE = "result.npz", "result.json"
_ARRAYS = ("soma_v", "calcium", "v")
_SUMMARY = ("timings_s", "peak_memory_MB")


def save_result(folder: Path, result: PurkinjeResult) -> None:
    """Write a result for `load_result`; it is there as a whole or not at all."""
    np.savez(folder / _ARRAYS_FILE, **{name: getattr(result, name) for name in _ARRAYS})
    summary = {name: getattr(result, name) for name in _SUMMARY}
    with atomic_file(folder / _SUMMARY_FILE) as temporary:
        temporary.write_text(json.dumps(summary))


def load_result(folder: Path) -> PurkinjeResult | None:
    """Read what `save_result` wrote; None if there is no whole result."""
    if not (folder / _SUMMARY_FILE).exists():
        return None
    summary = json.loads((folder / _SUMMARY_FILE).read_text())
    with np.load(folder / _ARRAYS_FILE, allow_pickle=False) as arrays:
        return PurkinjeResult(**{name: arrays[name] for name in _ARRAYS}, **summary)


def main(folder: Path, library: MechanismLibrary) -> NoReturn:
    """Run the job in `folder`."""
    neuron = start_neuron(library)
    result = run_purkinje(
        neuron, *load_job(folder), on_progress=lambda fraction: report_progress(folder, fraction)
    )
    save_result(folder, result)
    end_process(neuron)


if __name__ == "__main__":
    main(Path(sys.argv[1]), MechanismLibrary(Path(sys.argv[2]), key=Path(sys.argv[2]).name))
