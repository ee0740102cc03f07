"""Simulate a Purkinje cell that others have traced, from its raw SWC file.

Without a file, the tracing is the default cell as archives hold cells: a sphere for a soma, no
axon, one type of dendrite, twigs thinner than a light microscope resolves. It is prepared, the
changes are listed, and what deviates from the published cell is named. Does it fire as that cell
does, with the traced soma and with the soma for which the channel densities were fitted?

Run: uv run python examples/any_purkinje_cell.py [raw.swc]
Makes any_purkinje_cell.png in the current folder; takes about 15 seconds.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import cerebella as cb


def write_as_archived(file: Path) -> None:
    """Write the default cell without its axon, its regions and the shape of its soma."""
    cell = cb.load_default_morphology()
    cb.save_morphology(cell, file)
    rows = np.loadtxt(file)
    dendrite = rows[(rows[:, 1] == 3) | (rows[:, 1] == 5)]
    dendrite[:, 1] = 3
    ends = rows[rows[:, 1] == 1, 0]
    dendrite[np.isin(dendrite[:, 6], ends), 6] = 1
    dendrite[dendrite[:, 5] < 0.16, 5] = 0.05
    sphere = [1, 1, 0, 0, 0, 9, -1]
    np.savetxt(file, np.vstack([sphere, dendrite]), fmt=["%d", "%d", *["%.4f"] * 4, "%d"])


with tempfile.TemporaryDirectory() as folder:
    tracing = Path(folder) / "tracing.swc"
    if len(sys.argv) > 1:
        tracing = Path(sys.argv[1])
    else:
        write_as_archived(tracing)
    cells = {
        f"{soma} soma": cb.prepare_morphology(tracing, soma=soma) for soma in ("traced", "default")
    }

network = cb.simulate_mli(cb.generate_network(seed=1, scale=0.3), duration_ms=60)
for name, prepared in cells.items():
    print(f"{name}: {prepared}")
    statistics = cb.describe_morphology(prepared.morphology)
    for key in filter(statistics.deviates, statistics.relevant):
        print(f"  {statistics.warning(key)}")
    run = cb.simulate_purkinje(
        network,
        morphology=prepared.morphology,
        record=["soma_v"],
        parameters={"connections": {"cf_time_ms": None}},
    )
    spikes_ms = run.spikes.of("PC").times_ms
    print(f"  spikes at {', '.join(f'{time:.1f}' for time in spikes_ms)} ms\n")

figure = cb.plot_morphology_views(cells["traced soma"].morphology)
print("Saved", cb.save_figure(figure, "any_purkinje_cell.png"))
