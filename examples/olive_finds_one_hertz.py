"""From any initial weights, the inferior olive settles at the rate that plasticity predicts.

Run: uv run python examples/olive_finds_one_hertz.py
Makes olive_finds_one_hertz.png in the current folder; takes some seconds. For predicted against
measured rates over seeds and perturbations: cerebella experiment cf-rate OUT.
"""

import cerebella as cb
from cerebella.analysis.olive_rates import compute_rate_over_time
from cerebella.plots.style import new_figure, styled

with styled():
    figure = new_figure(3.4, 2.4)
    ax = figure.add_subplot()
    for weight in (0.2, 0.5, 1.0):
        run = cb.simulate_olive(duration_ms=200_000, dt_ms=1.0, initial_weight=weight)
        rate = compute_rate_over_time(run, "IO")
        ax.plot(rate.start_ms / 1000 + 5, rate.rate_Hz, label=f"initial weight {weight}")
        print(
            f"initial weight {weight}: IO {rate.rate_Hz[0]:.2f} Hz in the first 10 s, "
            f"{rate.rate_Hz[rate.start_ms >= 100_000].mean():.2f} Hz from 100 s on"
        )
    ax.axhline(cb.predicted_cf_rate(), color="#009988", linestyle="--", label="predicted")
    ax.set_xlabel("Time (s)")
    ax.set_ylabel("IO rate (Hz)")
    ax.set_ylim(bottom=0)
    ax.legend()
print("Saved", cb.save_figure(figure, "olive_finds_one_hertz.png"))
