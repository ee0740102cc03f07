"""The effect of the strength of MLI2→MLI1 synapses: without them nothing silences MLI1.

Run: uv run python examples/mli2_to_mli1_strength.py
Makes mli2_to_mli1_strength.png in the current folder; takes some seconds.
"""

import cerebella as cb

network = cb.generate_network(seed=1, scale=0.5)
trials_by_strength = {}
for w2_pS in (0, 70, 140):
    mli = cb.MLIParameters(connections={"mli2_to_mli1_weight_pS": w2_pS})
    model = cb.SyncModel(network, mli=mli, duration_ms=180)
    runs = cb.run_cf_synchrony(model, levels=(8,), trials=(1, 2))
    trials = [run.spikes for run in runs.networks[8]]
    trials_by_strength[f"MLI2→MLI1 {w2_pS} pS"] = trials
    response = cb.compute_cf_response(trials)
    print(
        f"w2 {w2_pS:3} pS: MLI2 at 150-160 ms {response.MLI2_peak_Hz:5.1f} Hz, "
        f"MLI1 at 160-170 ms {response.MLI1_dip_Hz:4.1f} Hz, "
        f"{response.MLI1_gain:.2f} of their baseline"
    )

figure = cb.plot_molecular_layer(trials_by_strength)
print("Saved", cb.save_figure(figure, "mli2_to_mli1_strength.png"))
