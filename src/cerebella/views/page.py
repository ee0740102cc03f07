"""Pages that show runs and networks: one HTML file each, without server and network."""

from __future__ import annotations

import base64
import hashlib
import json
import webbrowser
from collections.abc import Iterator, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps

from cerebella.analysis.rates import check_window
from cerebella.errors import InputError
from cerebella.network.network import Network
from cerebella.plots.morphology import COLOR_MAP
from cerebella.plots.style import LEVELS_WITH_START_UP, POPULATION_COLORS, START_UP_MS
from cerebella.results.spikes import Window
from cerebella.runs.display import facts_of, known_conditions
from cerebella.runs.level import resolve
from cerebella.runs.page import View
from cerebella.runs.run import Run
from cerebella.views import network as network_page
from cerebella.views.arrays import ArrayStore
from cerebella.views.panels import SPIKE_STEP_MS, with_common_limits

SCRIPTS = (
    "arrays.js",
    "panels.js",
    "stimuli.js",
    "dendrite.js",
    "overlay.js",
    "hand.js",
    "network.js",
    "page.js",
)
"""Files of the script, in the order in which they are joined."""

_ON_DARK = {
    "MLI1": "#ee7755",
    "MLI2": "#44aaee",
    "PF": "#aaaaaa",
    "CF": "#ffffff",
    "PC": "#e4e4e4",
    "MF": "#cccc66",
    "BC": "#44aaee",
    "DCN": "#44bb77",
    "IO": "#ee7755",
}
"""Colors of populations on a dark ground."""

_LINES = {
    "single": ("#b4b4b4", "#666666"),
    "line0": ("#222222", "#e4e4e4"),
    "line1": ("#0077bb", "#44aaee"),
    "line2": ("#ee7733", "#ee8844"),
    "line3": ("#009988", "#33bbaa"),
    "line4": ("#cc3311", "#ee7755"),
    "line5": ("#aa3377", "#dd77aa"),
    "level": ("#009988", "#33bbaa"),
}
"""Colors of lines on light and dark ground, from the vibrant scheme of P. Tol."""

_MAPS = {"inferno": COLOR_MAP, "viridis": "viridis", "cividis": "cividis"}
"""Color maps by the name in the page; all are safe for color-vision deficiency."""


def open_in_browser(path: Path) -> bool:
    """Open a file in the browser of the user; return whether there is one."""
    return webbrowser.open(path.absolute().as_uri())


def view(
    what: Run | Network | Sequence[Run],
    other: Run | None = None,
    *,
    window_ms: Window | None = None,
) -> View:
    """Return a page that shows a run, two runs side by side, or a network.

    The page of a Purkinje cell shows the dendrite in three dimensions, colored by calcium or
    potential, with soma voltage, spikes and rates in step; that of other levels spikes, rates,
    weights and potentials; that of a network its cells, gap junctions and the synapses on each
    interneuron.

    Parameters
    ----------
    what : Run, Network or sequence of Run
        What to show; one or two runs of one level.
    other : Run, optional
        Another run of the same level, shown beside the first.
    window_ms : tuple of float, optional
        Start and stop in ms; by default the whole run.

    Returns
    -------
    View
        The page: shown in a notebook, and saved with its method `save`.

    Raises
    ------
    InputError
        A run lacks what its page shows, runs are of different levels, or the window is not within
        them.

    Examples
    --------
    >>> network = cb.generate_network(seed=1, scale=0.1)
    >>> runs = [cb.simulate_mli(network, cf_sync=level, duration_ms=20) for level in (0, 8)]
    >>> cb.view(runs).title
    'simulation and simulation'
    """
    store = ArrayStore()
    if isinstance(what, Network):
        if other is not None or window_ms is not None:
            raise InputError(
                "a network is shown by itself, and has no time", remedy="Give the network alone"
            )
        part = network_page.page_of(what, store)
        facts = network_page.facts_of(what)
        parts = [{"name": what.name, "facts": list(facts.items()), **part}]
        return _page(what.name, "network", "network of the molecular layer", parts, None, store)
    runs = [what] if isinstance(what, Run) else list(what)
    runs += [] if other is None else [other]
    _check(runs)
    level, window = runs[0].level, _window(runs, window_ms)
    show = resolve(level.page)
    parts = [_part(run, show(run, store, window), store) for run in runs]
    with_common_limits([part["panels"] for part in parts])
    title = " and ".join(run.name for run in runs)
    return _page(title, level.kind, level.title, parts, window, store)


def _check(runs: Sequence[Run]) -> None:
    """Raise InputError unless there are one or two runs of one level."""
    if not 1 <= len(runs) <= 2:
        raise InputError(
            f"a page shows one run or two side by side, and {len(runs)} were given",
            remedy="Give one run or two",
        )
    first, last = runs[0], runs[-1]
    if first.kind != last.kind:
        raise InputError(
            f"is of kind {last.kind!r}, but {first.path or first.name} is of kind {first.kind!r}",
            file=last.path,
            remedy="Give runs of one kind",
        )


def _window(runs: Sequence[Run], asked: Window | None) -> Window:
    """Return the window that was asked for, or that of the longest run."""
    if asked is None:
        return 0.0, max(run.duration_ms for run in runs)
    check_window(asked, min(run.duration_ms for run in runs))
    return asked


def _part(run: Run, part: dict[str, Any], store: ArrayStore) -> dict[str, Any]:
    facts = facts_of(run) | {"precision": "; ".join(_errors(part["scene"]))}
    condition = ", ".join(f"{name} {value}" for name, value in known_conditions(run).items())
    return {"name": run.name, "condition": condition, "facts": list(facts.items()), **part}


def _errors(scene: dict[str, Any] | None) -> Iterator[str]:
    """Yield by how much values of the page differ from those of the run at most."""
    for quantity in (scene or {}).get("quantities", ()):
        label, step = quantity["label"], quantity["step"]
        yield f"{label} every {step:.4g} ms, error at most {quantity['error']}"
    yield f"spike times, error at most {SPIKE_STEP_MS / 2:g} ms"


def _page(
    title: str,
    kind: str,
    model: str,
    parts: list[dict[str, Any]],
    window_ms: Window | None,
    store: ArrayStore,
) -> View:
    content = {
        "title": title,
        "kind": kind,
        "model": model,
        "version": version("cerebella"),
        "window": window_ms,
        "start_up_ms": START_UP_MS if kind in LEVELS_WITH_START_UP else 0,
        "runs": parts,
        "colors": {
            **{name: [color, _ON_DARK[name]] for name, color in POPULATION_COLORS.items()},
            **_LINES,
        },
        "maps": {
            name: store.add(np.rint(255 * colormaps[name_of](np.arange(256))[:, :3]), "u1")
            for name, name_of in _MAPS.items()
        },
        "arrays": store.table,
    }
    return View(title, _html(title, content, store.as_text()))


def _html(title: str, content: dict[str, Any], data: str) -> str:
    """Fill the template; scripts and styles other than those of the package are not carried out."""
    script = "\n".join(_asset(name) for name in SCRIPTS)
    style = _asset("page.css")
    parts = {
        "policy": "; ".join(
            [
                "default-src 'none'",
                f"script-src {_hash(script)}",
                f"style-src {_hash(style)}",
                "base-uri 'none'",
                "form-action 'none'",
            ]
        ),
        "title": escape(title),
        "style": style,
        "script": script,
        "content": _json(content),
        "data": data,
    }
    html = _asset("page.html")
    before, *others = html.split("{{")
    pieces = [before]
    for other in others:
        name, _, rest = other.partition("}}")
        pieces += [parts[name], rest]
    return "".join(pieces)


def _asset(name: str) -> str:
    return (files("cerebella.views") / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _json(content: dict[str, Any]) -> str:
    """Return JSON that ends neither its script element nor a comment, whatever names it holds."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
