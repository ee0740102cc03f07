"""Drive the molecular layer with your own climbing-fiber spikes: two volleys, 20 ms apart.

All climbing fibers fire within 4 ms at 80 ms and again at 100 ms, and at no other time. How much
smaller is the response to the second volley?

Run: uv run python examples/own_climbing_fiber_spikes.py
Makes own_climbing_fiber_spikes.png in the current folder; takes some seconds.
"""

import numpy as np

import cerebella as cb

network = cb.generate_network(seed=1, scale=0.5)
fibers = np.array(network.population("CF").gids)
jitter_ms = np.random.default_rng(0).uniform(-2, 2, size=(2, len(fibers)))
volleys = cb.SpikeTrains(
    times_ms=np.concatenate([80 + jitter_ms[0], 100 + jitter_ms[1]]),
    gids=np.concatenate([fibers, fibers]),
)

simulation = cb.simulate_mli(network, cf_spikes=volleys, duration_ms=150)
windows_ms = {"MLI2": {}, "MLI1": {}}
for volley_ms in (80, 100):
    windows_ms["MLI2"][volley_ms] = (volley_ms, volley_ms + 10)
    windows_ms["MLI1"][volley_ms] = (volley_ms + 10, volley_ms + 20)
for population, windows in windows_ms.items():
    before = (30, 78)
    rates_Hz = cb.compute_rates(simulation.spikes, [before, *windows.values()])[population]
    print(f"{population}: {rates_Hz[before]:.1f} Hz before", end="")
    for volley_ms, window in windows.items():
        print(f", {rates_Hz[window]:.1f} Hz after {volley_ms} ms", end="")
    print()

figure = cb.plot_molecular_layer({"two volleys": [simulation.spikes]}, window_ms=(30, 150))
print("Saved", cb.save_figure(figure, "own_climbing_fiber_spikes.png"))
