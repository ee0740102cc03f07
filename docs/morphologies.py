"""Prepare reconstructions by others: the table and the figure of docs/morphologies.md.

Run: uv run python docs/morphologies.py ../shared/published
Prints the table, with simulations of some minutes in all, and writes docs/morphologies.png.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

import cerebella as cb
from cerebella.parameters.purkinje_synapses import PurkinjeConnectionParameters
from cerebella.purkinje.cell_size import count_synapses

CELLS = {
    "10-2012-02-09-001": "De Schutter 10-2012-02-09",
    "Purkinje-slice-ageP35-3": "Dusart P35-3",
    "Purkinje-slice-ageP35-4": "Dusart P35-4",
    "Purkinje-slice-ageP37-5": "Dusart P37-5",
    "Purkinje-slice-ageP43-6": "Dusart P43-6",
    "e1cb4a1": "Martone e1cb4a1",
    "e4cb2a2": "Martone e4cb2a2",
}
DURATION_MS, SPONTANEOUS_MS = 300, 600
NO_INPUT = {"pf_scale": 0.0, "cf_time_ms": None, "mli_weight_pS": 0.0}
BURST_CV = 0.5
"""Coefficient of variation of the intervals above which a cell bursts."""


def load_cells(published: Path, soma: str = "traced") -> dict[str, cb.Morphology]:
    """Return the reconstructions, the traced cell with the regions of the rule, and the default."""
    files = {label: published / "morphologies" / f"{name}.CNG.swc" for name, label in CELLS.items()}
    cells = {
        label: cb.prepare_morphology(file, soma=soma).morphology for label, file in files.items()
    }
    traced = published / "purkinje" / "pc_morphology.swc"
    by_rule = cb.prepare_morphology(traced, type_codes={5: "spiny"}, soma=soma)
    cells["traced (rule)"] = by_rule.morphology
    if soma == "default":
        return cells
    sections = published / "purkinje" / "pc_morphology_sections.csv"
    return cells | {
        "traced": cb.load_morphology(traced, sections),
        "default": cb.load_default_morphology(),
    }


def spontaneous_text(cell: cb.Morphology | None, network: cb.Run) -> str:
    """Return the rate of spikes without input, after 50 ms."""
    if cell is None:
        return "–"
    run = cb.simulate_purkinje(
        network,
        morphology=cell,
        record=["soma_v"],
        parameters={"connections": NO_INPUT},
        progress=False,
    )
    times_ms = run.spikes.of("PC").times_ms
    intervals_ms = np.diff(times_ms[times_ms > 50])
    bursts = intervals_ms.std() > BURST_CV * intervals_ms.mean()
    return f"{1000 / intervals_ms.mean():.0f}{', bursts' if bursts else ''}"


def driven_text(cell: cb.Morphology, network: cb.Run) -> str:
    """Return the rate of simple spikes from 50 to 150 ms, and the spikelets after the CF."""
    run = cb.simulate_purkinje(network, morphology=cell, record=["soma_v"], progress=False)
    response = cb.compute_purkinje_summary(run).response
    return f"{response.simple_spikes.rate_Hz:.0f} | {response.complex_spike.n_spikelets}"


def row_of(
    label: str, cell: cb.Morphology, other_soma: cb.Morphology | None, runs: dict[float, cb.Run]
) -> str:
    """Return a row of the table; `runs` are those of the network, by duration."""
    values = cb.describe_morphology(cell).values
    synapses = count_synapses(cell, PurkinjeConnectionParameters())
    smooth_um, spiny_um = values["smooth_length_um"], values["spiny_length_um"]
    area_um2 = sum(values[f"{region}_area_um2"] for region in ("soma", "ais", "smooth", "spiny"))
    fields = (
        label,
        str(cell.n_sections),
        f"{smooth_um + spiny_um:,.0f}",
        f"{area_um2:,.0f}",
        f"{100 * smooth_um / (smooth_um + spiny_um):.1f}",
        f"{synapses['cf_conductance_nS']:.0f}",
        f"{synapses['pf_contacts']:,}",
        f"{synapses['mli_sites']:,}",
        f"{synapses['mli1_contacts']:.1f}",
        spontaneous_text(cell, runs[SPONTANEOUS_MS]),
        spontaneous_text(other_soma, runs[SPONTANEOUS_MS]),
        driven_text(cell, runs[DURATION_MS]),
    )
    return f"| {' | '.join(fields)} |"


def draw(cells: dict[str, cb.Morphology]) -> Figure:
    """Return the front views, colored by region."""
    figure = Figure(figsize=(12, 6.6), layout="constrained")
    for ax, (label, cell) in zip(figure.subplots(2, 4).flat, cells.items(), strict=False):
        cb.plot_morphology(cell, ax=ax)
        ax.set_title(label)
    return figure


def save_small(figure: Figure, file: Path) -> None:
    """Save with a palette of colors, a quarter of the size."""
    content = io.BytesIO()
    figure.savefig(content, dpi=90)
    palette = Image.Quantize.MAXCOVERAGE
    Image.open(content).convert("RGB").quantize(64, palette).save(file, optimize=True)


if __name__ == "__main__":
    published_folder = Path(sys.argv[1])
    found = load_cells(published_folder)
    save_small(draw(found), Path(__file__).with_suffix(".png"))
    with_default_soma = load_cells(published_folder, soma="default")
    network_runs = {
        duration_ms: cb.simulate_mli(
            cb.generate_network(seed=0), cf_sync=8, duration_ms=duration_ms, progress=False
        )
        for duration_ms in (DURATION_MS, SPONTANEOUS_MS)
    }
    for name, one in found.items():
        print(row_of(name, one, with_default_soma.get(name), network_runs), flush=True)
