"""PF, BC and PC of the loop in NEST: processor time and rates.

Usage: python nest_loop.py COMMON.npz (which olive_peers.py writes). Prints JSON. Needs NEST alone.

`gif_cond_exp` is the only NEST neuron with two conductances and a threshold that jumps
and relaxes; it fires within a fraction of a mV of it. Its threshold jumps by a constant, where the
loop's jumps to a constant, so the jump is set to reach that constant at the mean interval. PF
spikes are played by spike generators.
"""

import json
import sys
import time

import nest
import numpy as np

WIDTH_mV = 0.05


def make_cells(common, name, tau_ex, tau_in):
    cell = json.loads(str(common[name]))
    full = cell["threshold_max"] - cell["threshold"]
    return nest.Create(
        "gif_cond_exp",
        int(common[f"n_{name}"]),
        {
            "C_m": 1.0,
            "g_L": cell["leak"],
            "E_L": cell["leak_reversal"],
            "E_ex": 0.0,
            "E_in": -80.0,
            "V_reset": cell["reset"],
            "t_ref": cell["refractory"],
            "V_T_star": cell["threshold"],
            "Delta_V": WIDTH_mV,
            "lambda_0": 1000.0,
            "tau_sfa": [cell["threshold_tau"]],
            "q_sfa": [full * (1 - np.exp(-cell["mean_interval"] / cell["threshold_tau"]))],
            "tau_stc": [],
            "q_stc": [],
            "tau_syn_ex": tau_ex,
            "tau_syn_in": tau_in,
            "V_m": cell["leak_reversal"],
        },
    )


def connect(sources, targets, of_target, weights):
    """Connect row i of `of_target` to target i, with weights in nS, after 1 ms."""
    n, fan_in = of_target.shape
    pre = np.array(sources.tolist())[of_target.ravel()]
    post = np.repeat(np.array(targets.tolist()), fan_in)
    synapse = {
        "weight": np.broadcast_to(weights, (n, fan_in)).ravel().astype(float),
        "delay": np.full(n * fan_in, 1.0),
    }
    nest.Connect(pre, post, "one_to_one", {"synapse_model": "static_synapse", **synapse})


def main():
    common = np.load(sys.argv[1])
    dt, seconds = float(common["dt_ms"]), float(common["seconds"])
    nest.set_verbosity("M_ERROR")
    nest.set(resolution=dt, local_num_threads=1, rng_seed=1)
    n_pf = int(common["n_PF"])
    order = np.argsort(common["pf_ids"], kind="stable")
    at = (common["pf_steps"][order] + 1) * dt
    trains = np.split(at, np.cumsum(np.bincount(common["pf_ids"], minlength=n_pf))[:-1])
    pf = nest.Create("spike_generator", n_pf, [{"spike_times": np.round(t, 4)} for t in trains])
    bc = make_cells(common, "BC", float(common["tau_pf_bc"]), 1.0)
    purkinje = make_cells(
        common, "PC", float(common["tau_pf_purkinje"]), float(common["tau_bc_purkinje"])
    )
    connect(pf, bc, common["pf_of_bc"], common["weight_pf_bc"][:, None])
    connect(pf, purkinje, common["pf_of_purkinje"], common["weight_pf_purkinje"])
    connect(bc, purkinje, common["bc_of_purkinje"], -common["weight_bc_purkinje"])
    recorders = {}
    for name, cells in (("BC", bc), ("PC", purkinje)):
        recorders[name] = nest.Create("spike_recorder", {"start": 1000.0})
        nest.Connect(cells, recorders[name])
    nest.Simulate(1000.0)
    start = time.process_time()
    nest.Simulate(1000.0 * seconds)
    spent = time.process_time() - start
    rates = {
        name: recorder.n_events / seconds / int(common[f"n_{name}"])
        for name, recorder in recorders.items()
    }
    report = {"peer": f"NEST {nest.__version__}", "cpu_s_per_s": spent / seconds, "rates_Hz": rates}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
