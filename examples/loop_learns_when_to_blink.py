"""The olivocerebellar loop learns when to close the eye, while its olive stays at 1 Hz.

A conditioned stimulus (CS) lets parallel fibers represent the time since its onset, which is put in
by hand. An unconditioned stimulus (US) drives the olive of four of eight zones 400 ms later. Within
some tens of trials, Purkinje cells of these zones pause before the US, so that their nuclear cells
fire, and the eyelid closes. Saves loop_learns_when_to_blink.png.

Usage: uv run python examples/loop_learns_when_to_blink.py [--trials NUMBER]
"""

from __future__ import annotations

import argparse

import matplotlib.pyplot as plt
import numpy as np

import cerebella as cb

parser = argparse.ArgumentParser()
parser.add_argument("--trials", type=int, default=40, help="trials of CS and US")
n_trials = parser.parse_args().trials

session = cb.TrialSession(
    blocks=[
        cb.TrialBlock(name="before", kind="CS alone", n_trials=10),
        cb.TrialBlock(name="training", kind="paired", n_trials=n_trials),
        cb.TrialBlock(name="after", kind="CS alone", n_trials=10),
    ],
    cs=cb.CS(duration_ms=1000),
    us=cb.US(delay_ms=400, zones=[0, 1, 2, 3]),
    settling_ms=10_000,
    seed=1,
)
loop = cb.olive_preset(
    "conditioning", {"time_step_ms": 1.0, "plasticity": {"initial_weight": 0.345}}
)
run = cb.simulate_olive(
    loop, duration_ms=session.duration_ms, stimuli=session.stimuli, record=["IO.v=none"]
)

edges_ms = np.arange(-500, 1501, 25)
figure, ax = plt.subplots(figsize=(4, 2.6), layout="constrained")
for block, color in (("before", "0.6"), ("after", "tab:red")):
    onsets_ms = [trial.cs_ms for trial in session.trials if trial.block == block]
    for name, style in (("DCN", "-"), ("PC", ":")):
        spikes = run.of(name)
        trained = spikes.times_ms[spikes.cells < len(spikes.recorded) // 2]
        counts = np.sum([np.histogram(trained - t, edges_ms)[0] for t in onsets_ms], axis=0)
        rate_Hz = counts * 1000 / 25 / len(onsets_ms) / (len(spikes.recorded) // 2)
        ax.plot(edges_ms[:-1] + 12.5, rate_Hz, style, color=color, label=f"{name}, {block}")
        before_us = rate_Hz[(edges_ms[:-1] >= 300) & (edges_ms[:-1] < 400)].mean()
        print(f"{name} {block} training: {before_us:.1f} Hz in the 100 ms before the US")
io = run.of("IO")
print(f"Olive: {len(io.times_ms) / len(io.recorded) / run.duration_ms * 1000:.2f} Hz")
ax.axvline(400, color="k", linewidth=0.6)
ax.set(xlabel="Time from CS (ms)", ylabel="Rate (Hz)", title="Line: time of the US in training")
ax.legend(fontsize=7)
figure.savefig("loop_learns_when_to_blink.png", dpi=150)
