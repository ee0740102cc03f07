import numpy as np
import pytest

from cerebella.analysis.purkinje import compute_purkinje_summary
from cerebella.analysis.purkinje_levels import compare_levels, compute_means


@pytest.fixture
def summarize(make_purkinje_run):
    """Make and analyze a run whose complex spike is 10 ms wide and as much more as is given."""

    def make(level, trial, wider_ms=0.0, **changes):
        spikelets = (152, 155, 162 + wider_ms)
        run = make_purkinje_run(cf_sync=level, trial=trial, spikelets_ms=spikelets, **changes)
        return compute_purkinje_summary(run)

    return make


def test_means_are_over_the_trials_that_have_a_value(summarize):
    summaries = [summarize(0, 1), summarize(0, 2, 2), summarize(0, 3, traces=())]
    means = compute_means(summaries)
    assert means["width_ms"] == pytest.approx((2, 11, 1))
    assert means["simple_spike_rate_Hz"].n_trials == 3
    assert means["calcium_mean_nM"].n_trials == 2


def test_a_measure_that_no_trial_has_is_nan(summarize):
    means = compute_means([summarize(0, 1, traces=())])
    assert means["width_ms"].n_trials == 0
    assert np.isnan(means["width_ms"].mean)


def test_levels_are_compared_over_their_common_trials(summarize):
    """Differences in width 1, 2, 3 ms; trials 4 and 5 have one level only."""
    summaries = [summarize(8, trial, wider_ms=trial) for trial in (1, 2, 3, 4)]
    summaries += [summarize(0, trial) for trial in (5, 3, 2, 1)]
    (comparison,) = compare_levels(summaries)
    assert (comparison.first, comparison.second) == ("CF synchrony 0", "CF synchrony 8")
    assert [pair[0].condition.trial for pair in comparison.pairs] == [1, 2, 3]
    width = comparison.differences["width_ms"]
    assert (width.n_trials, width.mean, width.effect_size) == pytest.approx((3, 2, 2))
    assert comparison.differences["simple_spike_rate_Hz"].mean == 0


def test_each_level_is_compared_with_the_lowest(summarize):
    comparisons = compare_levels([summarize(level, 1) for level in (8, 4, 0)])
    assert [(c.first[-1], c.second[-1]) for c in comparisons] == [("0", "4"), ("0", "8")]


def test_cells_are_not_mixed(summarize):
    other = {"morphology": {"name": "other"}}
    summaries = [summarize(level, 1, level) for level in (0, 8)]
    summaries += [summarize(level, 1, level, **other) for level in (0, 8)]
    titles = [(c.first, c.second) for c in compare_levels(summaries)]
    assert titles == [
        ("CF synchrony 0, other", "CF synchrony 8, other"),
        ("CF synchrony 0, spiny_cell", "CF synchrony 8, spiny_cell"),
    ]


def test_other_seeds_and_repeated_trials_are_no_pairs(summarize):
    of_level_0 = summarize(0, 1)
    assert compare_levels([of_level_0, summarize(8, 1, seed=5)]) == []
    assert compare_levels([of_level_0, summarize(8, 1), summarize(8, 1, engine="neuron")]) == []


def test_measures_that_no_pair_has_are_left_out(summarize):
    (comparison,) = compare_levels([summarize(0, 1, traces=("soma_v",)), summarize(8, 1)])
    assert "width_ms" in comparison.differences
    assert "calcium_mean_nM" not in comparison.differences
