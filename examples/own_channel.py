"""A channel of your own, by formula and by NMODL: a slow potassium current in interneurons.

Granule cells of the cerebellum have a slow potassium current, which is part of their bursting and
resonance at theta frequency (D'Angelo et al. 2001, J Neurosci 21:759-770). What would it do in
molecular layer interneurons, which lack it in the model? Here it is described twice: by formulas,
which run on every engine, and by NMODL, in examples/mechanisms/km.mod, which NEURON compiles and
runs. Both give the same potentials. At the density of granule cells, 0.35 mS/cm², it lowers the
rate of MLI1s by 7 %; half the rate takes eight times as much.

Run: uv run python examples/own_channel.py
Needs NEURON and a C++ compiler; takes half a minute at first, for compilation, then some seconds.
Makes own_channel.png in the current folder.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import cerebella as cb

KM = {
    "ion": "k",
    "q10": 3,
    "reference_C": 22,
    "source": "D'Angelo et al. 2001",
    "gates": {
        "n": {
            "steady": "1/(1 + exp(-(v + 30)/6))",
            "rate": "0.0033*(exp((v + 30)/40) + exp(-(v + 30)/20))",
        }
    },
}
MECHANISMS = Path(__file__).parent / "mechanisms"
DENSITIES = [0.0, 0.35e-3, 1e-3, 2e-3, 3e-3, 4e-3, 6e-3]  # S/cm², in the somata of MLI1
SHOWN = 2e-3


def by_formula(density: float) -> dict:
    """Return the parameters of MLI1 with the channel described by formulas."""
    return {"cell": {"channels": {"km": KM}}, "mli1": {"km_S_per_cm2": density}}


def simulate(parameters: dict, **options) -> cb.Run:
    """Simulate a small network, with three probes of an MLI1."""
    network = cb.generate_network(seed=1, scale=0.1)
    record = ["MLI1[3].v", "MLI1[3].n_km", "MLI1[3].ik_km"]
    return cb.simulate_mli(network, parameters=parameters, record=record, progress=False, **options)


def rate_of(run: cb.Run) -> float:
    """Return the mean rate of MLI1s in Hz."""
    return 1000 * len(run.of("MLI1").times_ms) / run.populations["MLI1"].n_cells / run.duration_ms


def main() -> None:
    """Simulate, compare, print, draw."""
    runs = {density: simulate(by_formula(density)) for density in DENSITIES}
    rates_Hz = {density: rate_of(run) for density, run in runs.items()}
    for density, rate_Hz in rates_Hz.items():
        print(f"{1000 * density:5.2f} mS/cm²: MLI1 fire at {rate_Hz:.1f} Hz")

    nmodl = simulate({"mli1": {"km_gbar": SHOWN}}, mechanisms=MECHANISMS, engine="neuron")
    formula = runs[SHOWN]
    same = nmodl.spikes == formula.spikes
    difference_mV = np.abs(nmodl.traces["probe_v"].values - formula.traces["probe_v"].values).max()
    print(f"NMODL and formula: spikes {'equal' if same else 'differ'}, {difference_mV:.1e} mV")

    figure, (potentials, effect) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for run, label, style in (
        (runs[0.0], "without", {"color": "0.6", "linewidth": 1}),
        (formula, "formula", {"color": "C0", "linewidth": 1.5}),
        (nmodl, "NMODL", {"color": "C1", "linewidth": 1, "linestyle": "--"}),
    ):
        v = run.traces["probe_v"]
        potentials.plot(v.times_ms, v.values, label=label, **style)
    potentials.set(xlabel="Time (ms)", ylabel="Potential of an MLI1 (mV)", xlim=(0, 200))
    potentials.legend(frameon=False, fontsize="small", loc="upper right", ncols=3)
    potentials.set_ylim(None, 80)
    effect.plot([1000 * density for density in rates_Hz], [*rates_Hz.values()], "o-", color="C0")
    effect.axvline(0.35, color="0.6", linestyle=":", linewidth=1)
    effect.set(
        xlabel="Density of the slow potassium current (mS/cm²)\n(dotted: granule cells)",
        ylabel="Rate of MLI1 (Hz)",
        ylim=(0, None),
    )
    for letter, ax in zip("ab", (potentials, effect), strict=True):
        ax.set_title(letter, loc="left", fontweight="bold")
    cb.save_figure(figure, "own_channel.png")


if __name__ == "__main__":
    main()
