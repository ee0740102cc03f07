"""Predicted against measured rates of the inferior olive."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from cerebella.plots.style import axes_to_draw_on, colour_of, few_round_ticks


def plot_cf_rate(
    predicted_Hz: Sequence[float],
    measured_Hz: Sequence[Sequence[float]],
    ax: Axes | None = None,
) -> Axes:
    """Draw the measured rate of each seed against the predicted one, beside the diagonal.

    Parameters
    ----------
    predicted_Hz : (n_cases,)
    measured_Hz : for each case, the rate of each seed.
    """
    with axes_to_draw_on(ax) as ax:
        top = 1.15 * max(predicted_Hz)
        ax.plot([0, top], [0, top], color="#009988", linestyle="--", label="predicted")
        for number, (x, rates) in enumerate(zip(predicted_Hz, measured_Hz, strict=True)):
            ax.plot(
                [x] * len(rates),
                rates,
                "o",
                color=colour_of("IO"),
                markersize=3.5,
                markerfacecolor="none",
                label=None if number else "measured, one seed each",
            )
        ax.set_xlim(0, top)
        ax.set_ylim(0, top)
        ax.set_xlabel("Predicted IO rate (Hz)")
        ax.set_ylabel("Measured IO rate (Hz)")
        ax.xaxis.set_major_locator(few_round_ticks(5))
        ax.yaxis.set_major_locator(few_round_ticks(5))
        ax.legend(loc="upper left")
    return ax
