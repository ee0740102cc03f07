"""Random streams belong to cells, not to processes: the same spikes on any number of ranks.

Run: uv run python examples/same_spikes_on_any_ranks.py
"""

import cerebella as cb

network = cb.generate_network(seed=1, scale=0.1)
reference = cb.simulate_mli(network, duration_ms=150)
print(f"coreneuron, 1 rank: {reference.spikes!r}")
for engine in (cb.CoreNeuron(ranks=2), cb.Neuron(), cb.Neuron(ranks=2)):
    other = cb.simulate_mli(network, duration_ms=150, engine=engine)
    assert other.spikes.times_ms.tobytes() == reference.spikes.times_ms.tobytes()
    assert other.spikes.gids.tobytes() == reference.spikes.gids.tobytes()
    print(f"{engine}: the same spikes, to the last byte")
