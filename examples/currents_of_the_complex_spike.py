"""Probes inside the Purkinje cell: the currents of its response to the climbing fiber.

Potential, currents and calcium at the soma and in the spiny dendrite, 150 µm from the soma. In the
dendrite, which potassium current ends the calcium spike, Kv3 or BK? And how much of the calcium
below the membrane reaches the core of the dendrite?

Run: uv run python examples/currents_of_the_complex_spike.py
Makes currents_of_the_complex_spike.png in the current folder; takes some seconds.
"""

import cerebella as cb

CF_MS = 151.7
CURRENTS = [
    "soma.ina_narsg@0.02ms",
    "soma.ik_kv3@0.02ms",
    "spiny[150um].ica_cap",
    "spiny[150um].ik_kv3",
    "spiny[150um].ik_mslo",
]
CALCIUM = ["spiny[150um].c_pool[0]", "spiny[150um].c_pool[3]"]  # below the membrane, in the core

network = cb.simulate_mli(cb.generate_network(seed=1), cf_sync=8, duration_ms=190)
cell = cb.simulate_purkinje(
    network,
    cf_time_ms=CF_MS,
    record=["soma_v", "spiny[150um].v", *CURRENTS, *CALCIUM],
)

for probe in (*CURRENTS, *CALCIUM):
    traces = cell.traces.at(probe)
    after = traces.times_ms > CF_MS
    values = traces.values[after, 0]
    largest = abs(values).argmax()
    print(
        f"{probe:24} {values[largest]:9.3g} {traces.unit}, "
        f"{traces.times_ms[after][largest] - CF_MS:.1f} ms after the climbing fiber"
    )

figure = cb.plot_traces(cell, window_ms=(CF_MS - 10, CF_MS + 25))
print("Saved", cb.save_figure(figure, "currents_of_the_complex_spike.png"))
