"""A run as one line of text, and as a table for notebooks."""

from __future__ import annotations

from typing import Any

from cerebella.parameters.times import format_time
from cerebella.results.html_table import table_as_html


def run_as_text(run: Any) -> str:
    """Return one line with level, duration, condition, cells and traces of a run."""
    parts = [f"{name} {value}" for name, value in known_conditions(run).items()]
    cells = ", ".join(f"{p.n_cells:,} {p.name}" for p in run.populations.values())
    parts += [cells] if cells else []
    if run.n_spikes is not None:
        parts.append(f"{run.n_spikes:,} spikes")
    parts += [f"traces {', '.join(run.traces)}"] if run.traces else []
    where = f" {str(run.path)!r}" if run.path else ""
    return f"<Run {run.kind}{where}: {format_time(run.duration_ms)}; {'; '.join(parts)}>"


def facts_of(run: Any) -> dict[str, str]:
    """Return duration, condition, rates, traces and citations of a run, by name.

    Parameters
    ----------
    run : Run
        The run.
    """
    rows = {"duration": format_time(run.duration_ms)} | known_conditions(run)
    for name, population in run.populations.items():
        spikes = run.of(name)
        n_recorded = len(spikes.recorded)
        rate_Hz = len(spikes.times_ms) / max(n_recorded, 1) / run.duration_ms * 1000
        rows[name] = f"{population.n_cells:,} cells" + (
            f", {n_recorded:,} recorded, {rate_Hz:.2f} Hz" if n_recorded else ""
        )
    for name in run.traces:
        rows[f"trace {name}"] = "recorded"
    rows["cite"] = ", ".join(map(str, run.manifest.get("cite", ())))
    return {name: value for name, value in rows.items() if value}


def run_as_html(run: Any) -> str:
    """Return the facts of a run as a table."""
    return table_as_html(f"Run of level {run.kind}: {run.name}", facts_of(run))


def known_conditions(run: Any) -> dict[str, str]:
    """Return the known parts of condition, seed and engine, by name."""
    c = run.condition
    parts = {
        "network": c.network,
        "morphology": c.morphology,
        "CF synchrony": c.cf_sync,
        "w2": None if c.w2_pS is None else f"{c.w2_pS:g} pS",
        "trial": c.trial,
        "seed": run.manifest.get("seed"),
        "engine": run.manifest.get("engine"),
    }
    return {name: str(value) for name, value in parts.items() if value is not None}
