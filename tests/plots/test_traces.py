"""The figure of traces: rows of quantities, columns of conditions, lines of places."""

from __future__ import annotations

import numpy as np
import pytest

from cerebella.errors import InputError
from cerebella.plots.traces import plot_traces
from cerebella.results.spikes import Population, SpikeTrains
from cerebella.results.traces import Traces
from cerebella.runs.run import Run


def labels_of(ax):
    return [line.get_label() for line in ax.lines if line.get_label()[0] != "_"]


@pytest.fixture
def run(make_purkinje_run):
    """A run with the potential of the soma, calcium of 11 compartments and a probed gate."""
    made = make_purkinje_run()
    gate = Traces([0, 100.0, 200.0], [[0.1], [0.4], [0.2]], [10], ["soma"], [0.5], "n_kv3", "1")
    return made.replace(traces=dict(made.traces) | {"probe_n_kv3": gate})


def test_each_quantity_has_a_row_and_many_places_their_mean_and_range(run):
    figure = plot_traces(run)
    assert [ax.get_ylabel() for ax in figure.axes] == ["Potential\n(mV)", "Calcium\n(µM)", "n_kv3"]
    potential, calcium, gate = figure.axes
    assert labels_of(potential) == labels_of(gate) == ["soma"]
    assert labels_of(calcium) == ["mean of 11"]
    mean_uM = 1e3 * run.traces["calcium"].values.mean(axis=1)
    np.testing.assert_allclose(calcium.lines[0].get_ydata(), mean_uM, rtol=1e-6)
    assert len(calcium.collections) == 1


def test_a_place_shows_all_that_was_recorded_there(run):
    figure = plot_traces(run, "soma")
    assert [labels_of(ax) for ax in figure.axes] == [["soma"]] * 3
    figure = plot_traces(run, ["spiny", "soma.n_kv3"], window_ms=(50, 250))
    calcium, gate = figure.axes
    assert labels_of(calcium) == [f"spiny {um} µm" for um in (32, 38, 42, 39)]
    assert gate.lines[0].get_xdata().tolist() == [100, 200]
    assert gate.get_xlim() == (50, 250)


def test_places_at_the_same_distance_are_named_by_section_and_position(run):
    figure = plot_traces(run, "soma[0-20um].calcium")
    assert labels_of(figure.axes[0]) == ["soma(0.17)", "soma", "soma(0.83)"]


def test_conditions_stand_side_by_side_and_share_scales(make_purkinje_run):
    runs = [make_purkinje_run(cf_sync=level, trial=trial) for level in (8, 0) for trial in (2, 1)]
    figure = plot_traces(runs, "soma.v")
    assert [ax.get_title() for ax in figure.axes] == ["CF synchrony 0", "CF synchrony 8"]
    first, second = figure.axes
    assert first.get_ylim() == second.get_ylim()
    assert [text.get_text() for text in second.get_legend().get_texts()] == ["soma"]
    assert first.get_legend() is None


def test_the_climbing_fiber_is_marked_where_it_is_shown(run):
    shown, not_shown = plot_traces(run, "soma.v"), plot_traces(run, "soma.v", (10, 60))
    assert [len(figure.axes[0].lines) for figure in (shown, not_shown)] == [2, 1]


@pytest.fixture
def interneurons():
    """Potentials of 20 MLIs."""
    cells = (Population("MLI1", 0, 15), Population("MLI2", 15, 5))
    n = np.arange(20)
    values = np.tile(n - 60.0, (40, 1))
    voltage = Traces(0.025 * np.arange(40), values, n, ["soma"] * 20, [0.5] * 20)
    spikes = SpikeTrains([], [], cells, 1.0)
    return Run({"kind": "mli", "duration_ms": 1.0}, spikes=spikes, traces={"voltage": voltage})


def test_each_interneuron_has_a_row(interneurons):
    figure = plot_traces(interneurons, ["MLI1[3]", "MLI2[0-1]"])
    labels = [ax.get_ylabel() for ax in figure.axes]
    assert labels == [f"{cell}\nPotential (mV)" for cell in ("MLI1[3]", "MLI2[0]", "MLI2[1]")]
    assert figure.axes[1].lines[0].get_ydata()[0] == -45
    assert figure.axes[0].get_legend() is None


def test_too_many_rows_are_refused(interneurons):
    with pytest.raises(InputError, match=r"20 rows do not fit into one figure\. Choose some"):
        plot_traces(interneurons)


@pytest.mark.parametrize(
    ("places", "message"),
    [
        ("ais.v", r"ais\.v was not recorded in this run"),
        ("axon", "there is no place 'axon'"),
        ("soma.w", r"there is no place 'soma\.w'"),
    ],
)
def test_places_without_traces_are_refused(run, places, message):
    with pytest.raises(InputError, match=message):
        plot_traces(run, places)


def test_cells_that_do_not_exist_are_refused(interneurons):
    with pytest.raises(InputError, match=r"place 'MLI2\[7\]': the network has no such cell"):
        plot_traces(interneurons, "MLI2[7]")


def test_a_run_without_traces_is_refused(make_purkinje_run):
    with pytest.raises(InputError, match="no traces were recorded"):
        plot_traces(make_purkinje_run(traces=()))
