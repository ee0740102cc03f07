"""Functions of the package on values tabulated from the published mechanisms, as figures."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import cerebella as cb
from cerebella.molecular_layer import channels as mli
from cerebella.plots.style import color_of, styled
from cerebella.purkinje.channels import CHANNELS, Gate

TABLES = Path(__file__).parents[2] / "tests" / "data" / "oracle"
POTENTIALS_MV = np.linspace(-110, 30, 281)
FACTORS = mli.temperature_factors(34.0)
COLORS = ("#0077bb", "#cc3311", "#009988")

Curve = tuple[str, str, Callable[[float], float]]
"""Column of the table, label, and the function that gives it."""


def _steady(open_rate: Callable[[float], float], close_rate: Callable[[float], float]):
    return lambda v: open_rate(v) / (open_rate(v) + close_rate(v))


MLI_STEADY: dict[str, tuple[str, Sequence[Curve]]] = {
    "Na": (
        "ss_MLI_Na",
        [
            ("m_inf", "m", _steady(mli.na_alpha_m, mli.na_beta_m)),
            ("h_inf", "h", _steady(mli.na_alpha_h, mli.na_beta_h)),
        ],
    ),
    "KV": ("ss_MLI_KV", [("n_inf", "n", _steady(mli.kv_alpha_n, mli.kv_beta_n))]),
    "KA": ("ss_MLI_KA", [("a_inf", "a", mli.ka_steady_a), ("b_inf", "b", mli.ka_steady_b)]),
    "LVA": (
        "ss_MLI_CaLVA",
        [("m_inf", "m", mli.calva_steady_m), ("h_inf", "h", mli.calva_steady_h)],
    ),
}
PC_GATES = {
    "Kv1": ("ss_Kv1", "kv1", {"n": ("n_inf", "tau_n_ms"), "h": ("h_init", None)}),
    "Kv3": ("ss_Kv3_vshift4", "kv3", {"n": ("n_inf", "tau_n_ms")}),
    "Kv4": ("ss_Kv4", "kv4", {"n": ("n_inf", "tau_n_ms"), "h_fast": ("h_inf", "tau_h_ms")}),
    "Ih": ("ss_hpkj", "ih", {"n": ("n_inf", "tau_n_ms")}),
    "persistent Na": ("ss_nap", "nap", {"m": ("m_inf", "tau_m_ms")}),
    "P-type Ca": ("ss_CaP_vshift-5", "cap", {"m": ("m_inf", "tau_m_ms")}),
    "T-type Ca": ("ss_CaT3_1", "cat31", {"m": ("m_inf", "tau_m_ms"), "h": ("h_inf", "tau_h_ms")}),
}
"""Table, name of the channel, and the columns of steady state and time constant of its gates."""


def _table(name: str) -> dict[str, list[str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {column: [row[column] for row in rows] for column in rows[0]}


def _draw(
    ax: Axes, table: dict[str, list[str]], column: str, curve, color: str, label: str
) -> None:
    tabulated = np.array(table["v_mV"], float), np.array(table[column], float)
    # At exactly -25 mV, the published sodium channel has the wrong sign.
    shown = (tabulated[0] >= -110) & (tabulated[0] <= 30) & (tabulated[0] != -25)
    ax.plot(
        tabulated[0][shown][::3], tabulated[1][shown][::3], "o", ms=2.6, mfc="none", color=color
    )
    ax.plot(POTENTIALS_MV, [curve(v) for v in POTENTIALS_MV], color=color, lw=0.8, label=label)


def _label(ax: Axes, title: str, x: str = "Potential (mV)", y: str = "") -> None:
    ax.set_title(title)
    ax.set(xlabel=x, ylabel=y)
    ax.legend(loc="best", handlelength=1)


def _firing(ax: Axes) -> None:
    table = _table("mli_fi")
    for cell in ("MLI1", "MLI2"):
        rows = zip(table["cell"], table["bias_nA"], table["spike_index"], strict=True)
        # A current without a spike has one row, with the index -1.
        spikes = [
            (float(current), int(index) >= 0) for name, current, index in rows if name == cell
        ]
        currents = sorted({current for current, _ in spikes})
        counts = [sum(is_one for at, is_one in spikes if at == current) for current in currents]
        ours = cb.compute_fi_curve(cell, np.arange(0, 0.0501, 0.005), progress=False).table()
        color = color_of(cell)
        ax.plot(np.array(currents) * 1000, counts, "o", ms=3, mfc="none", color=color)
        ax.plot(ours["current_nA"] * 1000, ours["n_spikes"], color=color, lw=0.8, label=cell)
    _label(ax, "f–I", "Current (pA)", "Spikes in 300 ms")


def _molecular_layer() -> str:
    with styled():
        figure = Figure(figsize=(7.1, 1.75), layout="constrained")
        axes = figure.subplots(1, 5)
        for ax, (title, (name, curves)) in zip(axes, MLI_STEADY.items(), strict=False):
            for color, (column, label, function) in zip(COLORS, curves, strict=False):
                _draw(ax, _table(name), column, function, color, label)
            _label(ax, title, y="Steady state" if title == "Na" else "")
        _firing(axes[-1])
        return _as_svg(figure)


def _purkinje_cell() -> str:
    by_name = {channel.name: channel for channel in CHANNELS}
    with styled():
        figure = Figure(figsize=(7.1, 3.2), layout="constrained")
        axes = figure.subplots(2, len(PC_GATES), sharex=True)
        for (above, below), (title, (name, channel, gates)) in zip(
            axes.T, PC_GATES.items(), strict=True
        ):
            own, table = by_name[channel], _table(name)
            for color, (gate_name, (steady, tau)) in zip(COLORS, gates.items(), strict=False):
                (gate,) = (gate for gate in own.all_gates if gate.name == gate_name)
                _draw(above, table, steady, gate.steady, color, gate_name.partition("_")[0])
                if tau:
                    _draw(below, table, tau, _time_constant(gate, own.factor(34.0)), color, "")
            above.set_title(title)
            above.legend(handlelength=1)
            below.set(xlabel="Potential (mV)", ylim=(0, None))
        axes[0, 0].set_ylabel("Steady state")
        axes[1, 0].set_ylabel("Time constant (ms)")
        return _as_svg(figure)


def _time_constant(gate: Gate, factor: float) -> Callable[[float], float]:
    rate = gate.rate
    return lambda v: 1 / (factor * (rate(v) if callable(rate) else rate))


def _as_svg(figure: Figure) -> str:
    text = StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def pages() -> dict[str, str]:
    """Return the figures by the name of their file."""
    return {
        "mli_validation.svg": _molecular_layer(),
        "purkinje_validation.svg": _purkinje_cell(),
    }
