"""PF, BC and PC of the loop in Brian2, C++ standalone: processor time and rates.

Usage: python brian2_loop.py COMMON.npz (which olive_peers.py writes). Prints JSON. Needs only
Brian2 and g++.

The compiled program is run for 1 s and for all seconds; the difference does not
contain the set-up. PF spikes are played by a spike generator. A conductance acts before
it decays, as in the loop, so its jump has the same factor k.
"""

import json
import resource
import sys
import tempfile

import brian2 as b
import numpy as np

CELL = """
dv/dt = (leak * (leak_reversal - v) + excitation * (0 - v) + inhibition * (-80 - v)) / ms
    : 1 (unless refractory)
dexcitation/dt = -excitation / (tau_ex * ms) : 1
dinhibition/dt = -inhibition / (tau_in * ms) : 1
dtheta/dt = (threshold - theta) / (threshold_tau * ms) : 1
jump : 1 (constant)
"""


def make_cells(common, name, tau_ex, tau_in):
    cell = json.loads(str(common[name]))
    group = b.NeuronGroup(
        int(common[f"n_{name}"]),
        CELL,
        threshold="v >= theta",
        reset="v = reset; theta = threshold_max",
        # Of so many steps after a spike, the first n − 1 are held.
        refractory=(cell["refractory"] + float(common["dt_ms"])) * b.ms,
        method="exponential_euler",
        namespace=cell | {"tau_ex": tau_ex, "tau_in": tau_in},
        name=name.lower(),
    )
    group.v = cell["leak_reversal"]
    group.theta = cell["threshold"]
    return group


def connect(source, target, of_target, on_pre, model=""):
    synapses = b.Synapses(source, target, model, on_pre=on_pre, delay=1 * b.ms)
    n, fan_in = of_target.shape
    synapses.connect(i=of_target.ravel(), j=np.repeat(np.arange(n), fan_in))
    return synapses


def build(common):
    spikes_ms = common["pf_steps"] * float(common["dt_ms"])
    pf = b.SpikeGeneratorGroup(int(common["n_PF"]), common["pf_ids"], spikes_ms * b.ms)
    bc = make_cells(common, "BC", float(common["tau_pf_bc"]), 1.0)
    purkinje = make_cells(
        common, "PC", float(common["tau_pf_purkinje"]), float(common["tau_bc_purkinje"])
    )
    bc.jump = common["weight_pf_bc"] * common["k_pf_bc"]
    purkinje.jump = common["weight_pf_purkinje"] * common["k_pf_purkinje"]
    to_bc = connect(pf, bc, common["pf_of_bc"], "excitation_post += jump_post")
    to_purkinje = connect(pf, purkinje, common["pf_of_purkinje"], "excitation_post += jump_post")
    inhibition = connect(bc, purkinje, common["bc_of_purkinje"], "inhibition_post += w", "w : 1")
    inhibition.w = (common["weight_bc_purkinje"] * common["k_bc_purkinje"]).ravel()
    counters = {x.name: b.SpikeMonitor(x, record=False) for x in (bc, purkinje)}
    return b.Network(pf, bc, purkinje, to_bc, to_purkinje, inhibition, *counters.values()), counters


def run_for(common, seconds):
    """Return processor seconds and numbers of spikes."""
    b.device.reinit()
    b.device.activate(build_on_run=False)
    b.defaultclock.dt = float(common["dt_ms"]) * b.ms
    network, counters = build(common)
    network.run(seconds * b.second)
    with tempfile.TemporaryDirectory() as folder:
        b.device.build(folder, run=False)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        b.device.run(folder, with_output=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        n_spikes = {name: int(np.sum(counter.count)) for name, counter in counters.items()}
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, n_spikes


def main():
    common = np.load(sys.argv[1])
    seconds = float(common["seconds"])
    b.set_device("cpp_standalone", build_on_run=False)
    first_cpu, first = run_for(common, 1.0)
    cpu, n = run_for(common, 1.0 + seconds)
    rates = {
        name: (n[name.lower()] - first[name.lower()]) / seconds / int(common[f"n_{name}"])
        for name in ("BC", "PC")
    }
    report = {"peer": f"Brian2 {b.__version__}", "cpu_s_per_s": (cpu - first_cpu) / seconds}
    print(json.dumps(report | {"rates_Hz": rates}))


if __name__ == "__main__":
    main()
