"""Depression tuned to a delay of 120 ms between parallel and climbing fiber: where the olive goes.

In the flocculus, a climbing-fiber (CF) spike depresses synapses of parallel fibers (PF) that were
active 120 ms before it (Suvrathan, Payne & Raymond 2016, Neuron 92:959-967). This example defines
such a rule, with a Gaussian window of delays, compares it with the built-in rule, whose window
begins at 0 ms, and draws the windows and the CF rate in time. By the theory, the olive settles
where potentiation by a PF spike equals the CF rate times the area of the window. The delay has no
effect on the rate; the width has. Saves own_plasticity_rule.png.

Usage: uv run python examples/own_plasticity_rule.py [--duration SECONDS]
"""

from __future__ import annotations

import argparse
import math

import matplotlib.pyplot as plt
import numpy as np

import cerebella as cb

LTP, LTD = 0.00030556, 0.00275  # of the built-in rule, in which a CF spike also takes back LTP


def potentiate(ltp):
    """Potentiate at each PF spike."""
    return ltp


def depress(since_pf_ms, ltd, delay_ms, sd_ms):
    """Depress at a CF spike, most for PF spikes that came `delay_ms` before."""
    distance = (since_pf_ms - delay_ms) / sd_ms
    return -ltd * math.exp(-0.5 * distance * distance)


def tuned_rule(delay_ms: float, sd_ms: float) -> cb.PlasticityRule:
    """Return a rule with a window of delays, of the height of the built-in one."""
    return cb.PlasticityRule(
        name=f"LTD at {delay_ms:g} ms, sd {sd_ms:g} ms",
        on_pf=potentiate,
        on_cf=depress,
        memory_ms=delay_ms + 4 * sd_ms,
        parameters={"ltp": LTP, "ltd": LTP + LTD, "delay_ms": delay_ms, "sd_ms": sd_ms},
    )


RULES = [None, tuned_rule(120, 40), tuned_rule(240, 40), tuned_rule(120, 15)]
"""None is the built-in rule."""


def main() -> None:
    """Simulate, print, draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--duration", type=float, default=200.0, help="simulated time in s")
    seconds = parser.parse_args().duration

    figure, (windows, rates) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    delays_ms = np.arange(0.0, 400.0)
    for color, rule in zip(("0.4", "C0", "C1", "C3"), RULES, strict=True):
        run = cb.simulate_olive(duration_ms=1000 * seconds, dt_ms=1.0, rule=rule, progress=False)
        label = rule.name if rule else "built-in, 0 to 100 ms"
        predicted_Hz = cb.predicted_rule_rate(rule) if rule else cb.predicted_cf_rate()
        settled_Hz = cb.compute_olive_rates(run, 500 * seconds)["IO"]
        print(f"{label:24} predicted {predicted_Hz:.2f} Hz, measured {settled_Hz:.2f} Hz")

        changes = (
            [depress(delay_ms, LTP + LTD, rule.parameters["delay_ms"], rule.parameters["sd_ms"])
             for delay_ms in delays_ms]
            if rule else np.where(delays_ms < 100, -LTP - LTD, 0.0)
        )  # fmt: skip
        windows.plot(delays_ms, changes, color=color)
        io = run.of("IO")
        edges_s = np.arange(0, seconds + 1, seconds / 20)
        counts, _ = np.histogram(io.times_ms / 1000, edges_s)
        in_time = counts / np.diff(edges_s) / len(io.recorded)
        rates.plot(edges_s[:-1] + np.diff(edges_s) / 2, in_time, color=color, label=label)
        rates.axhline(predicted_Hz, color=color, linestyle=":", linewidth=1)
    windows.set(xlabel="CF after PF (ms)", ylabel="Change of weight at the CF spike")
    rates.legend(frameon=False, fontsize="small", loc="lower right")
    rates.set(xlabel="Time (s)", ylabel="CF rate (Hz); dotted: predicted", ylim=(0, None))
    cb.save_figure(figure, "own_plasticity_rule.png")


if __name__ == "__main__":
    main()
