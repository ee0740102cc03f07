"""Circuit diagrams of the three levels as SVG: populations as boxes, projections as lines."""

from __future__ import annotations

from io import StringIO
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from cerebella.parameters.mli_network import MLINetworkParameters
from cerebella.parameters.olive_simulation import OliveParameters
from cerebella.plots.style import color_of, styled


class Box(NamedTuple):
    """A population: its center, its text in two lines, and the population that colors it."""

    x: float
    y: float
    name: str
    detail: str
    population: str
    width: float = 1.5


class Line(NamedTuple):
    """A projection between two points: kind, bend of the line, label and place of the label."""

    start: tuple[float, float]
    stop: tuple[float, float]
    kind: str
    label: str = ""
    at: tuple[float, float] = (0, 0)
    bend: float = 0.0


HEIGHT = 0.62
STYLES = {"excites": "-|>,head_width=0.11,head_length=0.2", "inhibits": "|-|,widthA=0,widthB=0.2"}
COLORS = {"excites": "#117733", "inhibits": "#cc3311", "couples": "#999933"}


def _draw_box(ax: Axes, box: Box) -> None:
    color = color_of(box.population)
    corner = (box.x - box.width / 2, box.y - HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.12"
    ax.add_patch(
        FancyBboxPatch(corner, box.width, HEIGHT, boxstyle=style, fc="white", ec=color, lw=1.4)
    )
    ax.text(box.x, box.y + 0.11, box.name, ha="center", va="center", weight="bold", color=color)
    ax.text(box.x, box.y - 0.15, box.detail, ha="center", va="center", size=6.5, color="#444444")


def _draw_line(ax: Axes, line: Line) -> None:
    color = COLORS[line.kind]
    arrow = FancyArrowPatch(
        line.start,
        line.stop,
        arrowstyle=STYLES.get(line.kind, "-"),
        connectionstyle=f"arc3,rad={line.bend}",
        linestyle=(0, (2, 1.2)) if line.kind == "couples" else "-",
        color=color,
        lw=1.2,
        shrinkA=0,
        shrinkB=0,
        mutation_scale=18,
    )
    ax.add_patch(arrow)
    if line.label:
        ax.text(*line.at, line.label, ha="center", va="center", size=6.5, color=color)


def _diagram(
    size: tuple[float, float], boxes: list[Box], lines: list[Line], is_cell: bool = False
) -> str:
    """Return an SVG whose coordinates are those of boxes and lines, with a legend below."""
    with styled():
        figure = Figure(figsize=(size[0] * 0.72, (size[1] + 0.5) * 0.72))
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, size[0]), ylim=(-0.5, size[1]), aspect="equal")
        ax.axis("off")
        for line in lines:
            _draw_line(ax, line)
        for box in boxes:
            _draw_box(ax, box)
        for place, kind in enumerate(COLORS):
            x = 0.3 + 2.1 * place
            label = "cable" if kind == "couples" and is_cell else kind
            _draw_line(ax, Line((x, -0.3), (x + 0.6, -0.3), kind, label, (x + 1.1, -0.3)))
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _molecular_layer() -> str:
    cells = MLINetworkParameters()
    n_pf = sum(getattr(cells, name) for name in type(cells).model_fields if name.startswith("n_pf"))
    from_mli2 = cells.mli2_synapses_per_mli1
    among_mli1 = round(cells.inhibitory_synapses_per_mli1 - from_mli2, 1)
    onto_mli2 = round(cells.inhibitory_synapses_per_mli2 - cells.mli2_synapses_per_mli2, 1)
    boxes = [
        Box(1.2, 4.2, "PF", f"{n_pf:,} fibers, 4 Hz", "PF"),
        Box(1.2, 1.0, "CF", f"{cells.n_cf} fibers", "CF"),
        Box(4.3, 1.0, "MLI2", f"{cells.n_mli2} cells", "MLI2"),
        Box(4.3, 3.0, "MLI1", f"{cells.n_mli1} cells", "MLI1"),
        Box(7.6, 3.0, "PC", "one cell, next page", "PC"),
    ]
    lines = [
        Line(
            (1.95, 4.1), (3.5, 3.2), "excites", f"{cells.pf_synapses_per_mli1} per cell", (3.2, 4.0)
        ),
        Line((1.6, 3.89), (3.6, 1.35), "excites", f"{cells.pf_synapses_per_mli2}", (2.2, 2.6)),
        Line((1.95, 4.3), (7.3, 3.35), "excites", "", (0, 0), -0.25),
        Line((1.95, 1.0), (3.5, 1.0), "excites", "4 contacts", (2.7, 1.2)),
        Line((4.3, 1.31), (4.3, 2.66), "inhibits", f"{from_mli2}, weight w2", (4.98, 2.0)),
        Line((4.0, 2.69), (4.0, 1.35), "inhibits", f"{onto_mli2}", (3.72, 2.0)),
        Line((4.9, 3.31), (5.08, 2.9), "inhibits", f"{among_mli1}", (5.75, 3.75), -3.0),
        Line((3.85, 3.31), (4.45, 3.31), "couples", "gap junctions", (4.2, 3.95), -1.4),
        Line(
            (4.9, 0.69),
            (5.08, 1.05),
            "inhibits",
            f"{cells.mli2_synapses_per_mli2}",
            (5.75, 0.5),
            3.0,
        ),
        Line((5.05, 3.0), (6.82, 3.0), "inhibits", "7 or 8 sites per cell", (6.0, 2.8)),
        Line((5.05, 1.25), (7.3, 2.66), "inhibits", "1 site per cell", (6.9, 1.75)),
    ]
    return _diagram((8.8, 4.9), boxes, lines)


def _purkinje_cell() -> str:
    boxes = [
        Box(1.2, 3.6, "PF of the network", "about 7,000 contacts", "PF", 1.9),
        Box(1.2, 2.6, "other PF", "about 18,400, 4 Hz", "PF", 1.9),
        Box(1.2, 1.6, "CF", "one spike, 500 contacts", "CF", 1.9),
        Box(4.6, 3.1, "spiny dendrite", "2,300 compartments", "PC", 1.9),
        Box(4.6, 1.6, "smooth dendrite", "100 compartments", "PC", 1.9),
        Box(4.6, 0.4, "soma", "10 compartments", "PC", 1.9),
        Box(1.2, 0.4, "axon initial segment", "10 compartments", "PC", 2.1),
        Box(8.0, 3.1, "MLI1", "7 or 8 sites per cell", "MLI1", 1.9),
        Box(8.0, 1.6, "MLI2", "1 site per cell", "MLI2", 1.9),
    ]
    lines = [
        Line((2.15, 3.55), (3.6, 3.2), "excites", "12 pS", (2.9, 3.6)),
        Line((2.15, 2.7), (3.6, 3.0), "excites", "12 pS", (2.9, 2.65)),
        Line((2.15, 1.6), (3.6, 1.6), "excites", "290 pS each", (2.9, 1.75)),
        Line((2.15, 1.4), (3.65, 0.6), "excites"),
        Line((7.05, 3.1), (5.6, 3.1), "inhibits", "25 pS", (6.3, 3.3)),
        Line((7.05, 2.95), (5.6, 1.8), "inhibits"),
        Line((7.05, 1.75), (5.6, 2.95), "inhibits"),
        Line((7.05, 1.6), (5.6, 1.6), "inhibits", "25 pS", (6.3, 1.4)),
    ]
    cable = [((4.6, 2.79), (4.6, 1.91)), ((4.6, 1.29), (4.6, 0.71)), ((3.65, 0.4), (2.25, 0.4))]
    lines += [Line(*ends, "couples") for ends in cable]
    return _diagram((9.4, 4.1), boxes, lines, is_cell=True)


def _loop() -> str:
    loop = OliveParameters().circuit
    n = {
        name: int(8 * getattr(loop, f"{name}_per_zone")) for name in ("pf", "bc", "purkinje", "io")
    }
    boxes = [
        Box(1.2, 3.6, "PF", f"{n['pf']:,}, 30 Hz", "PF"),
        Box(4.2, 4.3, "BC", f"{n['bc']} cells", "BC"),
        Box(7.2, 3.6, "PC", f"{n['purkinje']} cells", "PC"),
        Box(7.2, 1.2, "DCN", "8 cells", "DCN"),
        Box(1.2, 1.2, "MF", "8, 10 Hz", "MF"),
        Box(4.2, 2.2, "IO", f"{n['io']} cells", "IO"),
    ]
    lines = [
        Line((1.95, 3.75), (3.4, 4.25), "excites", f"{loop.pf_per_bc}", (2.5, 4.2)),
        Line((1.95, 3.5), (6.4, 3.5), "excites", f"{loop.pf_per_purkinje:,}, plastic", (4.0, 3.35)),
        Line((4.95, 4.25), (6.4, 3.75), "inhibits", f"{loop.bc_per_purkinje}", (5.9, 4.2)),
        Line((4.7, 2.51), (6.5, 3.29), "excites", "CF: 1 per cell", (6.0, 2.6)),
        Line((7.2, 3.29), (7.2, 1.55), "inhibits", f"{loop.purkinje_per_dcn}", (7.5, 2.4)),
        Line((6.45, 1.3), (4.7, 1.85), "inhibits", "1", (5.6, 1.35)),
        Line((1.95, 1.1), (6.4, 1.1), "excites", "1", (3.6, 0.95)),
        Line((3.9, 2.51), (4.5, 2.51), "couples", "gap junctions", (3.6, 2.95), -1.4),
    ]
    return _diagram((8.4, 4.9), boxes, lines)


def pages() -> dict[str, str]:
    """Return the diagrams by the name of their file."""
    return {
        "molecular_layer.svg": _molecular_layer(),
        "purkinje_cell.svg": _purkinje_cell(),
        "olivocerebellar_loop.svg": _loop(),
    }
