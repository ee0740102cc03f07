import json

import pytest
import typer
from typer.testing import CliRunner

from cerebella.cli import results
from cerebella.errors import InputError, OutputExistsError
from cerebella.results.sonata_spikes import write_spikes
from cerebella.runs.level import level_of
from cerebella.runs.load import load_spikes
from cerebella.runs.run import Run

app = typer.Typer()
for command in (results.analyze, results.plot, results.export):
    app.command()(command)


def call(*arguments):
    """Run a command; return its output, and pass on its exceptions."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if isinstance(result.exception, InputError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def make_run(tmp_path, small_spikes, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def make(name, cf_sync=8, trial=1, kind="mli", **more):
        manifest = {
            "kind": kind,
            "cerebella": "0",
            "network": {"name": "tiny"},
            "cf_sync": cf_sync,
            "trial": trial,
            "w2_pS": 70,
            "duration_ms": 200,
            **more,
        }
        return Run(manifest, spikes=small_spikes).save(tmp_path / name).path

    return make


def test_analyze_prints_a_table_for_each_condition(make_run):
    text = call("analyze", make_run("a", cf_sync=8), make_run("b", cf_sync=0))
    assert text.index("CF synchrony 0") < text.index("CF synchrony 8")
    for part in ("Window (ms)", "50-150", "MLI1", "MLI2 at 150-160 ms"):
        assert part in text
    assert "200-300" not in text  # the run ends at 200 ms


def test_analyze_gives_the_error_over_trials(make_run):
    text = call("analyze", make_run("a", trial=1), make_run("b", trial=2))
    assert "mean ± s.e.m. of 2 runs" in text
    assert "5.0 ± 0.0" in text


def test_analyze_averages_seeds_but_separates_parameters_and_names_them(make_run):
    paths = [
        make_run(
            f"{rate_Hz}_{seed}", seed=seed, parameters={"connections": {"pf_rate_Hz": rate_Hz}}
        )
        for rate_Hz in (4.0, 8.0)
        for seed in (0, 1)
    ]
    report = json.loads(call("analyze", *paths, "--json"))
    found = [(one["title"], one["n_runs"]) for one in report["conditions"]]
    assert found == [("CF synchrony 8, pf_rate_Hz 4", 2), ("CF synchrony 8, pf_rate_Hz 8", 2)]
    text = call("analyze", *paths)
    assert "CF synchrony 8, pf_rate_Hz 4: rates in Hz, mean ± s.e.m. of 2" in text


def test_analyze_gives_json(make_run):
    run = make_run("a")
    report = json.loads(call("analyze", run, "--json", "--window", "50-150", "--window", "150-152"))
    assert report["rates_Hz"]["MLI1"]["50-150"] == 5
    assert report["rates_Hz"]["CF"]["150-152"] == 500
    assert "sem_Hz" not in report
    assert report["runs"][0]["path"] == str(run)
    assert report["conditions"][0]["cf_sync"] == 8


def test_analyze_gives_each_run_and_the_error_in_json(make_run):
    paths = make_run("a", trial=1), make_run("b", trial=2)
    report = json.loads(call("analyze", *paths, "--json"))
    assert [run["trial"] for run in report["runs"]] == [1, 2]
    assert report["sem_Hz"]["MLI1"]["50-150"] == 0
    assert report["conditions"][0]["n_runs"] == 2


def test_windows_are_relative_to_an_event(make_run):
    run = make_run("a")
    windows = ("--window", "-20-0", "--window", "0-2")
    report = json.loads(call("analyze", run, "--event", "151", *windows, "--json"))
    ((condition,), (event,)) = report["conditions"], report["conditions"][0]["events"]
    assert condition["title"] == "CF synchrony 8"
    assert event["event_ms"] == 151
    absolute = ("--window", "131-151", "--window", "151-153")
    alone = json.loads(call("analyze", run, *absolute, "--json"))["rates_Hz"]
    assert {name: [*of.values()] for name, of in event["rates_Hz"].items()} == {
        name: [*of.values()] for name, of in alone.items()
    }
    assert list(event["rates_Hz"]["MLI1"]) == ["-20-0", "0-2"]


def test_default_windows_around_an_event_are_those_of_the_protocol(make_run):
    text = call("analyze", make_run("a"), "--event", "60ms")
    assert "CF synchrony 8, around 60 ms" in text
    for part in ("-60-0", "0-5", "10-20", "20-30", "60-70", "70-80"):
        assert part in text
    assert "50-150" not in text  # ends after the run


def test_spikes_of_all_fibers_are_a_volley(make_run):
    with pytest.raises(InputError, match="no 10 ms in which 25 %"):
        call("analyze", make_run("a"), "--event", "cf")  # the network has a single fiber


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--event", "x"), "--event 'x' is neither a time nor cf"),
        (("--event", "200"), "`event` at 200 ms is not within a"),
        (("--event", "60", "--window", "10--10"), "window 10--10 ms is empty or reversed"),
        (("--event", "60", "--window", "-70-0"), "window -70-0 ms around 60 ms is not within"),
        (("--event", "60", "--window", "x-0"), "window 'x-0' is not of the form A-B"),
    ],
)
def test_bad_events_are_refused(make_run, arguments, message):
    with pytest.raises(InputError, match=message):
        call("analyze", make_run("a"), *arguments)


def test_plot_shows_the_time_around_events(make_run, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "cerebella.plots.molecular_layer.window_to_draw",
        lambda asked, default, duration_ms: shown.append(asked) or asked,
    )
    run = make_run("a")
    call("plot", run, "--event", "100ms")
    call("plot", run, "--event", "150ms", "--window", "-20-10")
    assert shown == [(30, 200), (130, 160)]


def test_runs_of_the_loop_take_no_event():
    with pytest.raises(InputError, match="olivocerebellar loop take no `event`"):
        level_of("olive").summarize([], [], 60.0)
    with pytest.raises(InputError, match="olivocerebellar loop take no `event`"):
        level_of("olive").draw([], event=60.0)


@pytest.mark.parametrize("window", ["150", "160-150", "-5-10", "a-b", "150-", "150-900", ""])
def test_bad_windows_are_refused(make_run, window):
    with pytest.raises(InputError, match="window"):
        call("analyze", make_run("a"), "--window", window)


def test_a_window_may_be_typed_with_a_dash():
    assert results.parse_window("150–160.5") == (150, 160.5)


def test_a_run_given_twice_is_refused(make_run):
    with pytest.raises(InputError, match="given twice"):
        call("analyze", make_run("a"), "a")


def test_paths_other_than_runs_are_refused(make_run, tmp_path):
    for command in ("analyze", "plot", "export"):
        with pytest.raises(InputError, match="not a complete run"):
            call(command, tmp_path)


def test_plot_saves_beside_the_run_and_not_inside(make_run, tmp_path):
    run = make_run("a")
    files = sorted(run.iterdir())
    call("plot", run)
    assert (tmp_path / "a.png").is_file()
    assert sorted(run.iterdir()) == files


def test_plot_of_several_runs_has_a_name_of_its_own(make_run, tmp_path):
    call("plot", make_run("a", cf_sync=0), make_run("b"))
    assert (tmp_path / "molecular_layer.png").is_file()


def test_plot_names_the_file_after_the_requested_figure(make_run, tmp_path):
    call("plot", make_run("a"), "--figure", "molecular_layer")
    assert (tmp_path / "a_molecular_layer.png").is_file()
    with pytest.raises(InputError, match=r"no figure 'dendrite'.*Choose from molecular_layer"):
        call("plot", make_run("b"), "--figure", "dendrite")


def test_plot_takes_a_name_and_a_window(make_run, tmp_path):
    call("plot", make_run("a"), "--out", tmp_path / "f.svg", "--window", "140-170")
    assert "<text" in (tmp_path / "f.svg").read_text()


def test_plot_refuses_other_formats_before_it_reads(tmp_path):
    with pytest.raises(InputError, match=r"\.jpg"):
        call("plot", tmp_path / "nothing", "--out", "f.jpg")


def test_export_writes_the_published_name_and_format(make_run, tmp_path, small_spikes):
    call("export", make_run("a"), "--to", "csv", tmp_path / "out")
    path = tmp_path / "out" / "spk_tiny_cfsync_sync_8_w2_70_trial_1.csv"
    assert path.read_text().startswith("0.1,7\n")
    back = load_spikes(path, small_spikes.populations)
    assert back.gids.tolist() == small_spikes.gids.tolist()


def test_export_does_not_overwrite_unless_forced(make_run, tmp_path):
    run = make_run("a")
    call("export", run)
    with pytest.raises(OutputExistsError, match="`force`"):
        call("export", run)
    call("export", run, "--force")


def test_export_needs_a_folder_and_a_condition(make_run, tmp_path, small_spikes):
    with pytest.raises(InputError, match="not a folder"):
        call("export", make_run("a"), "spikes.csv")
    write_spikes(small_spikes, tmp_path / "s.h5")
    with pytest.raises(InputError, match="published name"):
        call("export", tmp_path / "s.h5")


@pytest.mark.parametrize("command", ["analyze", "plot", "export"])
def test_help_shows_an_example(command):
    assert f"Example: cerebella {command}" in call(command, "--help")


def test_runs_of_different_kinds_are_not_mixed(make_run):
    with pytest.raises(InputError, match=r"'mli'.*one kind at a time"):
        call("analyze", make_run("a"), make_run("b", kind="other"))


@pytest.mark.parametrize("command", ["analyze", "plot", "export"])
def test_a_kind_that_this_version_does_not_know_is_refused(make_run, command):
    with pytest.raises(InputError, match=r"kind 'other'.*Give runs of kind mli"):
        call(command, make_run("a", kind="other"))
