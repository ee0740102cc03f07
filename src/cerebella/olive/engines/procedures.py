"""Compiled code of the loop, each procedure under the name of its kernel."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from cerebella.compiled.procedure import Procedure
from cerebella.compiled.source_key import source_key

_OLIVE = Path(__file__).parent.parent
FILES = (
    *sorted((_OLIVE / "engines").glob("*.py")),
    _OLIVE / "engines" / "cuda" / "host_kernels.py",
    _OLIVE / "random_drive.py",
    _OLIVE / "rules" / "events.py",
)
"""Files with compiled code of the loop, and with constants that it uses."""


def _procedure(kernel: str) -> Procedure:
    """Return the procedure of a kernel, given as module and name."""
    module, _, name = kernel.rpartition(".")

    def make(arguments_at: Any) -> Callable[[int], Any]:
        called = getattr(import_module(f"cerebella.olive.engines.{module}"), name)

        def procedure(address):
            return called(*arguments_at(address))

        return procedure

    return Procedure(f"olive-{name}".replace("_", "-"), make, lambda: source_key(FILES))


choose_spikes = _procedure("recording_kernels.choose_spikes")
draw_mf_of_circuits = _procedure("cuda.host_kernels.draw_mf_of_circuits")
draw_mf_trains = _procedure("input_kernels.draw_mf_trains")
draw_noise = _procedure("input_kernels.draw_noise")
draw_pf_episode = _procedure("input_kernels.draw_pf_episode")
draw_pf_trains = _procedure("input_kernels.draw_pf_trains")
run_basket_cells = _procedure("basket_kernels.run_basket_cells")
run_loop = _procedure("loop_kernels.run_loop")
sort_spikes = _procedure("cuda.host_kernels.sort_spikes")
weigh_listed = _procedure("weight_kernels.weigh_listed")
weigh_rows = _procedure("weight_kernels.weigh_rows")
