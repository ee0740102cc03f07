"""The process in which a simulation runs: ``python -m …worker MODULE FOLDER LIBRARY``.

`run_worker` starts it. On each rank it calls ``MODULE.integrate_parcel(neuron, request, report)``
and writes the result of the first.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from cerebella.neuron_backend.guardian import die_with_parent
from cerebella.neuron_backend.launch_watch import JOINED, JOINING, STARTED, report_stage


def main(module: str, folder: Path, library_folder: Path) -> NoReturn:
    """Integrate the request in `folder` on this rank."""
    die_with_parent()
    report_stage(folder, STARTED)

    # These take long to import, which must not look like a launcher that stands still.
    from cerebella.neuron_backend.mechanisms_cache import MechanismLibrary
    from cerebella.neuron_backend.session import end_process, start_neuron
    from cerebella.neuron_backend.workers import (
        REQUEST,
        RESULT,
        read_parcel,
        report_progress,
        write_parcel,
    )

    neuron = start_neuron(
        MechanismLibrary(library_folder, library_folder.name),
        before_joining=lambda: report_stage(folder, JOINING),
    )
    report_stage(folder, JOINED)
    first = int(neuron.pc.id()) == 0

    def report(fraction: float) -> None:
        if first:
            report_progress(folder, fraction)

    request = read_parcel(folder, REQUEST)
    result = import_module(module).integrate_parcel(neuron, request, report)
    if first:
        write_parcel(folder, RESULT, result)
    end_process(neuron)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
