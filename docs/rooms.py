"""Draw the rooms of the package, floor by floor, as docs/rooms.png.

Usage: uv run python docs/rooms.py
"""

from pathlib import Path

from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

FLOORS = [
    [("cli", "commands: parse, call, print")],
    [("experiments", "a folder for each question: cf_synchrony, cf_rate, olive_to_purkinje")],
    [
        ("sweeps", "many runs: tasks, folders, executors"),
        ("views", "pages and movies that show runs"),
    ],
    [("plots", "figures of runs"), ("exports", "files for other programs")],
    [("analysis", "numbers computed from runs; theory compared with them")],
    [
        ("molecular_layer", "MLI1 and MLI2 with gap junctions"),
        ("purkinje", "the detailed Purkinje cell"),
        ("olive", "the olivocerebellar loop"),
    ],
    [("runs", "what the three levels share: Run, load_run, engines, record of a level")],
    [("morphology", "SWC, regions, compartments, growth")],
    [
        ("network", "cells, synapses, files"),
        ("stimuli", "of cells: values and texts"),
        ("neuron_backend", "NEURON, processes, MPI"),
        ("compiled", "numba, SIMD"),
    ],
    [
        ("results", "spikes, traces, files"),
        ("randomness", "named streams"),
        ("parameters", "values, units, sources"),
    ],
    [("files", "reading of HDF5, NPZ, JSON, YAML and text: values or an InputError")],
    [("errors", "exceptions; their messages name problem, place, value and remedy")],
]
LEVELS = {"molecular_layer", "purkinje", "olive"}
WIDTH, HEIGHT, GAP = 10.0, 0.62, 0.12


def main() -> None:
    """Draw and save."""
    figure = Figure(figsize=(8.4, 7.0), dpi=160)
    ax = figure.add_axes((0, 0, 1, 1))
    for floor, rooms in enumerate(FLOORS):
        y = (len(FLOORS) - 1 - floor) * (HEIGHT + GAP)
        width = (WIDTH - GAP * (len(rooms) - 1)) / len(rooms)
        for column, (name, contents) in enumerate(rooms):
            x = column * (width + GAP)
            is_level = name in LEVELS
            ax.add_patch(
                FancyBboxPatch(
                    (x, y),
                    width,
                    HEIGHT,
                    boxstyle="round,pad=0,rounding_size=0.08",
                    facecolor="#cfe5f5" if is_level else "#f2f2ef",
                    edgecolor="#33688f" if is_level else "#8a8a85",
                )
            )
            center = x + width / 2
            ax.text(center, y + 0.66 * HEIGHT, name, ha="center", va="center", weight="bold")
            ax.text(center, y + 0.27 * HEIGHT, contents, ha="center", va="center", fontsize=7.5)
    top = len(FLOORS) * (HEIGHT + GAP) - GAP
    ax.annotate(
        "",
        xy=(WIDTH + 0.35, 0),
        xytext=(WIDTH + 0.35, top),
        arrowprops={"arrowstyle": "-|>", "color": "#33688f", "lw": 2},
    )
    ax.text(WIDTH + 0.62, top / 2, "imports", rotation=270, va="center", ha="center")
    ax.set_xlim(-0.15, WIDTH + 0.85)
    ax.set_ylim(-0.15, top + 0.15)
    ax.axis("off")
    figure.savefig(Path(__file__).with_name("rooms.png"))


if __name__ == "__main__":
    main()
