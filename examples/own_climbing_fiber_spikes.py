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
for volley_ms in cb.find_cf_volleys(simulation.spikes):
    response = cb.compute_cf_response(simulation.spikes, volley_ms)
    print(
        f"Volley at {volley_ms:g} ms: MLI2 {response.MLI2_peak_Hz:.1f} Hz in the 10 ms after it, "
        f"MLI1 {response.MLI1_dip_Hz:.1f} Hz in the next 10 ms"
    )

figure = simulation.plot(event="cf", window_ms=(-50, 50))
print("Saved", cb.save_figure(figure, "own_climbing_fiber_spikes.png"))
