"""Own stimuli of a Purkinje cell: parallel fibers before a climbing fiber, MLIs blocked or not.

Does the calcium of a dendritic place after a climbing-fiber (CF) spike exceed the sum of those that
parallel fibers (PFs) and CF evoke alone? Three spikes of 200 PFs at 100 Hz begin 50 ms before the
CF, with and without synapses of interneurons (protocol of gaffield2018). The answer depends on
whether each response is near the threshold of the dendrite; compare other numbers of PFs.

Run: uv run python examples/pairing_of_parallel_and_climbing_fiber.py
Makes pairing_of_parallel_and_climbing_fiber.png in the current folder; takes about 20 seconds.
"""

import cerebella as cb
from cerebella.plots.style import new_figure, styled

PLACE = "spiny[100-150um]"
CF_MS, END_MS = 70.0, 100.0

pf = cb.PFVolley(PLACE, 200, (CF_MS - 50, CF_MS - 40, CF_MS - 30))
cf, no_cf = cb.CFSpikes((CF_MS,)), cb.CFSpikes(())
conditions = {"none": [no_cf], "PF": [no_cf, pf], "CF": [cf], "PF and CF": [cf, pf]}
network = cb.simulate_mli(cb.generate_network(seed=1), cf_sync=0, duration_ms=END_MS)

blocks = {"MLIs active": [], "MLIs blocked": [cb.SynapticBlock(("mli",))]}


def calcium_nM(stimuli: list) -> tuple:
    """Return times in ms, and mean calcium of the place in nM."""
    run = cb.simulate_purkinje(network, stimuli=stimuli, record=[f"{PLACE}.calcium"])
    traces = run.traces["probe_calcium"]
    return traces.times_ms, 1e6 * traces.values.mean(axis=1)


with styled():
    figure = new_figure(7.1, 2.5)
    axes = figure.subplots(1, 2, sharey=True)
    for ax, (name, block) in zip(axes, blocks.items(), strict=True):
        after_cf_nM = {}
        for condition, stimuli in conditions.items():
            times_ms, mean_nM = calcium_nM([*stimuli, *block])
            after_cf_nM[condition] = mean_nM[times_ms >= CF_MS].mean()
            ax.plot(times_ms, mean_nM, label=condition)
        ax.set(title=name, xlabel="Time (ms)", xlim=(0, END_MS), yscale="log")
        change = {key: value - after_cf_nM["none"] for key, value in after_cf_nM.items()}
        relative = change["PF and CF"] / (change["PF"] + change["CF"])
        print(f"{name}: calcium after PF and CF is {relative:.1%} of the linear sum")
    axes[0].set_ylabel(f"Calcium in {PLACE} (nM)")
    axes[0].legend()
print("Saved", cb.save_figure(figure, "pairing_of_parallel_and_climbing_fiber.png"))
