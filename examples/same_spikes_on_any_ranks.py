"""Random streams belong to cells, not to processes: the same spikes on any number of ranks.

Run: uv run python examples/same_spikes_on_any_ranks.py
"""

import cerebella as cb

network = cb.generate_network(seed=1, scale=0.1)
reference = cb.simulate_mli(network, duration_ms=150)
print(f"coreneuron, 1 rank: {reference.spikes!r}")
for engine, ranks in (("coreneuron", 2), ("neuron", 1), ("neuron", 2)):
    other = cb.simulate_mli(network, duration_ms=150, engine=engine, ranks=ranks)
    assert other.spikes.times_ms.tobytes() == reference.spikes.times_ms.tobytes()
    assert other.spikes.gids.tobytes() == reference.spikes.gids.tobytes()
    print(f"{engine}, {ranks} ranks: the same, to the last byte")
