import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from cerebella.cli import results
from cerebella.errors import InputError, OutputExistsError
from cerebella.runs.level import LEVELS, level_of
from cerebella.runs.load import load_run

app = typer.Typer()
for command in (results.analyze, results.plot, results.export):
    app.command()(command)

KEYS = {
    "spike_times_ms",
    "simple_spike_rate_Hz",
    "complex_spike",
    "pause_ms",
    "calcium_mean_nM",
    "dendritic_spike_spread",
}


def call(*arguments):
    """Run a command; return its output, and pass on its exceptions."""
    result = CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(one) for one in arguments])
    if isinstance(result.exception, InputError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def two_levels(make_purkinje_run):
    """Trials 1 to 3 of levels 0 and 8, the latter with wider complex spikes and more calcium."""
    runs = []
    for trial in (1, 2, 3):
        runs.append(make_purkinje_run(f"sync0_{trial}", cf_sync=0, trial=trial))
        last = 170 + trial
        runs.append(
            make_purkinje_run(
                f"sync8_{trial}",
                trial=trial,
                spikelets_ms=(152, 155, 160, last),
                calcium_mM=0.004 + 1e-4 * trial,
            )
        )
    return [run.path for run in runs]


def test_a_run_is_a_table_and_its_spikes(make_purkinje_run):
    text = call("analyze", make_purkinje_run().path)
    for part in (
        "CF synchrony 8",
        "Simple spikes (Hz)       │           50.0",
        "Spikelets                │              4",
        "Complex spike width (ms) │           18.0",
        "Pause (ms)               │           70.0",
        "Compartments ≥ 5 µM      │              1",
        "50-150 ms",
        "150-190 ms",
        "Spikes at (ms): 60.00, 80.00",
    ):
        assert part in text, text


def test_the_json_of_a_run_has_the_documented_keys(make_purkinje_run):
    report = json.loads(call("analyze", make_purkinje_run().path, "--json"))
    assert report.keys() == KEYS
    assert report["spike_times_ms"][:2] == pytest.approx([60, 80])
    assert report["simple_spike_rate_Hz"] == pytest.approx(50)
    assert report["complex_spike"] == pytest.approx(
        {"n_spikelets": 4, "first_ms": 152, "last_ms": 170, "width_ms": 18}
    )
    assert report["pause_ms"] == pytest.approx(70)
    assert report["dendritic_spike_spread"] == 1


def test_what_was_not_recorded_is_null(make_purkinje_run):
    report = json.loads(call("analyze", make_purkinje_run(traces=()).path, "--json"))
    assert report.keys() == KEYS
    assert [key for key, value in report.items() if value is None] == [
        "complex_spike",
        "pause_ms",
        "calcium_mean_nM",
        "dendritic_spike_spread",
    ]
    assert "–" in call("analyze", make_purkinje_run("b", traces=()).path)


def test_a_complex_spike_that_did_not_come_has_no_times(make_purkinje_run):
    run = make_purkinje_run(spikelets_ms=())
    report = json.loads(call("analyze", run.path, "--json"))
    assert report["complex_spike"] == {
        "n_spikelets": 0,
        "first_ms": None,
        "last_ms": None,
        "width_ms": None,
    }


def test_levels_are_averaged_and_compared(two_levels):
    text = call("analyze", *two_levels)
    assert "CF synchrony 0 (3 runs)" in text
    assert "20.0 ± 0.6" in text  # widths 19, 20, 21 ms
    assert "CF synchrony 8 minus CF synchrony 0: 3 trials, paired" in text
    row = next(line for line in text.splitlines() if "+2.0" in line)
    for part in ("Complex spike width", "-0.5 … +4.5", "0.074", "+2.00"):
        assert part in row.replace("−", "-")
    assert "Simple spikes (Hz)       │          0 │" in text


def test_the_json_of_several_runs_has_conditions_comparisons_and_runs(two_levels):
    report = json.loads(call("analyze", *two_levels, "--json"))
    assert [one["cf_sync"] for one in report["conditions"]] == [0, 8]
    assert report["conditions"][1]["mean"]["width_ms"] == pytest.approx(20)
    (comparison,) = report["comparisons"]
    assert comparison["n_trials"] == 3
    assert comparison["differences"]["width_ms"]["mean"] == pytest.approx(2)
    assert comparison["differences"]["simple_spike_rate_Hz"]["p"] is None
    assert report["runs"][0].keys() > KEYS
    assert [run["trial"] for run in report["runs"]] == [1, 1, 2, 2, 3, 3]


def test_a_trial_that_lacks_a_value_is_counted_out(make_purkinje_run):
    runs = [make_purkinje_run("a"), make_purkinje_run("b", trial=2, traces=("soma_v",))]
    assert "(n = 1)" in call("analyze", *(run.path for run in runs))


def test_the_window_of_simple_spikes_may_be_chosen(make_purkinje_run):
    run = make_purkinje_run().path
    assert "230-280 ms" in call("analyze", run, "--window", "230-280")
    with pytest.raises(InputError, match="2 windows"):
        call("analyze", run, "--window", "50-100", "--window", "100-150")
    with pytest.raises(InputError, match="ends after the run"):
        call("analyze", run, "--window", "50-900")


@pytest.fixture
def two_fiber_spikes(make_purkinje_run):
    """A cell whose climbing fiber fires at 60 and at 151.7 ms."""
    return make_purkinje_run(
        simple_ms=(30, 45, 100, 120, 240, 260),
        spikelets_ms=(62, 65, 152, 155, 160, 170),
        cf_time_ms=60.0,
        stimuli=[{"kind": "cf", "times_ms": [60.0, 151.7]}],
    ).path


def test_each_spike_of_the_climbing_fiber_is_measured(two_fiber_spikes):
    text = call("analyze", two_fiber_spikes, "--event", "cf")
    assert "Purkinje cell, climbing fiber at 60 ms" in text
    assert "Purkinje cell, climbing fiber at 151.7 ms" in text
    assert text.count("Spikes at (ms)") == 1
    window = ("--window", "-40--10")
    report = json.loads(call("analyze", two_fiber_spikes, "--event", "cf", *window, "--json"))
    first, second = report["events"]
    assert (first["event_ms"], second["event_ms"]) == (60.0, 151.7)
    assert [one["complex_spike"]["n_spikelets"] for one in (first, second)] == [2, 4]
    assert [one["pause_ms"] for one in (first, second)] == pytest.approx([35, 70], abs=0.1)
    assert first["simple_spike_rate_Hz"] == pytest.approx(1000 / 15, rel=0.01)
    assert first["calcium_mean_nM"] < second["calcium_mean_nM"]
    (single,) = json.loads(call("analyze", two_fiber_spikes, "--event", "151.7", "--json"))[
        "events"
    ]
    assert single["complex_spike"] == second["complex_spike"]


def test_all_spikes_of_the_climbing_fiber_are_marked(two_fiber_spikes):
    figure = load_run(two_fiber_spikes).plot(event="cf")
    (voltage,) = (ax for ax in figure.axes if ax.get_ylabel() == "Soma voltage (mV)")
    (marks,) = (line for line in voltage.lines if line.get_marker() == "v")
    assert list(marks.get_xdata()) == [60.0, 151.7]
    assert voltage.get_xlim() == (0, 272)


def test_the_dendrite_takes_no_event(two_fiber_spikes):
    with pytest.raises(InputError, match="figure 'dendrite' does not take `event`"):
        call("plot", two_fiber_spikes, "--figure", "dendrite", "--event", "cf")


def test_export_writes_the_published_files_which_can_be_analyzed(make_purkinje_run, tmp_path):
    run = make_purkinje_run().path
    call("export", run, "--to", "npz", tmp_path / "out")
    stem = tmp_path / "out" / "pc_cf2_cf_29_pf_12_sync_8_trial_1"
    files = sorted((tmp_path / "out").iterdir())
    assert files == [stem.with_name(f"{stem.name}_{what}.npz") for what in ("ca", "somav")]
    back = load_run(files[0])
    assert list(back.traces) == ["soma_v", "calcium"]
    assert np.array_equal(back.traces["soma_v"].values, load_run(run).traces["soma_v"].values)
    ours, theirs = (json.loads(call("analyze", path, "--json")) for path in (run, files[1]))
    assert theirs["spike_times_ms"] == ours["spike_times_ms"]
    assert theirs["complex_spike"] == ours["complex_spike"]
    for key in ("pause_ms", "calcium_mean_nM", "dendritic_spike_spread"):
        assert theirs[key] == pytest.approx(ours[key])


def test_export_selects_the_default_format_and_does_not_overwrite(make_purkinje_run, tmp_path):
    run = make_purkinje_run(traces=("soma_v",)).path
    call("export", run, tmp_path)
    with pytest.raises(OutputExistsError, match="`force`"):
        call("export", run, tmp_path)
    call("export", run, tmp_path, "--force")
    with pytest.raises(InputError, match=r"not exported to csv\. Choose from npz, nwb"):
        call("export", run, "--to", "csv")
    with pytest.raises(InputError, match="recorded no traces"):
        call("export", make_purkinje_run("none", traces=()).path)


def test_export_writes_nwb(make_purkinje_run, tmp_path):
    pytest.importorskip("pynwb")
    run = make_purkinje_run("sync8").path
    call("export", run, tmp_path / "out", "--to", "nwb")
    assert (tmp_path / "out" / "sync8.nwb").stat().st_size > 100_000
    with pytest.raises(OutputExistsError, match="`force`"):
        call("export", run, tmp_path / "out", "--to", "nwb")


@pytest.mark.published
def test_the_published_recording_is_analyzed(published_folder):
    name = "pc_cf2_cf_29_pf_12_sync_8_trial_11_somav.npz"
    report = json.loads(call("analyze", published_folder("purkinje") / name, "--json"))
    assert report["complex_spike"]["n_spikelets"] == 6
    assert report["complex_spike"]["width_ms"] == pytest.approx(19.94)
    assert report["pause_ms"] == pytest.approx(70.6)
    assert report["calcium_mean_nM"] is None


@pytest.mark.parametrize(
    ("figure", "options"),
    [(None, []), ("levels", ["--figure", "levels"])]
    + [("dendrite", ["--figure", "dendrite", "--at", at]) for at in ("160", "0.16s")]
    + [("traces", ["--figure", "traces", "--place", "soma.v", "--place", "spiny[35um]"])],
)
def test_plot_draws_each_figure(two_levels, tmp_path, monkeypatch, figure, options):
    monkeypatch.chdir(tmp_path)
    call("plot", *two_levels, *options)
    assert (tmp_path / f"{figure or 'purkinje'}.png").stat().st_size > 5000


def test_plot_refuses_an_option_that_the_figure_does_not_take(two_levels):
    with pytest.raises(InputError, match=r"does not take `at_ms`\. It takes"):
        call("plot", *two_levels, "--figure", "levels", "--at", "160")


def test_plot_names_the_figure_after_the_run(make_purkinje_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = make_purkinje_run("sync8").path
    call("plot", run)
    call("plot", run, "--figure", "dendrite", "--at", "155", "--at", "160")
    assert (tmp_path / "sync8.png").is_file()
    assert (tmp_path / "sync8_dendrite.png").is_file()


def test_help_names_every_figure():
    text = call("plot", "--help")
    for kind in LEVELS:
        for name in level_of(kind).figures:
            assert name in text
