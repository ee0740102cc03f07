"""Tables of published and predicted numbers beside ours, from docs/trust.csv."""

from __future__ import annotations

import csv
import math
from pathlib import Path

TABLE = Path(__file__).parents[1] / "trust.csv"

PARTS = {
    "interneuron": ("Single interneurons", "Steps of current into the soma, without input."),
    "network": ("Network", "Generated network, seed 0."),
    "Purkinje cell, default cell": (
        "Default Purkinje cell",
        "Driven by the same networks. It is another cell than the published one.",
    ),
    "Purkinje cell, traced cell": ("Traced Purkinje cell", "Driven by the same networks."),
    "Purkinje cell, replay": (
        "Replay of the published trial",
        "The traced cell with the published spikes of level 8, trial 11.",
    ),
    "Purkinje cell, slices": (
        "Pairing of parallel and climbing fibers",
        "Three spikes of 200 parallel fibers begin 50 ms before the climbing fiber. Calcium of the "
        "dendrite in per cent of the sum of both alone. Default cell, slices of [gaffield2018]"
        "(#ref-gaffield2018).",
    ),
    "loop": ("Olivocerebellar loop", "Mean of the last 200 s, time step 1 ms."),
}
"""Heading and first line of each part, in the order of the page."""


def pages() -> dict[str, str]:
    """Return all tables as one page, which `trust.md` includes."""
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lines = []
    for part, (title, first_line) in PARTS.items():
        own = [row for row in rows if row["part"] == part]
        if own:
            lines += [f"## {title}", "", first_line, "", _table(own)]
    return {"trust_numbers.md": "\n".join(lines)}


def _table(rows: list[dict[str, str]]) -> str:
    lines = [
        "| quantity | unit | others | source | ours | SD | n |",
        "|---|---|--:|---|--:|--:|--:|",
    ]
    for row in rows:
        unit = "" if row["unit"] == "1" else row["unit"]
        other, ours, sd = (_number(row[name]) for name in ("other", "ours", "sd"))
        cells = (row["quantity"], unit, other, row["source"], ours, sd, row["n"])
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _number(text: str) -> str:
    value = float(text)
    return "–" if math.isnan(value) else f"{value:.4g}"
